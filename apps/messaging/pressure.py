"""How much a contact hears from us: how full their caps are, and whether it is night there. The governor's own figures, for people to read."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.accounts.models import Contact
from apps.core.reading import Reading

from . import policy, quiet
from .models import Message
from .policy import Cap, Policy
from .types import CONTACTED, WAITING, Channel

# As in selectors: a message counts from when it was sent, which may be a little later than its claim.
_SLACK = timedelta(hours=1)


@dataclass(frozen=True)
class Filling:
    """One rolling cap: how many of how many, and when a full one has room again."""

    words: str
    used: int
    most: int
    free_at: datetime | None

    @property
    def share(self) -> int:
        return min(100, 100 * self.used // max(1, self.most))


@dataclass(frozen=True)
class Pressure:
    """`quiet_until` is None where a message that makes a noise may leave now; `there` is the moment on their own clock."""

    zone: str
    note: str
    there: datetime
    quiet_until: datetime | None
    caps: tuple[Filling, ...]


def pressure(contact: Contact, *, now: datetime) -> Reading[Pressure]:
    """Of one contact, whose account is loaded, in two statements."""
    rules = yield from policy.reading()
    reached = Message.objects.filter(contact=contact.pk, guest="", claimed_at__gt=now - rules.longest_window - _SLACK, state__in=CONTACTED)
    found = reached.values_list("channel", "claimed_at", "sent_at")
    yield found
    contacted = [(channel, sent_at or claimed_at) for channel, claimed_at, sent_at in found]
    zone, note = quiet.zone_of(contact.time_zone, contact.account.time_zone)
    opens = _opens(rules, now, zone)
    caps = tuple(_filling(cap, contacted, now) for cap in rules.caps)
    return Pressure(zone.key, note, now.astimezone(zone), None if opens == now else opens, caps)


def _opens(rules: Policy, now: datetime, zone: ZoneInfo) -> datetime:
    """When every channel that makes a noise may be used there again."""
    loud = [hours for channel in Channel if channel != Channel.IN_APP and (hours := rules.hours_of(channel))]
    return max((quiet.next_open(now, zone, start=hours.start, end=hours.end, days=hours.days) for hours in loud), default=now)


@dataclass(frozen=True)
class Day:
    """One day of a contact's own calendar: how many messages reached them on each channel, and how many are planned."""

    date: date
    off: bool
    reached: tuple[tuple[Channel, int], ...] = ()
    planned: tuple[tuple[Channel, int], ...] = ()

    @property
    def all_reached(self) -> int:
        return sum(count for _, count in self.reached)

    @property
    def all_planned(self) -> int:
        return sum(count for _, count in self.planned)


# Whole weeks: three behind, this one, one ahead.
BEHIND, WEEKS = 3, 5


def calendar(contact: Contact, *, now: datetime) -> Reading[list[Day]]:
    """Five weeks from a Monday on, in the contact's own zone (their account is loaded), in two statements. Off are the days without mails."""
    zone, _ = quiet.zone_of(contact.time_zone, contact.account.time_zone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday() + 7 * BEHIND)
    dates = [first + timedelta(days=number) for number in range(7 * WEEKS)]
    begins, ends = quiet.first_instant(dates[0], time(0), zone), quiet.first_instant(dates[-1] + timedelta(days=1), time(0), zone)
    had = Q(claimed_at__gt=begins - _SLACK, claimed_at__lt=ends, state__in=CONTACTED)
    rows = Message.objects.filter(had | Q(state__in=WAITING, due_at__lt=ends), contact=contact.pk, guest="")
    found = rows.values_list("channel", "state", "claimed_at", "sent_at", "due_at")
    yield found
    rules = yield from policy.reading()
    hours = rules.hours_of(Channel.EMAIL)
    workdays = hours.days if hours else frozenset(range(7))
    reached: dict[date, Counter[str]] = defaultdict(Counter)
    planned: dict[date, Counter[str]] = defaultdict(Counter)
    for channel, state, claimed_at, sent_at, due_at in found:
        waits = state in WAITING
        moment = max(due_at, now) if waits else sent_at or claimed_at
        (planned if waits else reached)[moment.astimezone(zone).date()][channel] += 1
    return [Day(day, day.weekday() not in workdays, _by_channel(reached[day]), _by_channel(planned[day])) for day in dates]


def _by_channel(counts: Counter[str]) -> tuple[tuple[Channel, int], ...]:
    return tuple((channel, counts[channel]) for channel in Channel if counts[channel])


def _filling(cap: Cap, contacted: list[tuple[str, datetime]], now: datetime) -> Filling:
    counted = sorted((at for where, at in contacted if cap.counts(where) and at > now - cap.window), reverse=True)
    free_at = counted[cap.most - 1] + cap.window if len(counted) >= cap.most else None
    return Filling(cap.words, len(counted), cap.most, free_at)
