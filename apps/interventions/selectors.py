from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from apps.accounts.models import ActivityEvent, DailyRollup
from apps.churn.types import Band

from .models import Enrolment, Play
from .types import PlayState

_BASELINE_WEEKS = 8


def plays_for_risk(band: str) -> list[Play]:
    """Live plays that a rise into this band starts. One trigger so far: a risk that became high."""
    return list(Play.objects.filter(state=PlayState.LIVE)) if band == Band.HIGH else []


def weekly_baseline(account_id: int, now: datetime) -> float:
    """The account's own pattern: activity events per week over the 8 weeks before today."""
    days = DailyRollup.objects.filter(account_id=account_id, day__gte=now.date() - timedelta(weeks=_BASELINE_WEEKS), day__lt=now.date())
    return (days.aggregate(total=Sum("count"))["total"] or 0) / _BASELINE_WEEKS


def goal_open(account_ids: Sequence[int], now: datetime) -> QuerySet[Enrolment]:
    """Runs, also ended ones, whose goal can still be reached."""
    return Enrolment.objects.filter(account__in=account_ids, goal_met_at__isnull=True, window_ends_at__gt=now).select_related("play")


def has_recovered(enrolment: Enrolment, now: datetime) -> bool:
    """Activity since entry, within the last seven days, is at the goal's share of the baseline (at least one event)."""
    since = max(enrolment.entered_at, now - timedelta(days=7))
    seen = ActivityEvent.objects.filter(account_id=enrolment.account_id, at__gt=since, at__lte=now).count()
    return seen >= max(1.0, enrolment.baseline * enrolment.play.goal_recovery_percent / 100)


# Parts of this module's face: when people work, what a task is worth, and which tasks fit into a day.
from . import calendars, ranking, worktime, worth  # noqa: E402, F401  isort:skip
