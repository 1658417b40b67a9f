"""What is expected of a line, with an interval that says how often it has held.

The middle: the last level moved by a damped drift; where the weekdays differ, each by its own. The interval is no formula's: it is as wide as the
same forecast was wrong by at past origins (split conformal), and is tried at later origins than those it is taken from (`covered`).
"""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil, sqrt
from statistics import mean, median

from .types import Expected, Point

LEAST_DAYS = 28
LEAST_ORIGINS = 8
MOST_DAYS = 92
_WEEK, _WEEKS = 7, 6
_LEVEL = 0.9  # how often the interval should hold
_DAMPED, _SMOOTH, _TREND = 0.97, 0.4, 0.1
# Weekdays count as different where they explain more than this share of what varies about the weeks' own middles.
_SEASONAL = 0.35
_ORIGINS = 60


def expect(points: Sequence[Point], *, days: int, bounded: bool = False) -> tuple[tuple[Expected, ...], float | None]:
    """The next `days` days after the last known one, and the share of past forecasts whose interval held. Nothing with less than four weeks known,
    and nothing where too few origins could be tried to know how wrong it may be."""
    known = _known(points)
    days = min(days, MOST_DAYS)
    if days < 1 or len(known) < LEAST_DAYS:
        return (), None
    values = [value for _, value in known]
    errors = _errors(values, days)
    covered = _covered(errors, days)
    widths = _widths(errors, days)
    if widths is None:
        return (), None
    middle = _ahead(values, days)
    never_below = min(values) >= 0
    last = known[-1][0]
    told = []
    for step in range(days):
        low, high = middle[step] - widths[step], middle[step] + widths[step]
        value = middle[step]
        if never_below:
            low, value = max(0.0, low), max(0.0, value)
        if bounded:
            high, value = min(1.0, high), min(1.0, value)
        told.append(Expected(last + timedelta(days=step + 1), value, low, high))
    return tuple(told), covered


def _known(points: Sequence[Point]) -> list[tuple]:  # type: ignore[type-arg]
    """The unbroken end of a line; a gap of a day is bridged, for a weekday must stay a weekday."""
    found: list[tuple] = []  # type: ignore[type-arg]
    for point in reversed(points):
        if point.value is None:
            if found:
                break
            continue
        found.append((point.day, float(point.value)))
    return found[::-1]


def _ahead(values: Sequence[float], days: int) -> list[float]:
    """Holt's level and damped drift over what the weekday leaves, then the weekday again."""
    weekday = _weekdays(values)
    first = len(values) % _WEEK
    plain = [value - weekday[(place - first) % _WEEK] for place, value in enumerate(values)]
    level, drift = mean(plain[:_WEEK]), 0.0
    for value in plain[_WEEK:]:
        before = level
        level = _SMOOTH * value + (1 - _SMOOTH) * (level + _DAMPED * drift)
        drift = _TREND * (level - before) + (1 - _TREND) * _DAMPED * drift
    told, reach = [], 0.0
    for step in range(1, days + 1):
        reach += _DAMPED**step
        told.append(level + reach * drift + weekday[(len(values) - 1 + step - first) % _WEEK])
    return told


def _weekdays(values: Sequence[float]) -> list[float]:
    """What each place in the week adds to the middle of its week; nought where the weekdays explain little. The last day has the last place."""
    weeks = [values[end - _WEEK : end] for end in range(len(values), _WEEK - 1, -_WEEK)][:_WEEKS]
    if len(weeks) < 3:
        return [0.0] * _WEEK
    apart = [[value - mean(week) for value in week] for week in weeks]
    usual = [median([week[place] for week in apart]) for place in range(_WEEK)]
    usual = [one - mean(usual) for one in usual]
    whole = sum(one * one for week in apart for one in week)
    left = sum((one - usual[place]) ** 2 for week in apart for place, one in enumerate(week))
    return usual if whole > 0 and 1 - left / whole > _SEASONAL else [0.0] * _WEEK


def _errors(values: Sequence[float], days: int) -> list[list[float]]:
    """How wrong the forecast was at each past origin, oldest first: one list of distances per origin, as far as is known what came."""
    first = max(LEAST_DAYS - _WEEK, len(values) - _ORIGINS - days)
    return [
        [abs(guess - values[origin + step]) for step, guess in enumerate(_ahead(values[:origin], min(days, len(values) - origin)))]
        for origin in range(first, len(values))
    ]


def _widths(errors: Sequence[Sequence[float]], days: int) -> list[float] | None:
    """Half the width of the interval at each step; steps that were tried too seldom widen with the root of the distance. None: too few origins."""
    told: list[float] = []
    for step in range(days):
        tried = [one[step] for one in errors if len(one) > step]
        if len(tried) >= LEAST_ORIGINS:
            width = _quantile(tried)
            told.append(max(width, told[-1]) if told else width)
        elif told:
            told.append(told[-1] * sqrt((step + 1) / step))
        else:
            return None
    return told


def _quantile(errors: Sequence[float]) -> float:
    """The conformal one: of n errors the ceil((n + 1) x 0.9)th; the largest, and a fifth more, where there are too few for it."""
    place = ceil((len(errors) + 1) * _LEVEL)
    ordered = sorted(errors)
    return ordered[place - 1] if place <= len(ordered) else 1.2 * ordered[-1]


def _covered(errors: Sequence[Sequence[float]], days: int) -> float | None:
    """Of the forecasts from origins that had enough others before them, the share that the interval of those before would have held.

    Only what was known then counts: the errors of an origin are known once their day has come.
    """
    held = tried = 0
    for place in range(LEAST_ORIGINS, len(errors)):
        for step in range(min(days, len(errors[place]))):
            past = [one[step] for one in errors[: place - step] if len(one) > step]
            if len(past) >= LEAST_ORIGINS:
                tried += 1
                held += errors[place][step] <= _quantile(past)
    return held / tried if tried >= LEAST_ORIGINS else None
