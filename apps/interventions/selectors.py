from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from apps.accounts.models import ActivityEvent, DailyRollup
from apps.messaging.types import Channel

from . import impact  # noqa: F401  (part of this module's face)
from .conditions import in_words
from .definition import (
    AUTO,
    AnyStep,
    BranchStep,
    MessageStep,
    OnEvent,
    Recovers,
    TaskStep,
    UpdateStep,
    WaitForStep,
    WaitStep,
    WatchStep,
    WebhookStep,
)
from .models import Enrolment, Play
from .types import PlayState

_BASELINE_WEEKS = 8


def plays_for_risk(band: str) -> list[Play]:
    """Live plays that a rise into this band starts."""
    plays = Play.objects.filter(state=PlayState.LIVE, starts_on="event:risk.raised").select_related("current")
    return [play for play in plays if isinstance(on := play.says.trigger, OnEvent) and on.when.get("to_band", band) == band]


def weekly_baseline(account_id: int, now: datetime) -> float:
    """The account's own pattern: activity events per week over the 8 weeks before today."""
    days = DailyRollup.objects.filter(account_id=account_id, day__gte=now.date() - timedelta(weeks=_BASELINE_WEEKS), day__lt=now.date())
    return (days.aggregate(total=Sum("count"))["total"] or 0) / _BASELINE_WEEKS


def goal_open(account_ids: Sequence[int], now: datetime) -> QuerySet[Enrolment]:
    """Runs, also ended ones, whose goal can still be reached."""
    return Enrolment.objects.filter(account__in=account_ids, goal_met_at__isnull=True, window_ends_at__gt=now).select_related("play", "version")


def has_recovered(enrolment: Enrolment, now: datetime) -> bool:
    """Activity since entry, within the last seven days, is at the goal's share of the baseline (at least one event)."""
    reached = enrolment.says.goal.reached
    if not isinstance(reached, Recovers):
        return False
    since = max(enrolment.entered_at, now - timedelta(days=7))
    seen = ActivityEvent.objects.filter(account_id=enrolment.account_id, at__gt=since, at__lte=now).count()
    return seen >= max(1.0, enrolment.baseline * reached.percent / 100)


def step_in_words(step: AnyStep) -> str:
    """What a step does, as a list of steps tells it."""
    match step:
        case MessageStep():
            channel = "Message on the best channel" if step.channel == AUTO else f"{Channel(step.channel).label} message"
            return f"{channel[:1].upper()}{channel[1:]}: “{step.template.replace('-', ' ')}”"
        case WaitStep():
            return f"Wait {lasting(timedelta(minutes=step.minutes))}"
        case WaitForStep():
            what = step.event.removeprefix("activity:").replace("_", " ")
            return f"Wait for {what}, at most {lasting(timedelta(minutes=step.minutes))}"
        case BranchStep():
            return " · ".join(f"If {in_words(case.when)}: {case.go}" for case in step.cases)
        case TaskStep():
            return f"Task for the success manager: {step.title}"
        case UpdateStep():
            return f"Set {step.trait} to {step.value}"
        case WebhookStep():
            return f"Tell webhooks “{step.name}”"
        case WatchStep():
            return "Watch for the goal until its window ends"
        case _:
            return "End"


def lasting(length: timedelta) -> str:
    """A length of time in its largest unit: 2 days, 1.5 hours."""
    minutes = length.total_seconds() / 60
    for size, name in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = round(minutes / size, 1)
            return f"{count:g} {name}{'' if count == 1 else 's'}"
    return f"{round(minutes * 60):d} seconds"
