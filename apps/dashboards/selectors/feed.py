"""What happened, in words, newest first."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from apps.accounts.models import Account, ActivityEvent
from apps.churn.types import Band
from apps.events.models import Event
from apps.interventions.models import Play
from apps.interventions.types import ExitReason

from ..types import SEVERITY_WORDS
from .deeds import in_words

# A reader of a small book needs few rows, found by subject; a reader of everything takes the newest rows as they come.
_SUBJECT = re.compile(r"account:(\d+)$")


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
    rows = Event.objects.order_by("-id").exclude(type="consent.changed")
    if not user.sees_everything:
        rows = rows.filter(subject__in=[f"account:{pk}" for pk in Account.objects.for_user(user).values_list("pk", flat=True)])
    events = list(rows[:limit])
    ids = {int(found[1]) for row in events if (found := _SUBJECT.match(row.subject))}
    names = dict(Account.objects.filter(pk__in=ids).values_list("pk", "name"))
    plays = dict(Play.objects.values_list("key", "name"))
    done = _deeds(events)
    return [_line(row, names, plays, done) for row in events]


def _deeds(events: list[Event]) -> dict[tuple[int, datetime], str]:
    """What each batch's newest activity was and who did it, in one walk of the timeline's index for all rows."""
    wanted = {key for row in events if (key := _newest_activity(row))}
    if not wanted:
        return {}
    rows = ActivityEvent.objects.filter(account__in={account for account, _ in wanted}, at__in={at for _, at in wanted}).order_by("id")
    return {
        (account_id, at): in_words(name) + (f" ({person})" if person else "")
        for account_id, at, name, person in rows.values_list("account_id", "at", "name", "contact__name")
    }


def _newest_activity(row: Event) -> tuple[int, datetime] | None:
    found, at = _SUBJECT.match(row.subject), parse_datetime(str(row.payload.get("last_at", "")))
    return (int(found[1]), at) if row.type == "activity.received" and found and at else None


def _activity(row: Event, done: dict[tuple[int, datetime], str]) -> str:
    key, count = _newest_activity(row), int(row.payload.get("count", 0))
    if key is None or key not in done:
        return f"was active, {count} time{'' if count == 1 else 's'}"
    return done[key] + (f" and did {count - 1} more" if count > 1 else "")


def _line(row: Event, names: dict[int, str], plays: dict[str, str], done: dict[tuple[int, datetime], str]) -> Line:
    found = _SUBJECT.match(row.subject)
    account_id = int(found[1]) if found else None
    icon, tone, say = _WORDS.get(row.type, ("circle", "calm", lambda payload, plays: row.type.replace(".", " ")))
    name = names.get(account_id, "") if account_id else ""
    words = _activity(row, done) if row.type == "activity.received" else say(row.payload, plays)
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


def _channel(payload: dict[str, Any]) -> str:
    return "email" if payload.get("channel") == "email" else "in-app message"


def _alert(payload: dict[str, Any], plays: dict[str, str]) -> str:
    return f"has a new alert: {SEVERITY_WORDS.get(str(payload.get('severity', '')), 'to know')}"


_Words = Callable[[dict[str, Any], dict[str, str]], str]
_WORDS: dict[str, tuple[str, str, _Words]] = {
    "activity.received": ("bolt", "calm", lambda p, _: "was active"),
    "import.finished": ("upload_file", "info", lambda p, _: f"An import of {p.get('rows', 0):,} rows ({p.get('kind', '')}) finished"),
    "risk.raised": ("trending_up", "bad", lambda p, _: f"rose to {_band(p)} risk ({round(100 * float(p.get('probability', 0)))} of 100)"),
    "risk.lowered": ("trending_down", "good", lambda p, _: f"fell to {_band(p)} risk ({round(100 * float(p.get('probability', 0)))} of 100)"),
    "play.entered": ("play_circle", "info", _entered),
    "play.ended": ("stop_circle", "calm", _ended),
    "task.opened": ("task_alt", "info", lambda p, _: f"has a new task: {p.get('title', '')}"),
    "task.closed": ("done_all", "good", lambda p, _: f"has a task closed: {p.get('outcome') or 'done'}"),
    "message.sent": ("send", "good", lambda p, _: f"was sent an {_channel(p)}"),
    "message.not_sent": ("mail_off", "warn", lambda p, _: f"was not sent an {_channel(p)}: {p.get('reason') or p.get('state', '')}"),
    "message.replied": ("reply", "good", lambda p, _: f"replied to an {_channel(p)}"),
    "alert.opened": ("notifications", "bad", _alert),
    "alert.changed": ("notifications_off", "calm", lambda p, _: f"has an alert {p.get('state', 'changed')}"),
    "account.churned": ("logout", "bad", lambda p, _: f"left on {p.get('on', '')}"),
}
