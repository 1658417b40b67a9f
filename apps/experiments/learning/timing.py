"""At what hour somebody answers: a circular histogram of their own activity, shrunken towards that of people like them.

168 counts (hour of the week, Monday 0 h first, in the recipient's zone) are folded into working days and weekends, 24 hours each, smoothed around
the clock with a deviation of 1.5 hours, and joined by 10 events' worth of the segment's own curve, so that somebody of whom nothing is known gets
the hour of their segment. From logs of what we sent, answers are divided by what was sent, or 10 o'clock would win because everybody writes then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

HOURS_OF_WEEK = 168
KAPPA = 10.0
_DEVIATION = 1.5
_WORKING_DAYS = 5
# An hour in which little was sent says little: this many sends without an answer are added everywhere.
_QUIET_SENDS = 3.0
_PARTS = ((5, 12, "in the morning"), (12, 17, "in the afternoon"), (17, 22, "in the evening"), (22, 29, "at night"))
_LEAST_EVENTS = 3


@dataclass(frozen=True)
class Rhythm:
    """How much somebody is there, per hour of a working day (row 0) and of the weekend (row 1); each row sums to 1. `own` are their own events."""

    curve: Numbers
    own: Numbers
    events: float


@dataclass(frozen=True)
class Moment:
    at: datetime
    words: str


@lru_cache(maxsize=8)
def _kernel(deviation: float) -> Numbers:
    apart = np.minimum(np.arange(24), 24 - np.arange(24))
    weights = np.exp(-0.5 * (apart / deviation) ** 2)
    circle = np.array([np.roll(weights, hour) for hour in range(24)])
    return np.asarray(circle / circle.sum(axis=1, keepdims=True), dtype=np.float64)


def fold(counts: Sequence[float]) -> Numbers:
    """168 hours of the week -> (working day, weekend) x 24."""
    week = np.asarray(counts, dtype=np.float64)
    if week.shape != (HOURS_OF_WEEK,):
        raise ValueError(f"A week has {HOURS_OF_WEEK} hours, not {week.size}.")
    days = week.reshape(7, 24)
    return np.stack([days[:_WORKING_DAYS].sum(axis=0), days[_WORKING_DAYS:].sum(axis=0)])


def rhythm(own: Sequence[float], segment: Sequence[float], *, kappa: float = KAPPA) -> Rhythm:
    """Own activity, joined by `kappa` events' worth of the segment's; `segment` are counts too, of any size."""
    mine, theirs = fold(own), fold(segment)
    around = theirs @ _kernel(_DEVIATION)
    whole = around.sum(axis=1, keepdims=True)
    prior = np.where(whole > 0, around / np.where(whole > 0, whole, 1), 1 / 24)
    joined = mine @ _kernel(_DEVIATION) + kappa * prior
    return Rhythm(joined / joined.sum(axis=1, keepdims=True), mine, float(mine.sum()))


def answering(sent: Sequence[float], answered: Sequence[float], segment: Sequence[float], *, kappa: float = KAPPA) -> Rhythm:
    """The same from a log of sends: what was answered over what was sent, hour by hour."""
    kernel = _kernel(_DEVIATION)
    asked, got = fold(sent) @ kernel, fold(answered) @ kernel
    overall = got.sum(axis=1, keepdims=True) / np.maximum(asked.sum(axis=1, keepdims=True), 1e-9)
    rates = (got + _QUIET_SENDS * overall) / (asked + _QUIET_SENDS)
    theirs = rhythm([0.0] * HOURS_OF_WEEK, segment).curve
    whole = rates.sum(axis=1, keepdims=True)
    mine = np.where(whole > 0, rates / np.where(whole > 0, whole, 1), 1 / 24)
    weight = fold(answered).sum()
    return Rhythm((weight * mine + kappa * theirs) / (weight + kappa), fold(answered), float(weight))


def moment(known: Rhythm, *, zone: str, earliest: datetime, latest: datetime, allowed: Sequence[Sequence[bool]]) -> Moment | None:
    """The best moment in [earliest, latest] whose hour in the recipient's zone is allowed (rows: working day, weekend); None where no hour is.

    Hours are walked on the world's clock, so a day of 23 or 25 hours has its own. The minute is where the curve would peak between its hours.
    """
    place = ZoneInfo(zone)
    best, best_score = None, -1.0
    at = earliest
    while at <= latest:
        local = at.astimezone(place)
        row = int(local.weekday() >= _WORKING_DAYS)
        if allowed[row][local.hour] and known.curve[row][local.hour] > best_score:
            best, best_score = at, float(known.curve[row][local.hour])
        # To the next full hour there; forward on the world's clock, so that no turn of the clocks holds the walk up (Lord Howe's is half an hour).
        at += timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    if best is None:
        return None
    chosen = _at_peak(known, best, place, earliest, latest)
    local = chosen.astimezone(place)
    return Moment(chosen, f"{local:%H:%M}: {_because(known, local)}")


def _at_peak(known: Rhythm, at: datetime, place: ZoneInfo, earliest: datetime, latest: datetime) -> datetime:
    """Within the hour: the top of the parabola through it and its neighbours, where that is inside the window."""
    local = at.astimezone(place)
    row = known.curve[int(local.weekday() >= _WORKING_DAYS)]
    before, here, after = row[local.hour - 1], row[local.hour], row[(local.hour + 1) % 24]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    minute = int(np.clip(60 * (0.5 + shift), 0, 59)) // 5 * 5
    wished = at + timedelta(minutes=minute - local.minute)
    return min(max(wished, at), latest) if wished >= earliest else at


def _because(known: Rhythm, local: datetime) -> str:
    row = int(local.weekday() >= _WORKING_DAYS)
    own, events = known.own[row], float(known.own[row].sum())
    hour = local.hour if local.hour >= _PARTS[0][0] else local.hour + 24
    begin, end, part = next(one for one in _PARTS if one[0] <= hour < one[1])
    inside = sum(own[one % 24] for one in range(begin, end))
    days = ("on working days", "at weekends")[row]
    if events >= _LEAST_EVENTS and inside * 2 >= events:
        return f"{inside:.0f} of {events:.0f} times they were active {days} it was {part}"
    if events >= 1:
        return f"only {events:.0f} signs of their own {days}, so mostly when people like them are active"
    return f"nothing is known of their own hours {days}, so when people like them are active"
