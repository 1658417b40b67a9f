"""The days that a rehearsal goes through: what happened then, in the order in which the live engine would have heard of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.accounts.models import ActivityEvent
from apps.events.models import Event

from . import fits
from .conditions import facts_in
from .definition import Becomes, Definition, OnActivity, OnAudience, OnEvent, OnSchedule

# More moments of activity than these are looked at by the quarter of an hour: a rehearsal is for people who wait for it.
MOST_MOMENTS = 20_000
_GATHERED = timedelta(minutes=15)

# At one moment: what happened, then the planned looks, then due steps, then messages, then windows that close.
HAPPENED, LOOKED, STEPPED, SENT, CLOSED = range(5)


@dataclass(frozen=True)
class Happening:
    """An event of the history, or activity that came in (`kind` activity.received, `activity` by account its rows as (id, name))."""

    kind: str
    accounts: tuple[int, ...] | None
    payload: Mapping[str, Any]
    event_id: int = 0
    activity: Mapping[int, tuple[tuple[int, str], ...]] | None = None


def happenings(says: Definition, *, since: datetime, until: datetime) -> Iterator[tuple[datetime, Happening]]:
    """What may let accounts in or change their fitting, oldest first; activity only where it can let in or changes who fits."""
    return iter(sorted([*_events(says, since, until), *_activity(says, since, until)], key=lambda item: (item[0], item[1].event_id)))


def _events(says: Definition, since: datetime, until: datetime) -> Iterator[tuple[datetime, Happening]]:
    kinds = {kind for kind, moved in fits.MOVES.items() if moved & asked(says)} | {"account.churned", "import.finished"}
    if isinstance(says.trigger, OnEvent):
        kinds.add(says.trigger.event)
    kinds.discard("activity.received")
    rows = Event.objects.filter(type__in=kinds, at__gte=since, at__lt=until).order_by("at", "id")
    for row in rows.values_list("pk", "type", "at", "payload").iterator():
        key, kind, at, payload = row
        yield at, Happening(kind, _accounts(payload), payload, key)


def _accounts(payload: Mapping[str, Any]) -> tuple[int, ...] | None:
    if "account_ids" in payload:
        return tuple(payload["account_ids"])
    return (payload["account_id"],) if payload.get("account_id") is not None else None


def _activity(says: Definition, since: datetime, until: datetime) -> Iterator[tuple[datetime, Happening]]:
    moves_audience = isinstance(says.trigger, OnAudience) and bool(facts_in(says.audience) & fits.MOVES["activity.received"])
    if not moves_audience and not isinstance(says.trigger, OnActivity):
        return
    rows = ActivityEvent.objects.filter(at__gte=since, at__lt=until)
    if not moves_audience and isinstance(says.trigger, OnActivity):
        rows = rows.filter(name=says.trigger.name)
    yield from gathered(rows.order_by("at", "pk").values_list("pk", "account_id", "name", "at"))


def activity_of(says: Definition, account_id: int, *, since: datetime, until: datetime) -> list[tuple[datetime, Happening]]:
    """What one account did after a moment, for its run's goal and waits; what may start the play is told by `happenings`."""
    rows = ActivityEvent.objects.filter(account_id=account_id, at__gt=since, at__lt=until).order_by("at", "pk")
    if isinstance(says.trigger, OnActivity):
        rows = rows.exclude(name=says.trigger.name)
    return list(gathered(rows.values_list("pk", "account_id", "name", "at")))


def gathered(rows: Any) -> Iterator[tuple[datetime, Happening]]:
    """By moment; very many moments by the quarter of an hour."""
    found = list(rows)
    coarse = len({at for *_, at in found}) > MOST_MOMENTS
    moments: dict[datetime, dict[int, list[tuple[int, str]]]] = {}
    for key, account, name, at in found:
        moment = _up(at) if coarse else at
        moments.setdefault(moment, {}).setdefault(account, []).append((key, name))
    for moment, by_account in moments.items():
        activity = {account: tuple(came) for account, came in by_account.items()}
        yield moment, Happening("activity.received", tuple(sorted(activity)), {}, activity=activity)


def _up(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    over = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return at if not over else at - over + _GATHERED


def asked(says: Definition) -> set[str]:
    """The facts whose change matters while the play goes on."""
    goal = facts_in(says.goal.reached.when) if isinstance(says.goal.reached, Becomes) else set()
    return facts_in(says.audience) | goal


def instants(says: Definition, *, since: datetime, until: datetime) -> list[datetime]:
    """The planned looks and strikes in these days."""
    found, moment = [], until - timedelta(microseconds=1)
    while (instant := _last(says, moment)) > since:
        found.append(instant)
        moment = instant - timedelta(microseconds=1)
    return found[::-1]


def _last(says: Definition, now: datetime) -> datetime:
    instant = fits.last_instant(says, now)
    return max(instant, fits.last_instant(fits.without_schedule(says), now)) if isinstance(says.trigger, OnSchedule) else instant


def strikes(says: Definition, moment: datetime) -> bool:
    return isinstance(says.trigger, OnSchedule) and fits.last_instant(says, moment) == moment


def moved(kind: str, asked_for: Collection[str]) -> bool:
    return bool(fits.MOVES.get(kind, frozenset()) & set(asked_for))
