"""What happened, in words, newest first."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import Account, ActivityEvent
from apps.events.models import Event
from apps.interventions.models import Play

from . import growth
from .deeds import in_words
from .feed_words import UNTOLD, WORDS

# A reader of a small book needs few rows, found by subject; a reader of everything takes the newest rows as they come.
_SUBJECT = re.compile(r"account:(\d+)$")
_ACTIVITY = "activity.received"
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
