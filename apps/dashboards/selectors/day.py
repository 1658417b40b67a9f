"""Somebody's day: the minutes that are free in it, what was promised, what changed since yesterday, and the days ahead."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, Sum, TextField, Value
from django.db.models.functions import Cast, Concat, TruncDate

from apps.accounts.models import Account, Promise
from apps.accounts.types import PromiseState
from apps.core.actor import Actor
from apps.core.reading import Reading
from apps.events.models import Event
from apps.interventions import selectors as interventions
from apps.interventions.models import Holiday, Task, WorkingTime
from apps.interventions.types import TaskState

_AHEAD = 5
_PROMISES = 6
_CHANGES = 8
_LOOKED_AT = 400
# What of the last day is told, loudest first: type of event -> words for one with its bands, icon, tone.
_TOLD = {
    "account.churned": ("left", "logout", "bad"),
    "risk.raised": ("risk rose to {to_band}", "trending_up", "bad"),
    "health.band_changed": ("health is {to_band} now, was {from_band}", "monitor_heart", "calm"),
    "message.replied": ("answered", "reply", "good"),
    "task.escalated": ("a task went up to the {level}", "stairs", "warn"),
    "risk.lowered": ("risk fell to {to_band}", "trending_down", "good"),
}


@dataclass(frozen=True)
class Day:
    """The day a plan is for. Minutes: `capacity` as the person set it, `done` today, `at_work` left by their hours, `free` what is left of both."""

    on: date
    today: bool
    capacity: int
    done: int
    at_work: int
    hours: str
    until: str

    @property
    def free(self) -> int:
        return max(0, min(self.capacity - self.done, self.at_work))

    @property
    def words(self) -> str:
        return "today" if self.today else f"on {self.on:%A, %-d %B}"


def day(user: Any, *, now: datetime) -> Reading[Day]:
    """`now` is told in the reader's zone."""
    found = WorkingTime.objects.filter(user=user)
    free = Holiday.objects.filter(Q(team__isnull=True) | Q(team=user.team_id), day__gte=now.date() - timedelta(days=2)).values_list("day", flat=True)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    done = Task.objects.filter(closed_at__gte=midnight, closed_at__lte=now, closed_by=str(Actor.user(user)), state=TaskState.DONE)
    minutes = done.order_by().values("closed_by").annotate(all=Sum("minutes")).values_list("all", flat=True)
    yield found, free, minutes
    own = next(iter(found), None)
    hours = interventions.calendars.made(user, own, free)
    on, at_work = interventions.worktime.day_to_plan(now, hours)
    today = on == now.date()
    return Day(
        on=on,
        today=today,
        capacity=own.capacity_minutes if own else interventions.calendars.DEFAULT_CAPACITY,
        done=next(iter(minutes), 0) if today else 0,
        at_work=int(at_work),
        hours=f"{hours.begins:%H:%M} to {hours.ends:%H:%M}",
        until=f"{hours.ends:%H:%M}",
    )


def promises(user: Any, *, now: datetime) -> Reading[list[Promise]]:
    """Open promises of this person's that are due by today, and those customers made to them; the oldest first."""
    rows = Promise.objects.filter(owner=user, state=PromiseState.OPEN, due_on__lte=now.date()).select_related("account").order_by("due_on", "id")
    rows = rows[:_PROMISES]
    yield rows
    return list(rows)


@dataclass(frozen=True)
class Change:
    """Something that became different since yesterday morning; `more` other times of the same account and kind are not told."""

    at: datetime
    account_id: int
    account: str
    words: str
    icon: str
    tone: str
    more: int


def since_yesterday(user: Any, *, now: datetime) -> Reading[list[Change]]:
    """Of the reader's book, since the beginning of yesterday: the newest of each account and kind, loudest kinds first."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    events = Event.objects.filter(type__in=_TOLD)
    if not user.sees_everything:
        subject = Concat(Value("account:"), Cast("pk", TextField()), output_field=TextField())
        events = events.filter(subject__in=Account.objects.for_user(user).values_list(subject))
    # Newest first along the index; there is none by time.
    newest_rows = events.order_by("-id")[:_LOOKED_AT]
    yield newest_rows
    rows = [row for row in newest_rows if since <= row.at <= now]
    newest: dict[tuple[str, int], Event] = {}
    counts: Counter[tuple[str, int]] = Counter()
    for row in rows:
        key = (row.type, int(row.payload["account_id"]))
        counts[key] += 1
        newest.setdefault(key, row)
    loud = list(_TOLD)
    chosen = sorted(newest, key=lambda key: (loud.index(key[0]), -newest[key].pk))[:_CHANGES]
    names = Account.objects.filter(pk__in={account_id for _, account_id in chosen}).values_list("pk", "name")
    yield names
    called = dict(names)
    changes = []
    for key in chosen:
        words, icon, tone = _TOLD[key[0]]
        row = newest[key]
        said = words.format_map({"to_band": "", "from_band": "", "level": "", **row.payload})
        changes.append(Change(row.at, key[1], called.get(key[1], "an account"), said, icon, tone, counts[key] - 1))
    return changes


@dataclass(frozen=True)
class Ahead:
    """One of the next days: minutes of tasks that are due, promises, renewals; `free_day` names a holiday."""

    on: date
    minutes: int
    tasks: int
    promises: int
    renewals: int
    free_day: str
    full: bool


def strip(user: Any, *, now: datetime) -> Reading[list[Ahead]]:
    """The next five weekdays from today on."""
    days = [day for ahead in range(9) if (day := now.date() + timedelta(days=ahead)).weekday() < 5][:_AHEAD]
    first, last = (datetime.combine(day, time(), now.tzinfo) for day in (days[0], days[-1] + timedelta(days=1)))
    tasks = (
        Task.objects.waiting()
        .of(user)
        .filter(due_at__gte=first, due_at__lt=last)
        .annotate(day=TruncDate("due_at", tzinfo=now.tzinfo))
        .order_by()
        .values_list("day")
        .annotate(minutes=Sum("minutes"), count=Count("pk"))
    )
    promised = (
        Promise.objects.filter(owner=user, state=PromiseState.OPEN, due_on__in=days).order_by().values_list("due_on").annotate(count=Count("pk"))
    )
    renewing = Account.objects.filter(owner=user, renews_on__in=days).at_risk().order_by().values_list("renews_on").annotate(count=Count("pk"))
    free = Holiday.objects.filter(Q(team__isnull=True) | Q(team=user.team_id), day__in=days).values_list("day", "name")
    capacity = WorkingTime.objects.filter(user=user).values_list("capacity_minutes", flat=True)
    yield tasks, promised, renewing, free, capacity
    room = next(iter(capacity), interventions.calendars.DEFAULT_CAPACITY)
    asked = {on: (minutes, count) for on, minutes, count in tasks}
    kept, renews, holidays = dict(promised), dict(renewing), dict(free)
    ahead = []
    for on in days:
        minutes, count = asked.get(on, (0, 0))
        ahead.append(Ahead(on, minutes, count, kept.get(on, 0), renews.get(on, 0), holidays.get(on, ""), minutes > room))
    return ahead
