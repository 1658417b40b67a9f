"""How the demo company comes to be: a seeded generative model of a B2B software vendor's customers. Pure numpy, no Django, no clock.

The story, in the order the numbers are drawn (weeks unless said otherwise; `x` is an account's latent health, 0 being ordinary):

* **Customers.** 40 % signed up before the window of two years, the others within it, more of them lately. Seats are log-normal (median 9), the
  plan follows the seats, ARR = seats x the plan's price x a log-normal haggle. Larger customers have yearly contracts more often.
* **Health** is an AR(1) process around the account's own mean: x' = m + 0.95 (x - m) + 0.22 e, with shocks that fade by 3-10 % a week: a burst of
  tickets (-0.8, more likely when x is low), a sponsor or champion who leaves (-0.9, 24 % of accounts within the window), an onboarding that failed
  (-1.2, 12 % of accounts), a charge that failed (-0.3).
* **Use** of each event name is Poisson around: the account's habit (grows with seats^0.3, log-normal between accounts) x an onboarding curve x its
  trade's week, August and year's end x its own growth x exp(0.6 x) x a gamma-distributed week x scares and fading (below).
* **Scares** are false alarms: use falls to a third for 3-7 weeks (illness, building work) and comes back; 0.4 % of account-weeks.
* **Leaving** is decided with a weekly hazard, logit h = a - 1.7 x + 0.7 exp(-tenure / 26) + renewal, where a yearly contract adds +1.7 in the
  4-12 weeks before its renewal and -1.1 otherwise. `a` is solved so that the mean hazard is 4 % a month; healthy customers survive, so the realised
  churn is 2-3 %. From decision to leaving pass 3-13 weeks; a yearly contract stays to its renewal when that is near. Three leavers in four fade
  meanwhile, to 5-35 % of their use; the fourth leaves without a sign. Half look at the cancel page in their last month; so do a few who stay.

So the past holds a real signal for a churn model, and a limit to it. One activity event is one row whatever its age: high-volume things
(appointments, invoices) arrive as one event per day or run whose `value` is the number, as a product would send them, so counts mean the same in
every week. About 350,000 rows for 500 accounts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from .words import COUNTRIES, FIRST_NAMES, LAST_NAMES, PLACES, TRADES, Trade

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAYS = 730
WEEK = 7
MONTHLY_HAZARD = 0.04
PLANS = (("Starter", 0, 1920), ("Team", 6, 1668), ("Business", 26, 1440), ("Enterprise", 81, 1284))


@dataclass(frozen=True)
class Person:
    """Someone at a customer. `departed_on` is the day a sponsor or champion left their company; a successor has `joined_on`."""

    key: str
    name: str
    email: str
    role: str
    departed_on: date | None = None
    joined_on: date | None = None


@dataclass(frozen=True)
class Customer:
    key: str
    name: str
    domain: str
    trade: Trade
    country: str
    time_zone: str
    plan: str
    seats: int
    arr: int
    contract: str
    started_on: date
    renews_on: date | None
    churned_on: date | None
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Lives:
    """What drives the use of every account: arrays of (accounts, days) unless said otherwise. Day 0 is `first`."""

    first: date
    use: Floats
    health: Floats
    trouble: Floats
    alive: npt.NDArray[np.bool_]
    started: Ints
    left: Ints
    decided: Ints
    payment_failed: npt.NDArray[np.bool_]
    billed: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Company:
    until: datetime
    customers: tuple[Customer, ...]
    lives: Lives


def generator(seed: int, part: str) -> np.random.Generator:
    """A stream of its own for every part, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, *part.encode()])


def imagine(*, accounts: int, seed: int, until: datetime) -> Company:
    """The company as it stands at `until` (aware): the same arguments always give the same company."""
    if accounts < 1:
        raise ValueError(f"A company of {accounts} accounts cannot be imagined. Ask for at least 1.")
    # One day more than the present one: east of UTC tomorrow has begun.
    first = until.astimezone(UTC).date() - timedelta(days=DAYS)
    days = DAYS + 2
    draw = generator(seed, "customers")
    trades = [TRADES[i] for i in draw.choice(len(TRADES), accounts, p=_shares([trade.share for trade in TRADES]))]
    countries = draw.choice(len(COUNTRIES), accounts, p=_shares([share for _, share, _ in COUNTRIES]))
    zones = [COUNTRIES[c][2][int(draw.integers(len(COUNTRIES[c][2])))] for c in countries]
    seats = np.maximum(2, np.round(np.exp(draw.normal(np.log(9), 0.9, accounts)))).astype(np.int64)
    plans = [max((plan for plan in PLANS if plan[1] <= number), key=lambda plan: plan[1]) for number in seats]
    arr = np.round(seats * [plan[2] for plan in plans] * np.exp(draw.normal(0, 0.18, accounts)) / 12) * 12
    yearly = draw.random(accounts) < np.where(seats >= 26, 0.9, np.where(seats >= 6, 0.55, 0.25))
    old = draw.random(accounts) < 0.4
    started = np.where(old, -draw.integers(20, 900, accounts), ((DAYS - 10) * draw.random(accounts) ** 0.85).astype(np.int64))
    lives, sponsor_left = _live(seed, first, days, trades, seats, started, yearly)
    names = _company_names(generator(seed, "names"), trades)
    draw = generator(seed, "people")
    customers = []
    for i in range(accounts):
        domain = f"{names[i].lower().replace('&', 'and').replace(' ', '-')}.example"
        left = first + timedelta(days=int(lives.left[i])) if lives.left[i] < days else None
        churned_on = left if left is not None and left <= until.date() else None
        start = first + timedelta(days=int(started[i]))
        customers.append(
            Customer(
                key=f"hl-{i + 1:04d}",
                name=names[i],
                domain=domain,
                trade=trades[i],
                country=COUNTRIES[countries[i]][0],
                time_zone=zones[i],
                plan=plans[i][0],
                seats=int(seats[i]),
                arr=int(arr[i]),
                contract="yearly" if yearly[i] else "monthly",
                started_on=start,
                renews_on=_next_renewal(start, churned_on or until.date()) if yearly[i] else None,
                churned_on=churned_on,
                people=_people(draw, i, domain, int(seats[i]), first, int(sponsor_left[i]), min(until.date(), churned_on or until.date())),
            )
        )
    return Company(until=until, customers=tuple(customers), lives=lives)


def _shares(weights: list[float]) -> Floats:
    shares = np.array(weights)
    return shares / shares.sum()


def _company_names(draw: np.random.Generator, trades: list[Trade]) -> list[str]:
    """Different for everyone: a place and a kind; two places once the single ones are taken; a number in a very large company."""
    names: list[str] = []
    taken: set[str] = set()
    for number, trade in enumerate(trades):
        kind = trade.kinds[int(draw.integers(len(trade.kinds)))]
        places = [PLACES[int(place)] for place in draw.integers(len(PLACES), size=8)]
        candidates = [f"{place} {kind}" for place in places[:4]] + [
            f"{one} & {other} {kind}" for one, other in zip(places[:4], places[4:], strict=True)
        ]
        name = next((name for name in candidates if name not in taken), f"{candidates[0]} {number}")
        taken.add(name)
        names.append(name)
    return names


def _next_renewal(start: date, after: date) -> date:
    """The first yearly return of the start on or after a day; who started on the 29th to 31st renews on the 28th."""
    day = start.replace(day=min(start.day, 28), year=after.year)
    day = day if day >= after else day.replace(year=day.year + 1)
    return day if day > start else day.replace(year=day.year + 1)


def _people(draw: np.random.Generator, number: int, domain: str, seats: int, first: date, left_day: int, last: date) -> tuple[Person, ...]:
    """Two to six people. `left_day` is when the sponsor (or, one time in two, the champion) left; six times in ten someone follows them."""
    size = int(min(6, 2 + draw.poisson(0.45 * np.log2(seats))))
    firsts, lasts = draw.choice(len(FIRST_NAMES), size + 1, replace=False), draw.choice(len(LAST_NAMES), size + 1)
    leaver, successor_after = int(draw.integers(2)), int(draw.integers(20, 60))
    has_successor = draw.random() < 0.6
    left_on = first + timedelta(days=left_day)
    people: list[Person] = []
    for place in range(size):
        role = ("champion", "sponsor", "admin", "user", "user", "user")[place]
        gone = left_on if place == leaver and left_on < last else None
        people.append(_person(f"hl-{number + 1:04d}-p{place + 1}", firsts[place], lasts[place], domain, role, gone, None))
    joined = left_on + timedelta(days=successor_after)
    if left_on < last and has_successor and joined < last:
        people.append(_person(f"hl-{number + 1:04d}-p{size + 1}", firsts[size], lasts[size], domain, people[leaver].role, None, joined))
    return tuple(people)


def _person(key: str, first: Any, last: Any, domain: str, role: str, departed: date | None, joined: date | None) -> Person:
    name = f"{FIRST_NAMES[first]} {LAST_NAMES[last]}"
    return Person(key, name, f"{name.lower().replace(' ', '.')}@{domain}", role, departed, joined)


def _live(seed: int, first: date, days: int, trades: list[Trade], seats: Ints, started: Ints, yearly: npt.NDArray[np.bool_]) -> tuple[Lives, Ints]:
    """Health, troubles, decisions and the resulting use per day; and the day the sponsor left (beyond the window: never)."""
    n, weeks = len(trades), days // WEEK + 2
    draw = generator(seed, "health")
    mean = draw.normal(0.25, 0.5, n)
    failed_onboarding = draw.random(n) < 0.12
    sponsor_left = np.where(draw.random(n) < 0.24, started.clip(0) + draw.integers(60, days, n), 10 * days)
    x, tickets, absence, slow = mean + draw.normal(0, 0.6, n), np.zeros(n), np.zeros(n), np.zeros(n)
    health, trouble, scare = np.zeros((n, weeks)), np.zeros((n, weeks)), np.ones((n, weeks))
    charge_failed = np.zeros((n, weeks), dtype=bool)
    burst_left, scare_left = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    start_week = started // WEEK
    day = np.arange(weeks * WEEK)
    billed = (day[None, :] >= started[:, None]) & ((day[None, :] - started[:, None]) % np.where(yearly, 365, 30)[:, None] == 0)
    billed_in_week = billed.reshape(n, weeks, WEEK).any(axis=2)
    for week in range(weeks):
        x = mean + 0.95 * (x - mean) + draw.normal(0, 0.22, n)
        slow = np.where(week == start_week, -1.2 * failed_onboarding, 0.975 * slow)
        absence = np.where(week == sponsor_left // WEEK, -0.9, 0.96 * absence)
        now_ill = x + tickets + absence + slow
        begins = (draw.random(n) < 0.014 * np.exp(-0.5 * now_ill.clip(-2.5, 2))) & (burst_left == 0)
        burst_left = np.where(begins, draw.integers(2, 4, n), np.maximum(0, burst_left - 1))
        charge_failed[:, week] = billed_in_week[:, week] & (draw.random(n) < 0.025 + 0.05 * (now_ill < -0.9))
        tickets = 0.9 * tickets - 0.8 * begins - 0.3 * charge_failed[:, week]
        scare_left = np.where(draw.random(n) < 0.004, draw.integers(3, 8, n), np.maximum(0, scare_left - 1))
        health[:, week], trouble[:, week] = x + tickets + absence + slow, burst_left > 0
        scare[:, week] = np.where(scare_left > 0, 0.35, 1.0)
    decided, left = _leave(generator(seed, "leaving"), health, started, yearly, days)
    draw = generator(seed, "use")
    day = np.arange(days)
    of_week = day // WEEK
    tenure = day[None, :] - started[:, None]
    onboarding = (0.35 + 0.65 * (1 - np.exp(-np.maximum(tenure, 0) / 24.0))) * (1 + 0.25 * np.exp(-np.maximum(tenure, 0) / 9.0))
    growth = np.exp(draw.normal(0.06, 0.15, n)[:, None] * (day[None, :] - days) / 365.0)
    noise = draw.gamma(9, 1 / 9, (n, weeks))[:, of_week]
    use = _seasons(first, days, trades) * onboarding * growth * noise * scare[:, of_week] * np.exp(0.6 * health[:, of_week].clip(-2.6, 1.3))
    fades, floor = draw.random(n) < 0.77, draw.uniform(0.05, 0.35, n)
    progress = ((day[None, :] - decided[:, None]) / np.maximum(1, left - decided)[:, None]).clip(0, 1)
    use *= np.where(fades[:, None], 1 - (1 - floor)[:, None] * np.minimum(1, 1.4 * progress), 1.0)
    alive = (tenure >= 0) & (day[None, :] < left[:, None])
    billed = billed[:, :days] & alive
    return (
        Lives(
            first=first,
            use=use,
            health=health[:, of_week],
            trouble=trouble[:, of_week],
            alive=alive,
            started=started,
            left=left,
            decided=decided,
            payment_failed=charge_failed[:, of_week] & billed,
            billed=billed,
        ),
        sponsor_left,
    )


def _leave(draw: np.random.Generator, health: Floats, started: Ints, yearly: npt.NDArray[np.bool_], days: int) -> tuple[Ints, Ints]:
    """The day each account decides to leave, and the day it does; `10 * days` is never."""
    n, weeks = health.shape
    day = np.arange(weeks) * WEEK
    tenure = day[None, :] - started[:, None]
    to_renewal = np.where(yearly[:, None], 365 - tenure % 365, 30)
    renewal = np.where(yearly[:, None], np.where((to_renewal >= 28) & (to_renewal <= 84), 1.7, -1.1), 0.0)
    felt = np.cumsum(health, axis=1)
    felt[:, 4:] = (felt[:, 4:] - felt[:, :-4]) / 4
    felt[:, :4] /= np.arange(1, 5)
    slope = -1.7 * felt + 0.7 * np.exp(-np.maximum(tenure, 0) / 182.0) + renewal
    exposed = tenure >= 42
    low, high = -12.0, 2.0
    for _ in range(50):
        middle = (low + high) / 2
        weekly = 1 / (1 + np.exp(-(middle + slope)))
        monthly = 1 - (1 - weekly) ** (52 / 12)
        low, high = (low, middle) if monthly[exposed].mean() > MONTHLY_HAZARD else (middle, high)
    weekly = np.where(exposed, 1 / (1 + np.exp(-(low + slope))), 0.0)
    fires = draw.random((n, weeks)) < weekly
    week = np.where(fires.any(axis=1), fires.argmax(axis=1), 10 * weeks)
    decided = np.where(week < weeks, week * WEEK + draw.integers(0, 7, n), 10 * days)
    notice = np.round(np.exp(draw.normal(np.log(45), 0.4, n))).clip(18, 90).astype(np.int64)
    renewal_in = np.take_along_axis(to_renewal, np.minimum(week, weeks - 1)[:, None], axis=1)[:, 0]
    stays = np.where(yearly & (renewal_in >= 14) & (renewal_in <= 90), renewal_in, notice)
    return decided, np.where(week < weeks, decided + stays, 10 * days)


def _seasons(first: date, days: int, trades: list[Trade]) -> Floats:
    """The trade's week, its August and its year's end, per account and day."""
    dates = [first + timedelta(days=number) for number in range(days)]
    curves = {}
    for trade in TRADES:
        curve = np.array([trade.week[on.weekday()] for on in dates])
        curve *= np.array([trade.august if on.month == 8 else 1.0 for on in dates])
        curve *= np.array([trade.year_end if (on.month, on.day) >= (12, 22) or (on.month, on.day) <= (1, 2) else 1.0 for on in dates])
        curves[trade.name] = curve
    return np.stack([curves[trade.name] for trade in trades])
