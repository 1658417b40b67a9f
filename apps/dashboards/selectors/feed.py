"""What happened, in words, newest first."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import Account, ActivityEvent
from apps.churn.types import Band, RunState
from apps.events.models import Event
from apps.interventions.models import Play
from apps.interventions.types import ExitReason
from apps.messaging.types import Channel

from ..types import SEVERITY_WORDS
from . import growth, happenings
from .deeds import in_words

# A reader of a small book needs few rows, found by subject; a reader of everything takes the newest rows as they come.
_SUBJECT = re.compile(r"account:(\d+)$")
_ACTIVITY = "activity.received"
# What follows from something that is told anyway, or names nobody.
UNTOLD = ("consent.changed", "metrics.moved", "risk.scored", "health.changed", "milestone.moved", "play.called", "alert.called")
# Activity is told once per batch, so a small book's share of it is looked for among the newest batches of everybody.
_BATCHES = 200
# A deed that came later than this after it happened is not named, only counted.
_LATE = timedelta(days=3)


@dataclass(frozen=True)
class Line:
    id: int
    at: datetime
    icon: str
    tone: str
    account_id: int | None
    account: str
    words: str


def newest(user: Any, *, limit: int) -> list[Line]:
    rows = Event.objects.order_by("-id").exclude(type__in=UNTOLD)
    if user.sees_everything:
        events = list(rows[:limit])
        about = {row.pk: _active(row) for row in events if row.type == _ACTIVITY}
    else:
        book = set(Account.objects.for_user(user).values_list("pk", flat=True))
        batches = rows.filter(type=_ACTIVITY)[:_BATCHES]
        about = {row.pk: mine for row in batches if (mine := _active(row) & book)}
        told = rows.filter(subject__in=[f"account:{pk}" for pk in book]).exclude(type=_ACTIVITY)[:limit]
        events = sorted([*told, *(row for row in batches if row.pk in about)], key=lambda row: -row.pk)[:limit]
    ids = {int(found[1]) for row in events if (found := _SUBJECT.match(row.subject))}
    alone = {row: next(iter(mine)) for row in events if len(mine := about.get(row.pk, set())) == 1}
    names = dict(Account.objects.filter(pk__in=ids | set(alone.values())).values_list("pk", "name"))
    plays = dict(Play.objects.values_list("key", "name")) | growth.names()
    done = _deeds(alone)
    return [
        _batch(row, about[row.pk], names, done, yours=not user.sees_everything) if row.type == _ACTIVITY else _line(row, names, plays)
        for row in events
    ]


def _active(row: Event) -> set[int]:
    """The accounts of a batch; older rows told one account each."""
    return set(row.payload.get("account_ids") or [row.payload["account_id"]])


def _deeds(alone: dict[Event, int]) -> dict[tuple[int, datetime], list[str]]:
    """What one account did in a batch, newest first, in one walk of the timeline's index for all rows."""
    if not alone:
        return {}
    rows = ActivityEvent.objects.filter(
        account__in=set(alone.values()), received_at__in={row.at for row in alone}, at__gte=min(row.at for row in alone) - _LATE
    ).order_by("-at", "-id")
    done: dict[tuple[int, datetime], list[str]] = defaultdict(list)
    for account_id, received_at, name, person in rows.values_list("account_id", "received_at", "name", "contact__name"):
        done[account_id, received_at].append(in_words(name) + (f" ({person})" if person else ""))
    return done


def event_words(row: Event, plays: Mapping[str, str]) -> tuple[str, str, str]:
    """Icon, tone and words of an event that was the cause of something."""
    icon, tone, words = _said(row, dict(plays))
    return icon, tone, f"The account {words}" if _SUBJECT.match(row.subject) else words


def _said(row: Event, plays: dict[str, str]) -> tuple[str, str, str]:
    # Types of earlier releases have no words any more.
    icon, tone, say = WORDS.get(row.type, ("circle", "calm", lambda *_: row.type.replace(".", " ")))
    words = say(row.payload, plays)
    # An alert of no account is about the platform itself.
    return icon, tone, f"The platform {words}" if row.subject.startswith("alert:") else words


def _batch(row: Event, mine: set[int], names: dict[int, str], done: dict[tuple[int, datetime], list[str]], *, yours: bool) -> Line:
    """One line per batch: what the one account did, or how many were active."""
    icon, tone, _ = WORDS[_ACTIVITY]
    if len(mine) != 1:
        return Line(row.pk, row.at, icon, tone, None, "", f"{len(mine):,} {'of your ' if yours else ''}accounts were active")
    (account_id,) = mine
    deeds = done.get((account_id, row.at), [])
    words = deeds[0] + (f" and did {len(deeds) - 1} more" if len(deeds) > 1 else "") if deeds else "was active"
    name = names.get(account_id, "")
    return Line(row.pk, row.at, icon, tone, account_id if name else None, name, words)


def _line(row: Event, names: dict[int, str], plays: dict[str, str]) -> Line:
    found = _SUBJECT.match(row.subject)
    account_id = int(found[1]) if found else None
    icon, tone, words = _said(row, plays)
    name = names.get(account_id, "") if account_id else ""
    return Line(row.pk, row.at, icon, tone, account_id if name else None, name, words)


def _band(payload: dict[str, Any]) -> str:
    band = str(payload.get("to_band", ""))
    return Band(band).label if band in Band.values else band


def _ended(payload: dict[str, Any], plays: dict[str, str]) -> str:
    reason = str(payload.get("reason", ""))
    return f"ended “{_play(payload, plays)}”: {ExitReason(reason).label if reason in ExitReason.values else reason}"


def _play(payload: dict[str, Any], plays: dict[str, str]) -> str:
    key = str(payload.get("play_key", ""))
    return plays.get(key, key)


def _entered(payload: dict[str, Any], plays: dict[str, str]) -> str:
    return f"{'is held out of' if payload.get('arm') == 'held_out' else 'entered'} “{_play(payload, plays)}”"


_AN: dict[str, str] = {
    Channel.EMAIL: "an email",
    Channel.IN_APP: "an in-app message",
    Channel.SMS: "an SMS",
    Channel.WHATSAPP: "a WhatsApp message",
    Channel.VOICE: "a voice call",
    Channel.PUSH: "a push message",
}


def _channel(payload: dict[str, Any]) -> str:
    return _AN.get(str(payload.get("channel", "")), "a message")


# What happened to an alert where its state does not say it.
_ALERT_DEEDS = {"assigned": "given to somebody", "woke": "that woke up", "settled": "settled by itself", "reopened": "opened again"}


def _changed(payload: dict[str, Any], plays: dict[str, str]) -> str:
    return f"has an alert {_ALERT_DEEDS.get(str(payload.get('deed', '')), payload.get('state', 'changed'))}"


def _alert(payload: dict[str, Any], plays: dict[str, str]) -> str:
    return f"has a new alert: {SEVERITY_WORDS.get(str(payload.get('severity', '')), 'to know')}"


_Words = Callable[[dict[str, Any], dict[str, str]], str]
WORDS: dict[str, tuple[str, str, _Words]] = {
    **growth.WORDS,
    **happenings.WORDS,
    "activity.received": ("bolt", "calm", lambda p, _: "was active"),
    "import.finished": ("upload_file", "info", lambda p, _: f"An import of {p.get('rows', 0):,} rows ({p.get('kind', '')}) finished"),
    "risk.raised": ("trending_up", "bad", lambda p, _: f"rose to {_band(p)} risk ({round(100 * float(p.get('probability', 0)))} of 100)"),
    "risk.lowered": ("trending_down", "good", lambda p, _: f"fell to {_band(p)} risk ({round(100 * float(p.get('probability', 0)))} of 100)"),
    "health.band_changed": ("vital_signs", "calm", lambda p, _: f"is in {p.get('to_band', '')} health, before in {p.get('from_band', '')}"),
    "model.put_to_work": ("model_training", "info", lambda p, _: f"The churn model {p.get('name', '')} is at work"),
    "model.broken": ("error", "bad", lambda p, _: f"The churn model {p.get('name', '')} is broken; the weighted rule scores"),
    "training.ended": ("model_training", "calm", lambda p, _: f"A churn training is {RunState(p.get('state', 'done')).label}"),
    "play.entered": ("play_circle", "info", _entered),
    "play.ended": ("stop_circle", "calm", _ended),
    "task.opened": ("task_alt", "info", lambda p, _: f"has a new task: {p.get('title', '')}"),
    "task.closed": ("done_all", "good", lambda p, _: f"has a task closed: {p.get('outcome') or 'done'}"),
    "message.sent": ("send", "good", lambda p, _: f"was sent {_channel(p)}"),
    "message.not_sent": ("mail_off", "warn", lambda p, _: f"was not sent {_channel(p)}: {p.get('reason') or p.get('state', '')}"),
    "message.replied": ("reply", "good", lambda p, _: f"replied to {_channel(p)}"),
    "alert.opened": ("notifications", "bad", _alert),
    "alert.changed": ("notifications_off", "calm", _changed),
    "account.churned": ("logout", "bad", lambda p, _: f"left on {p.get('on', '')}"),
}
