"""An account's story, newest first: activity by day and name, messages, alerts, plays' steps, tasks, risk changes, and what was said (said.py)."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.text import capfirst

from apps.accounts.models import Account, DailyRollup
from apps.alerts.models import Alert
from apps.alerts.types import AlertState
from apps.churn.types import Band
from apps.core.reading import Reading, gather
from apps.events.models import Event
from apps.interventions.models import Enrolment, StepRecord, Task
from apps.interventions.types import Arm, EnrolmentState, ExitReason, TaskState
from apps.messaging.models import Message
from apps.messaging.types import MessageState

from ..types import SEVERITY_WORDS, Kind, Moment, Pill
from . import changed, growth, said
from .chain import ICONS, TONES

PAGE = 40
# How far words are looked for at once.
REACH = 400
SEVERITY_TONE = {"urgent": "bad", "warning": "warn", "info": "info"}


@dataclass(frozen=True)
class Sought:
    """What of the story is wanted: a kind, words, a channel; empty parts want everything."""

    kind: str = ""
    words: str = ""
    channel: str = ""


Reader = Callable[[Account, datetime, int], Reading[list[Moment]]]


def page(account: Account, *, before: datetime, kind: str = "", sought: Sought | None = None) -> Reading[tuple[list[Moment], datetime | None]]:
    """Up to a page of moments earlier than `before`, and where the next page begins (None at the start of the story).

    Words and channels are looked for among the next 400 moments; the next page goes on behind those.
    """
    sought = sought or Sought(kind=kind)
    limit = REACH if sought.words or sought.channel else PAGE
    chosen = [_KINDS[sought.kind]] if sought.kind in _KINDS else list(_KINDS.values())
    if sought.channel and not sought.kind:
        chosen = [_KINDS[Kind.MESSAGE], _KINDS[Kind.NOTE]]
    told = yield from gather(*(reader(account, before, limit + 1) for reader in chosen))
    moments = sorted((moment for some in told for moment in some), key=lambda moment: moment.at, reverse=True)
    older = None
    if len(moments) > limit:
        older = moments[limit - 1].at
        # Moments of the same instant stay together, because the next page begins strictly before it.
        moments = [moment for moment in moments if moment.at >= older]
    if sought.words or sought.channel:
        moments = [moment for moment in moments if moment.speaks_of(sought.words) and sought.channel in ("", moment.channel)]
    return moments, older


def by_day(moments: list[Moment], zone: ZoneInfo) -> list[tuple[Any, list[Moment]]]:
    """Grouped by the reader's day; a whole day of activity stands at the end of its day."""
    days = groupby(moments, key=lambda moment: moment.at.date() if moment.whole_day else moment.at.astimezone(zone).date())
    merged: dict[Any, list[Moment]] = defaultdict(list)
    for day, items in days:
        merged[day].extend(items)
    return sorted(merged.items(), reverse=True)


def _activity(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    """A day is one moment, told at its first instant (UTC, as rollups are kept)."""
    days = DailyRollup.objects.filter(account=account, day__lt=_day_after(before)).order_by("-day").values("day").distinct()[:limit]
    rows = (
        DailyRollup.objects.filter(account=account, day__in=days)
        .values_list("day", "name")
        .annotate(events=Sum("count"))
        .order_by("-day", "-events", "name")
    )
    yield rows
    counts: dict[Any, list[tuple[str, int]]] = defaultdict(list)
    for day, name, events in rows:
        counts[day].append((name, events))
    return [
        Moment(
            at=datetime(day.year, day.month, day.day, tzinfo=before.tzinfo),
            kind=Kind.ACTIVITY,
            icon="bolt",
            title=_actions(sum(events for _, events in counts[day])),
            chips=tuple(counts[day][:8]),
            detail=f"and {len(counts[day]) - 8} other kinds" if len(counts[day]) > 8 else "",
            whole_day=True,
        )
        for day in counts
    ]


def _actions(count: int) -> str:
    return f"{count:,} action{'' if count == 1 else 's'} in the product"


def _day_after(before: datetime) -> Any:
    """Rollup days whose first instant is earlier than `before`."""
    return before.date() if (before.hour, before.minute, before.second, before.microsecond) == (0, 0, 0, 0) else before.date() + timedelta(days=1)


def _messages(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    rows = Message.objects.filter(account=account, created_at__lt=before).select_related("contact").order_by("-id")[:limit]
    yield rows
    moments = []
    for row in rows:
        known = MessageState.SENT if row.state == MessageState.REPLIED and row.replied_at and row.replied_at >= before else MessageState(row.state)
        pill = Pill(known.label, TONES.get(known, "calm"))
        to = f"{capfirst(row.get_channel_display())} to {row.contact}"
        at = row.sent_at if row.sent_at and row.sent_at < before else row.created_at
        icon = ICONS.get(row.channel, "mail")
        detail = " · ".join(part for part in (to, row.reason) if part)
        moments.append(
            Moment(
                at,
                Kind.MESSAGE,
                icon,
                row.subject,
                detail,
                pill,
                f"/delivery/contacts/{row.contact_id}/?message={row.pk}#m{row.pk}",
                channel=row.channel,
            )
        )
        if row.replied_at and row.replied_at < before:
            moments.append(
                Moment(row.replied_at, Kind.MESSAGE, "reply", f"{row.contact} replied", row.reply[:600], Pill("replied", "good"), channel=row.channel)
            )
    return moments


def _alerts(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    rows = Alert.objects.filter(account=account, opened_at__lt=before).order_by("-opened_at")[:limit]
    yield rows
    moments = []
    for row in rows:
        detail = " · ".join(str(words) for words in row.why)
        pill = Pill(SEVERITY_WORDS[row.severity], SEVERITY_TONE[row.severity])
        moments.append(Moment(row.opened_at, Kind.ALERT, "notifications", f"Alert: {row.title}", detail, pill))
        if row.acknowledged_at and row.acknowledged_at < before:
            moments.append(Moment(row.acknowledged_at, Kind.ALERT, "visibility", "Alert acknowledged", row.title))
        if row.state == AlertState.RESOLVED and row.resolved_at and row.resolved_at < before:
            how = "Alert settled by itself" if row.by_itself else "Alert resolved"
            moments.append(Moment(row.resolved_at, Kind.ALERT, "check_circle", how, row.title, Pill("resolved", "good")))
    return moments


def _plays(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    runs = Enrolment.objects.filter(account=account, entered_at__lt=before).select_related("play").order_by("-id")[:limit]
    steps = StepRecord.objects.filter(enrolment__account=account, at__lt=before).order_by("-at", "-id")[:limit]
    yield runs, steps
    moments = []
    for run in runs:
        held = run.arm == Arm.HELD_OUT
        words = f"Held out of “{run.play.name}”" if held else f"Play “{run.play.name}” began"
        why = "Chosen by chance to get no treatment, so that the play's effect can be measured." if held else run.play.why
        moments.append(Moment(run.entered_at, Kind.PLAY, "science" if held else "play_circle", words, why))
        if run.state == EnrolmentState.ENDED and run.ended_at and run.ended_at < before:
            tone = "good" if run.exit_reason in (ExitReason.GOAL, ExitReason.REPLIED) else "calm"
            moments.append(
                Moment(run.ended_at, Kind.PLAY, "stop_circle", f"“{run.play.name}” ended", run.get_exit_reason_display(), Pill(run.exit_reason, tone))
            )
    moments += [Moment(step.at, Kind.PLAY, "footprint", step.what, f"Step {step.position + 1}") for step in steps]
    return moments


def _tasks(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    tasks = Task.objects.filter(account=account, created_at__lt=before).select_related("owner").order_by("-id")[:limit]
    yield tasks
    moments = []
    for task in tasks:
        owner = f"for {task.owner}" if task.owner else "for nobody yet"
        moments.append(Moment(task.created_at, Kind.TASK, "task_alt", f"Task: {task.title}", " · ".join(part for part in (owner, task.why) if part)))
        if task.state != TaskState.OPEN and task.closed_at and task.closed_at < before:
            done = task.state == TaskState.DONE
            words = "Task done" if done else "Task dropped"
            detail = " · ".join(part for part in (task.title, task.outcome) if part)
            moments.append(
                Moment(
                    task.closed_at,
                    Kind.TASK,
                    "done_all" if done else "block",
                    words,
                    detail,
                    Pill(task.get_state_display(), "good" if done else "calm"),
                )
            )
    return moments


def _risk(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    told = Event.objects.filter(subject=f"account:{account.pk}", type__in=["risk.raised", "risk.lowered", "account.churned"], at__lt=before)
    rows = told.order_by("-at")[:limit]
    yield rows
    moments = []
    for row in rows:
        if row.type == "account.churned":
            moments.append(Moment(row.at, Kind.RISK, "logout", "The customer left", "", Pill("churned", "bad")))
            continue
        up = row.type == "risk.raised"
        band = row.payload.get("to_band", "low")
        word = Band(band).label if band in Band.values else str(band)
        score = round(float(row.payload.get("probability", 0)) * 100)
        moments.append(
            Moment(row.at, Kind.RISK, "trending_up" if up else "trending_down", f"Risk {'rose' if up else 'fell'} to {word}", f"Score {score} of 100")
        )
    return moments


# A new kind of moment is its reader here and its word in types.Kind.
_KINDS: dict[str, Reader] = {
    Kind.ACTIVITY: _activity,
    Kind.MESSAGE: _messages,
    Kind.ALERT: _alerts,
    Kind.PLAY: _plays,
    Kind.TASK: _tasks,
    Kind.RISK: _risk,
    Kind.MILESTONE: growth.milestones,
    Kind.COACHING: growth.coaching,
    Kind.NOTE: said.notes,
    Kind.TICKET: said.tickets,
    Kind.SURVEY: said.surveys,
    Kind.BILLING: said.invoices,
    Kind.CHANGE: changed.fields,
}
