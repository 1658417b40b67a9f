"""The contact policy: how often, when and for how much money customers may be written to. Rows are versions, the newest counts, none is changed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from django.db import transaction
from msgspec import Meta

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.reading import Reading

from .models import ContactPolicy, Message
from .types import BY_PHONE, Channel, Lane, MessageState, WhenCapped

DAY = timedelta(days=1)
LOUD = "loud"
# What may wait for others and leave with them as one message.
GATHERED_ON, GATHERED_LANES = (Channel.EMAIL, Channel.IN_APP), (Lane.NURTURE, Lane.BROADCAST)
# No law that we know lets telephones ring or buzz for selling between these hours; no policy may.
LAWFUL_END, LAWFUL_START = time(21), time(8)
_LONGEST = 366 * 24
_MOST_MONEY = 10**6


@dataclass(frozen=True)
class Cap:
    """At most `most` messages in any window of this length, wherever the window begins; `channel` empty: on all channels together, `loud`: on all but
    the inbox."""

    channel: str
    most: int
    window: timedelta
    words: str

    def counts(self, channel: str) -> bool:
        return self.channel in ("", channel) or (self.channel == LOUD and channel != Channel.IN_APP)


@dataclass(frozen=True)
class Hours:
    """The quiet part of a day, [start, end) over midnight, and the days (0: Monday) that are not quiet as a whole."""

    start: time = time(20)
    end: time = time(8)
    days: frozenset[int] = frozenset(range(5))
    urgent_waits: bool = False


_MANY = {"": "messages", LOUD: "messages outside the inbox", Channel.EMAIL: "emails", Channel.VOICE: "voice calls", Channel.PUSH: "pushes"}


def _cap(channel: str, most: int, hours: int) -> Cap:
    many = _MANY.get(channel) or f"{Channel(channel).label} messages"
    many = many.replace("ches", "ch").replace("messages", "message").replace("mails", "mail").replace("calls", "call") if most == 1 else many
    span = f"{hours // 24} days" if hours % 24 == 0 and hours > 24 else f"{hours} hours" if hours > 1 else "1 hour"
    return Cap(channel, most, timedelta(hours=hours), f"{most} {many} in {span}")


@dataclass(frozen=True)
class Policy:
    """What the governor goes by. `hours` by kind of channel (email, phone, push, in_app); a kind without hours is never quiet."""

    version: int = 0
    caps: tuple[Cap, ...] = (_cap("", 2, 24), _cap("", 5, 7 * 24), _cap(Channel.EMAIL, 3, 7 * 24))
    hours: Mapping[str, Hours] = field(default_factory=lambda: MappingProxyType({"email": Hours(), "phone": Hours(), "push": Hours()}))
    when_capped: WhenCapped = WhenCapped.HOLD
    currency: str = "USD"
    budgets: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    prices: Mapping[str, Mapping[str, Decimal]] = field(default_factory=lambda: MappingProxyType({}))
    digest_lanes: frozenset[str] = frozenset()
    digest_window: timedelta = DAY
    confirmed_topics: frozenset[str] = frozenset()

    def hours_of(self, channel: str) -> Hours | None:
        return self.hours.get("phone" if channel in BY_PHONE else channel)

    @property
    def longest_window(self) -> timedelta:
        return max((cap.window for cap in self.caps), default=DAY)

    def gathers(self, channel: str, lane: str) -> bool:
        """Whether such messages wait for each other and leave as one."""
        return lane in self.digest_lanes and may_gather(channel, lane)


STANDARD = Policy()


def may_gather(channel: str, lane: str) -> bool:
    """A digest is for what can wait, where there is room for it."""
    return channel in GATHERED_ON and lane in GATHERED_LANES


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    pass


class _CapRow(_Written):
    most: Annotated[int, Meta(ge=1, le=10_000)]
    hours: Annotated[int, Meta(ge=1, le=_LONGEST)]
    channel: str = ""


class _HoursRow(_Written):
    start: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    end: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    days: Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(min_length=1, max_length=7)] = msgspec.field(default_factory=lambda: [1, 2, 3, 4, 5])
    urgent_waits: bool = False


class _Rows(_Written):
    caps: Annotated[list[_CapRow], Meta(max_length=30)]
    hours: dict[str, _HoursRow]
    budgets: dict[str, Decimal]
    prices: dict[str, dict[str, Decimal]]
    digest_lanes: list[str]
    confirmed_topics: Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=100)]


def current() -> Policy:
    """The newest version, or the standard where nobody wrote one: one statement, once for every claim."""
    row = ContactPolicy.objects.order_by("-version").first()
    return read(row) if row else STANDARD


def reading() -> Reading[Policy]:
    """The same for a page, together with what else it reads."""
    newest = ContactPolicy.objects.order_by("-version")[:1]
    yield newest
    return read(newest[0]) if newest else STANDARD


def read(row: ContactPolicy) -> Policy:
    """The policy that a row says. Refused names what is wrong with it."""
    names = ("caps", "hours", "budgets", "prices", "digest_lanes", "confirmed_topics")
    try:
        said = msgspec.convert({name: getattr(row, name) for name in names}, _Rows, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("bad_policy", f"The policy cannot be read: {error}.") from error
    _known("caps", (cap.channel for cap in said.caps), {"", LOUD, *Channel.values})
    _known("hours", said.hours, {"email", "phone", "push", "in_app"})
    _known("budgets", said.budgets, {"", *Channel.values})
    _known("prices", said.prices, set(Channel.values))
    _known("digest_lanes", said.digest_lanes, set(GATHERED_LANES))
    for channel, by_prefix in said.prices.items():
        if bad := [prefix for prefix in by_prefix if prefix and not re.fullmatch(r"[1-9]\d{0,7}", prefix)]:
            words = f"prices of {channel}: {bad[0]!r} is no country prefix. Write digits without a plus, or nothing for the rest."
            raise Refused("bad_policy", words)
    _check_money("budgets", said.budgets.values())
    _check_money("prices", (amount for by_prefix in said.prices.values() for amount in by_prefix.values()))
    hours = {kind: _hours(rows) for kind, rows in said.hours.items()}
    _check_phone(hours.get("phone"))
    if not re.fullmatch(r"[A-Z]{3}", row.currency):
        raise Refused("bad_policy", "currency: write three capital letters, such as USD.")
    return Policy(
        version=row.version,
        caps=tuple(_cap(cap.channel, cap.most, cap.hours) for cap in said.caps),
        hours=hours,
        when_capped=WhenCapped(row.when_capped),
        currency=row.currency,
        budgets=said.budgets,
        prices=said.prices,
        digest_lanes=frozenset(said.digest_lanes),
        digest_window=timedelta(minutes=row.digest_minutes),
        confirmed_topics=frozenset(said.confirmed_topics),
    )


def _hours(row: _HoursRow) -> Hours:
    return Hours(time.fromisoformat(row.start), time.fromisoformat(row.end), frozenset(day - 1 for day in row.days), row.urgent_waits)


def _known(name: str, given: Iterable[str], allowed: set[str]) -> None:
    if unknown := sorted(set(given) - allowed):
        raise Refused("bad_policy", f"{name}: {unknown[0]!r} is not known here. Use one of {', '.join(repr(one) for one in sorted(allowed))}.")


def _check_money(name: str, amounts: Iterable[Decimal]) -> None:
    if not all(amount.is_finite() and 0 <= amount < _MOST_MONEY for amount in amounts):
        raise Refused("bad_policy", f"{name}: an amount is below zero or beyond reason.")


def _check_phone(hours: Hours | None) -> None:
    covers = hours is not None and hours.start > hours.end and hours.start <= LAWFUL_END and hours.end >= LAWFUL_START
    if not covers:
        words = f"{LAWFUL_END:%H:%M} to {LAWFUL_START:%H:%M}"
        raise Refused("bad_policy", f"hours of phone: SMS, WhatsApp and calls are quiet at least from {words}, which no policy can shorten.")


def write(*, actor: Actor, now: datetime, note: str = "", **said: Any) -> ContactPolicy:
    """Save the next version; what is not named stays as it was. Everything that is held is looked at again under it."""
    with transaction.atomic():
        # Two writers at once: the unique version refuses the second.
        before = ContactPolicy.objects.order_by("-version").first()
        kept = {name: getattr(before or ContactPolicy(), name) for name in ContactPolicy.SAID}
        row = ContactPolicy(**{**kept, **said}, version=before.version + 1 if before else 1, note=note[:250], actor=str(actor), at=now)
        read(row)
        row.save()
        # Drafts keep their hour.
        held = Message.objects.filter(state=MessageState.HELD, due_at__gt=now)
        held.exclude(approver__isnull=False, approved_at=None).update(due_at=now)
    return row
