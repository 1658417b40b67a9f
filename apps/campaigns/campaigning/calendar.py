"""The shared calendar of contact pressure: what customers got and will get each day, from plays and campaigns alike, and who is full."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Count, DateField, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Trunc

from apps.accounts.models import User
from apps.messaging import selectors as messaging
from apps.messaging.models import Message
from apps.messaging.types import CONTACTED, RECALLABLE, Lane

from ..models import Recipient
from ..types import CampaignState, RecipientState

_DAY = timedelta(days=1)
# What a definition does not say.
_BROADCAST = Value(Lane.BROADCAST.value)


@dataclass(frozen=True)
class PressureDay:
    """A day in UTC. By lane how many messages reached people (or may have), wait for their hour, and how many recipients of campaigns have their
    turn; `full` accounts have a person who gets as many that day as the contact policy allows in one."""

    day: date
    reached: Mapping[str, int]
    waiting: Mapping[str, int]
    planned: Mapping[str, int]
    full: int

    @property
    def all(self) -> int:
        return sum(sum(part.values()) for part in (self.reached, self.waiting, self.planned))


def pressure_days(user: User | AnonymousUser, *, first: date, days: int = 28) -> list[PressureDay]:
    """Of the accounts in somebody's book, in five statements."""
    begins, ends = _bounds(first, days)
    reached = _by_day(_reached(user, begins, ends).annotate(day=_day(Coalesce("sent_at", "claimed_at"))))
    waiting = _by_day(_waiting(user, begins, ends).annotate(day=_day("due_at")))
    lane = Coalesce(KeyTextTransform("lane", "occurrence__version__definition"), _BROADCAST, output_field=CharField())
    planned = _by_day(_planned(user, begins, ends).annotate(day=_day("due_at"), lane=lane))
    full = _full(user, begins, ends)
    every = [first + number * _DAY for number in range(days)]
    return [PressureDay(day, reached.get(day, {}), waiting.get(day, {}), planned.get(day, {}), full[day]) for day in every]


def who_gets_what(user: User | AnonymousUser, day: date) -> tuple[QuerySet[Any], QuerySet[Any], QuerySet[Any]]:
    """Messages that left, messages that wait, and recipients whose turn it is on that day, most important lane first."""
    begins, ends = _bounds(day, 1)
    parts = (_reached(user, begins, ends), _waiting(user, begins, ends))
    left, waits = (part.select_related("account", "contact").order_by("lane_rank", "due_at", "pk") for part in parts)
    planned = _planned(user, begins, ends).select_related("account", "contact", "occurrence__campaign").order_by("due_at", "pk")
    return left, waits, planned


def full_accounts(user: User | AnonymousUser, day: date) -> list[int]:
    """Accounts with somebody who gets as many on that day as they may."""
    begins, ends = _bounds(day, 1)
    found = {account for _, account in _counted(user, begins, ends)}
    return sorted(found)


def _bounds(first: date, days: int) -> tuple[datetime, datetime]:
    begins = datetime.combine(first, time(0), UTC)
    return begins, begins + days * _DAY


def _reached(user: User | AnonymousUser, begins: datetime, ends: datetime) -> QuerySet[Any]:
    return Message.objects.for_user(user).filter(claimed_at__gte=begins, claimed_at__lt=ends, state__in=CONTACTED)


def _waiting(user: User | AnonymousUser, begins: datetime, ends: datetime) -> QuerySet[Any]:
    return Message.objects.for_user(user).filter(due_at__gte=begins, due_at__lt=ends, state__in=RECALLABLE)


def _planned(user: User | AnonymousUser, begins: datetime, ends: datetime) -> QuerySet[Any]:
    mine = Recipient.objects.for_user(user).filter(state=RecipientState.PLANNED, due_at__gte=begins, due_at__lt=ends)
    return mine.filter(occurrence__campaign__state__in=[CampaignState.LIVE, CampaignState.PAUSED])


def _day(moment: Any) -> Any:
    return Cast(Trunc(moment, "day", tzinfo=UTC), DateField())


def _by_day(rows: QuerySet[Any]) -> dict[date, dict[str, int]]:
    found: dict[date, dict[str, int]] = {}
    for row in rows.order_by().values("day", "lane").annotate(count=Count("pk")):
        found.setdefault(row["day"], {})[row["lane"]] = row["count"]
    return found


def _full(user: User | AnonymousUser, begins: datetime, ends: datetime) -> Counter[date]:
    return Counter(day for day, _ in {(day, account) for day, account in _counted(user, begins, ends)})


def _counted(user: User | AnonymousUser, begins: datetime, ends: datetime) -> list[tuple[date, int]]:
    """(day, account) of everybody who has as many as a day allows."""
    most = messaging.most_a_day()
    if most is None:
        return []
    counts: Counter[tuple[date, int, int]] = Counter()
    parts = (
        _reached(user, begins, ends).annotate(day=_day(Coalesce("sent_at", "claimed_at"))),
        _waiting(user, begins, ends).annotate(day=_day("due_at")),
        _planned(user, begins, ends).exclude(contact=None).annotate(day=_day("due_at")),
    )
    for part in parts:
        for row in part.order_by().values("day", "account_id", "contact_id").annotate(count=Count("pk")):
            counts[row["day"], row["account_id"], row["contact_id"]] += row["count"]
    return [(day, account) for (day, account, _), count in counts.items() if count >= most]
