"""An agreed action as a number that can be read: what it was before, what it is 7 and 30 days after the session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Sum

from apps.accounts.models import Account, DailyRollup
from apps.milestones.models import Progress
from apps.milestones.types import ProgressState

from ..models import Goal, GoalReading, Session
from ..session_types import READ_AFTER, Measure

_WEEKS_BEFORE = 4


@dataclass(frozen=True)
class Told:
    """A number in its unit, for people."""

    value: float
    measure: str

    def __str__(self) -> str:
        figure = f"{self.value:.1f}".removesuffix(".0")
        if self.measure == Measure.MILESTONE:
            return "reached" if self.value else "not reached"
        if self.measure == Measure.SEATS:
            return f"{figure} % of the seats"
        return f"{figure} {'days' if self.measure == Measure.DAYS else 'times'} a week"


def value(account: Account, measure: str, name: str, *, since: date, until: date) -> float:
    """What was done on the whole days (UTC) from `since` to before `until`, by week; seats are those of today, a milestone is 1 once reached."""
    if measure == Measure.SEATS:
        return 100.0 * (account.seats_used or 0) / account.seats if account.seats else 0.0
    if measure == Measure.MILESTONE:
        edge = datetime.combine(until, time(), UTC)
        rows = Progress.objects.filter(account=account, milestone__key=name, state=ProgressState.ACHIEVED, achieved_at__lt=edge)
        return float(rows.exists())
    days = DailyRollup.objects.filter(account=account, day__gte=since, day__lt=until)
    if measure == Measure.ACTIVITY:
        days = days.filter(name=name)
    counted = days.order_by().aggregate(acts=Sum("count"), days=Count("day", distinct=True))
    found = counted["days"] if measure == Measure.DAYS else counted["acts"]
    return float(found or 0) * 7 / max((until - since).days, 1)


def baseline(account: Account, measure: str, name: str, *, now: datetime) -> float:
    """The four weeks before today."""
    return value(account, measure, name, since=now.date() - timedelta(weeks=_WEEKS_BEFORE), until=now.date())


def readings(goal: Goal, *, ended_at: datetime) -> list[GoalReading]:
    """The rows that will be read: each when its last whole day (UTC) is over."""
    first = ended_at.astimezone(UTC).date() + timedelta(days=1)
    return [GoalReading(goal=goal, days=days, due_at=datetime.combine(first + timedelta(days=days), time(), UTC)) for days in READ_AFTER]


def read(row: GoalReading) -> tuple[float, bool]:
    """What the goal stands at over the days of this reading, and whether that is enough."""
    goal, session = row.goal, row.goal.session
    assert session.ended_at is not None
    first = session.ended_at.astimezone(UTC).date() + timedelta(days=1)
    found = value(session.account, goal.measure, goal.name, since=first, until=first + timedelta(days=row.days))
    return found, found >= goal.target


def in_words(goal: Goal) -> str:
    """At least 3 times a week “report.viewed”, read after 30 days (before: 0.5 times a week)."""
    what = f" “{goal.name}”" if goal.name else ""
    before = "" if goal.baseline is None or goal.measure == Measure.MILESTONE else f" (before: {Told(goal.baseline, goal.measure)})"
    if goal.measure == Measure.MILESTONE:
        return f"Milestone{what} reached within {goal.within_days} days"
    return f"At least {Told(goal.target, goal.measure)}{what}, read after {goal.within_days} days{before}"


def of(sessions: Iterable[Session]) -> dict[int, list[GoalReading]]:
    """Readings by session, in the order of their days."""
    found: dict[int, list[GoalReading]] = {}
    for row in GoalReading.objects.filter(goal__session__in=[one.pk for one in sessions]).select_related("goal").order_by("days"):
        found.setdefault(row.goal.session_id, []).append(row)
    return found
