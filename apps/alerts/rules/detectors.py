"""What is usual for a series of daily figures, and how far a day stands from it. Pure: no database, no clock.

Counts are judged on the Anscombe scale, 2 sqrt(x + 3/8), on which a Poisson count has a standard deviation of about 1 whatever its size; so one
threshold fits large and small series, and the spread of a score never falls below what chance alone brings. Scores are in standard deviations.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

# Anscombe 1948: the variance of 2 sqrt(x + 3/8) is 1 + O(1/mean).
_SHIFT = 3 / 8
# A level follows about the last fortnight, the shape of a week about the last two months of that weekday.
_LEVEL, _WEEKDAY, _SPREAD = 0.1, 0.12, 0.04
# What lies further out teaches as much as this many standard deviations: an incident must not become what is usual.
_CLIP = 2.0
# The mean square of a normal value that is clipped there.
_CLIPPED_SQUARE = 0.9205
# Beyond it a day says nothing of the spread of usual ones.
_OUTSIDE = 3.0
LEAST_DAYS = 28
MAD_TO_SD = 1.4826


def scaled(value: float) -> float:
    """A count on the Anscombe scale."""
    return 2 * math.sqrt(max(value, 0.0) + _SHIFT)


def unscaled(value: float) -> float:
    return max((max(value, 0.0) / 2) ** 2 - _SHIFT, 0.0)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a series does by itself: level, difference of each weekday (Monday first), spread; its size does not grow with its age."""

    level: float = 0.0
    week: tuple[float, ...] = (0.0,) * 7
    square: float = 1.0
    days: int = 0
    counts: bool = True

    @property
    def known(self) -> bool:
        """Below four weeks nobody can say what a Tuesday is like: only fixed limits hold."""
        return self.days >= LEAST_DAYS

    @property
    def spread(self) -> float:
        """One standard deviation of a day; for counts never below chance."""
        return max(math.sqrt(self.square), 1.0 if self.counts else 1e-9)

    def usual(self, day: date) -> float:
        """The figure that this weekday usually brings."""
        middle = self.level + self.week[day.weekday()]
        return unscaled(middle) if self.counts else middle

    def score(self, day: date, value: float) -> float:
        """How many standard deviations the day stands above (below: negative) what is usual."""
        return (self._own(value) - self.level - self.week[day.weekday()]) / self.spread

    def learned(self, day: date, value: float) -> "Pattern":
        """The pattern after one more day; a day far out moves it no more than one at the edge of the usual."""
        own, at = self._own(value), day.weekday()
        if self.days == 0:
            return Pattern(level=own, days=1, counts=self.counts, square=1.0 if self.counts else (own * 0.1) ** 2 or 1.0)
        # While it is young it takes plain averages: all days weigh the same.
        young = self.days < LEAST_DAYS
        away = own - self.level - self.week[at]
        edge = _CLIP * self.spread
        taken = away if self.days < 14 else min(max(away, -edge), edge)
        level = self.level + taken * (max(_LEVEL, 1 / (self.days + 1)) if self.days < 14 else _LEVEL)
        pace = 0.5 if young else _WEEKDAY
        week = [there + (pace * taken if place == at else 0.0) for place, there in enumerate(self.week)]
        # The week's differences sum to nothing, so that level and weekday cannot drift apart.
        middle = sum(week) / 7
        level, shape = level + middle, tuple(one - middle for one in week)
        square = self.square
        if self.days >= 14 and (young or abs(away) <= _OUTSIDE * self.spread):
            pace = max(_SPREAD, 1 / (self.days - 12))
            square += (taken * taken / _CLIPPED_SQUARE - square) * pace
        return Pattern(level, shape, max(square, 1.0 if self.counts else 1e-12), self.days + 1, self.counts)

    def _own(self, value: float) -> float:
        return scaled(value) if self.counts else value

    def kept(self) -> dict[str, Any]:
        """As it is stored: exact, so that whoever reads it goes on as if it had never been away."""
        return {"level": self.level, "week": list(self.week), "square": self.square, "days": self.days, "counts": self.counts}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Pattern":
        return cls(kept["level"], tuple(kept["week"]), kept["square"], kept["days"], kept["counts"])


@dataclass(frozen=True, slots=True)
class Usual:
    """What the same weekdays of some weeks brought: their middle, and one robust standard deviation on the scale that scores are made on."""

    value: float
    spread: float
    days: int
    counts: bool = True

    def score(self, value: float) -> float:
        own, middle = (scaled(value), scaled(self.value)) if self.counts else (value, self.value)
        return (own - middle) / self.spread


def same_weekday(past: Sequence[tuple[date, float]], day: date, *, counts: bool = True, least_days: int = LEAST_DAYS) -> Usual | None:
    """The usual figure of a day by its own weekday (median) and the spread of all days around theirs (MAD); None: too little past.

    The spread is pooled over the weekdays: of eight Tuesdays alone it would be a guess.
    """
    if len(past) < least_days:
        return None
    own = [(one.weekday(), scaled(value) if counts else value) for one, value in past if one < day]
    by_weekday: dict[int, list[float]] = {}
    for weekday, value in own:
        by_weekday.setdefault(weekday, []).append(value)
    if day.weekday() not in by_weekday:
        return None
    middles = {weekday: median(values) for weekday, values in by_weekday.items()}
    spread = MAD_TO_SD * median(abs(value - middles[weekday]) for weekday, value in own)
    # A week's middle is itself known from few days only, which a little more spread allows for.
    spread *= math.sqrt(1 + math.pi / 2 / len(by_weekday[day.weekday()]))
    middle = middles[day.weekday()]
    floor = 1.0 if counts else max(abs(middle) * 1e-3, 1e-9)
    return Usual(unscaled(middle) if counts else middle, max(spread, floor), len(own), counts)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a series goes: its level at the last day and its slope per day, each with a standard error."""

    level: float
    slope: float
    error: float
    days: int

    def crossing(self, limit: float, *, sure: float = 1.2816) -> tuple[float, float, float | None] | None:
        """Days from now until it passes the limit: middle, earliest, latest (80 % for the slope; None: perhaps never). None: it does not go there.

        It goes there only if the slope is away from nought by more than its own error allows.
        """
        gap = limit - self.level
        if gap == 0 or self.slope == 0 or (gap > 0) != (self.slope > 0) or abs(self.slope) <= sure * self.error:
            return None
        fast, slow = abs(self.slope) + sure * self.error, abs(self.slope) - sure * self.error
        return abs(gap / self.slope), abs(gap) / fast, abs(gap) / slow if slow > 0 else None


def course(past: Sequence[tuple[date, float]], *, least_days: int = 14) -> Course | None:
    """The straight line through the last days (least squares); its error counts that days resemble their neighbours (Newey-West, lag 3)."""
    count = len(past)
    if count < least_days:
        return None
    last = past[-1][0]
    xs = [float((day - last).days) for day, _ in past]
    ys = [value for _, value in past]
    mean_x, mean_y = sum(xs) / count, sum(ys) / count
    square = sum((x - mean_x) ** 2 for x in xs)
    if square == 0:
        return None
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / square
    level = mean_y - slope * mean_x
    scores = [(x - mean_x) * (y - level - slope * x) for x, y in zip(xs, ys, strict=True)]
    meat = sum(one * one for one in scores)
    for lag in (1, 2, 3):
        meat += 2 * (1 - lag / 4) * sum(one * other for one, other in zip(scores[lag:], scores, strict=False))
    error = math.sqrt(max(meat, 0.0) * count / max(count - 2, 1)) / square
    return Course(level, slope, error, count)
