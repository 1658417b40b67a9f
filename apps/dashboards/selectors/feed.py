"""What happened, in words, newest first."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Account
from apps.churn.types import Band
from apps.events.models import Event
from apps.interventions.models import Play
from apps.interventions.types import ExitReason

from ..types import SEVERITY_WORDS

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
    return [_line(row, names, plays) for row in events]


def _line(row: Event, names: dict[int, str], plays: dict[str, str]) -> Line:
    found = _SUBJECT.match(row.subject)
    account_id = int(found[1]) if found else None
    icon, tone, say = _WORDS.get(row.type, ("circle", "calm", lambda payload, plays: row.type.replace(".", " ")))
    name = names.get(account_id, "") if account_id else ""
    return Line(row.pk, row.at, icon, tone, account_id if name else None, name, say(row.payload, plays))


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
    "activity.received": ("bolt", "calm", lambda p, _: f"did {p.get('count', 0)} thing{'s' if p.get('count') != 1 else ''} in the product"),
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
