"""From lives to activity: what each account did, when by the clock of its own zone, and who did it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from .model import Company, Customer, Floats, Ints, generator
from .words import TICKETS

# Event name -> what it means (accounts.types.Meaning).
MEANINGS = {
    "login": "engagement",
    "report.viewed": "engagement",
    "export.run": "engagement",
    "appointment.booked": "core",
    "invoice.sent": "core",
    "integration.synced": "core",
    "ticket.opened": "support",
    "payment.failed": "payment",
    "invoice.paid": "billing",
    "cancel_page.viewed": "leaving",
}

# Expected events of an ordinary account per ordinary open day. `appointment.booked` and `invoice.sent` carry the number in `value`.
PER_DAY = {"login": 0.95, "appointment.booked": 0.6, "invoice.sent": 0.22, "report.viewed": 0.2, "integration.synced": 0.18, "export.run": 0.04}
BY_PERSON = ("login", "report.viewed", "export.run", "ticket.opened", "cancel_page.viewed")


@dataclass(frozen=True)
class Happening:
    """One activity event. `person` is a position in the customer's people, or None when the product itself did it."""

    customer: int
    person: int | None
    name: str
    at: datetime
    value: int
    properties: dict[str, Any] | None = None


def habits(company: Company, seed: int) -> dict[str, Floats]:
    """Each account's own level per event name: a log-normal temperament, more with more seats; not everybody uses everything."""
    draw = generator(seed, "habits")
    seats = np.array([customer.seats for customer in company.customers], dtype=float)
    size = len(seats)
    level = (seats / 9) ** 0.3 * np.exp(draw.normal(0, 0.35, size))
    own = {name: level * np.exp(draw.normal(0, 0.3, size)) for name in PER_DAY}
    own["integration.synced"] = own["integration.synced"] * (draw.random(size) < 0.55)
    own["report.viewed"] = own["report.viewed"] * np.where(draw.random(size) < 0.75, 1.0, 0.15)
    return own


def happenings(company: Company, seed: int) -> Iterator[Happening]:
    """Every event of the window, by account and then in no promised order; none before the sign-up, after leaving, or after `until`."""
    lives, level, clock = company.lives, habits(company, seed), _Clock(company, seed)
    for name, per_day in PER_DAY.items():
        draw = generator(seed, name)
        expected = per_day * level[name][:, None] * lives.use * lives.alive
        counts = draw.poisson(expected)
        if name in ("appointment.booked", "invoice.sent"):
            counts = np.minimum(counts, 1)
        who, day = _each(counts)
        seats = np.array([customer.seats for customer in company.customers])
        values = np.ones(len(who), dtype=np.int64)
        if name == "appointment.booked":
            values = 1 + draw.poisson(2.5 * seats[who] ** 0.8 * lives.use[who, day])
        elif name == "invoice.sent":
            values = 1 + draw.poisson(1.5 * seats[who] ** 0.7 * lives.use[who, day])
        yield from clock.place(draw, name, who, day, values)
    draw = generator(seed, "ticket.opened")
    tickets = draw.poisson((0.008 * np.exp(-0.5 * lives.health.clip(-2.5, 2)) + 0.28 * lives.trouble) * lives.alive)
    who, day = _each(tickets)
    yield from clock.place(draw, "ticket.opened", who, day, np.ones(len(who), dtype=np.int64), severe=lives.trouble[who, day] > 0)
    draw = generator(seed, "money")
    arr = np.array([customer.arr for customer in company.customers])
    due = np.array([customer.arr // (1 if customer.contract == "yearly" else 12) for customer in company.customers])
    who, day = np.nonzero(lives.billed & ~lives.payment_failed)
    yield from clock.place(draw, "invoice.paid", who, day, due[who])
    who, day = np.nonzero(lives.payment_failed)
    yield from clock.place(draw, "payment.failed", who, day, np.ones(len(who), dtype=np.int64))
    paid_late = (draw.random(len(who)) < 0.75) & (day + 4 < lives.use.shape[1])
    who, day = who[paid_late], day[paid_late] + 4
    still = lives.alive[who, day]
    yield from clock.place(draw, "invoice.paid", who[still], day[still], due[who[still]])
    draw = generator(seed, "cancel_page.viewed")
    left = np.where(draw.random(len(arr)) < 0.55, lives.left, 10**6)
    days = np.arange(lives.use.shape[1])
    near = (days[None, :] >= left[:, None] - 30) & (days[None, :] >= lives.decided[:, None])
    who, day = _each(draw.poisson((0.00025 + 0.09 * near) * lives.alive))
    yield from clock.place(draw, "cancel_page.viewed", who, day, np.ones(len(who), dtype=np.int64))


def _each(counts: Ints) -> tuple[Ints, Ints]:
    who, day = np.nonzero(counts)
    times = counts[who, day]
    return np.repeat(who, times), np.repeat(day, times)


class _Clock:
    """Puts events at a second within the account's opening hours, in its own zone, and gives them to someone who was there."""

    def __init__(self, company: Company, seed: int) -> None:
        self._company = company
        days = company.lives.use.shape[1]
        noon = [datetime.combine(company.lives.first + timedelta(days=number), time(12)) for number in range(days)]
        midnight = np.array([(moment.replace(hour=0, tzinfo=UTC)).timestamp() for moment in noon], dtype=np.int64)
        # One offset a day, read at noon: nobody books appointments in the hour a clock is changed.
        offsets = {zone: _offsets(zone, noon) for zone in {customer.time_zone for customer in company.customers}}
        self._midnight = np.stack([midnight - offsets[customer.time_zone] for customer in company.customers])
        self._opens = np.array([customer.trade.opens for customer in company.customers]) * 3600
        self._open_for = np.array([customer.trade.hours for customer in company.customers]) * 3600
        self._until = int(company.until.timestamp())
        # Leaving counts from midnight UTC of that day, in which date columns are read.
        self._left = np.array([_midnight_utc(customer) for customer in company.customers], dtype=np.int64)
        self._people = np.array([len([p for p in customer.people if p.joined_on is None]) for customer in company.customers])

    def place(
        self, draw: np.random.Generator, name: str, who: Ints, day: Ints, values: Ints, severe: np.ndarray[Any, Any] | None = None
    ) -> Iterator[Happening]:
        at = self._midnight[who, day] + self._opens[who] + (self._open_for[who] * draw.beta(1.5, 1.7, len(who))).astype(np.int64)
        person = (draw.random(len(who)) ** 1.6 * self._people[who]).astype(np.int64)
        topic = draw.integers(0, len(TICKETS), len(who))
        keep = (at < self._until) & (at < self._left[who])
        for position in np.nonzero(keep)[0]:
            customer = int(who[position])
            moment = datetime.fromtimestamp(int(at[position]), UTC)
            properties = None
            if name == "ticket.opened":
                properties = {"subject": TICKETS[int(topic[position])], "severity": "high" if severe is not None and severe[position] else "normal"}
            someone = present(self._company.customers[customer], int(person[position]), moment) if name in BY_PERSON else None
            yield Happening(customer, someone, name, moment, int(values[position]), properties)


def present(customer: Customer, wanted: int, moment: datetime) -> int:
    """The wanted person, or whoever took over when that one has left the company."""
    gone = customer.people[wanted].departed_on
    if gone is None or moment.date() < gone:
        return wanted
    for position in range(len(customer.people) - 1, -1, -1):
        person = customer.people[position]
        if position != wanted and person.departed_on is None and (person.joined_on is None or person.joined_on <= moment.date()):
            return position
    raise AssertionError(f"{customer.key} has nobody left")


def _offsets(zone: str, noon: list[datetime]) -> Ints:
    place = ZoneInfo(zone)
    return np.array([int(moment.replace(tzinfo=place).utcoffset().total_seconds()) for moment in noon], dtype=np.int64)  # type: ignore[union-attr]


def _midnight_utc(customer: Customer) -> int:
    if customer.churned_on is None:
        return 2**62
    return int(datetime.combine(customer.churned_on, time(), UTC).timestamp())
