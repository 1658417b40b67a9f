"""Amounts of which few units carry most: when the usual interval cannot be trusted, and what to take instead."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .estimates import ALPHA

Numbers = NDArray[np.float64]
# So many units per skewness squared make the mean near enough normal (Kohavi, Deng, Longbotham, Xu 2014).
_PER_SKEWNESS = 355
_DRAWS = 1_000
# Values that are drawn at once.
_ROOM = 4_000_000


@dataclass(frozen=True)
class Difference:
    """second - first per unit, with its interval. `method`: t (Welch), or bootstrap."""

    value: float
    low: float
    high: float
    error: float
    method: str


def heavy(values: Numbers) -> bool:
    """Whether so many units are too few for a normal interval of their mean."""
    if len(values) < 3 or values.var() == 0:
        return False
    return len(values) < _PER_SKEWNESS * float(stats.skew(values)) ** 2


def difference(first: Numbers, second: Numbers, *, alpha: float = ALPHA, seed: int = 0) -> Difference | None:
    """The second arm's mean less the first's: Welch's interval, or the studentised bootstrap's where an arm is heavy tailed. None: nothing varies."""
    if len(first) < 2 or len(second) < 2:
        return None
    parts = [float(arm.var(ddof=1)) / len(arm) for arm in (first, second)]
    error = math.sqrt(sum(parts))
    if not error:
        return None
    value = float(second.mean() - first.mean())
    if heavy(first) or heavy(second):
        low, high = _studentised(first, second, value, error, alpha, seed)
        return Difference(value, low, high, error, "bootstrap")
    freedom = sum(parts) ** 2 / sum(part**2 / (len(arm) - 1) for part, arm in zip(parts, (first, second), strict=True))
    width = float(stats.t.ppf(1 - alpha / 2, freedom)) * error
    return Difference(value, value - width, value + width, error, "t")


def _studentised(first: Numbers, second: Numbers, value: float, error: float, alpha: float, seed: int) -> tuple[float, float]:
    """Each draw's difference in units of that draw's own error, so that the skew is in the interval; it is never narrower than the normal one."""
    draws = np.random.default_rng(seed)
    found = []
    at_once = max(1, min(_DRAWS, _ROOM // (len(first) + len(second))))
    for _ in range(max(1, min(_DRAWS, 4 * _ROOM // (len(first) + len(second))) // at_once)):
        means, variances = [], []
        for arm in (first, second):
            drawn = arm[draws.integers(len(arm), size=(at_once, len(arm)))]
            means.append(drawn.mean(axis=1))
            variances.append(drawn.var(axis=1, ddof=1) / len(arm))
        errors = np.sqrt(variances[0] + variances[1])
        # A draw that missed everybody who varies says nothing of the spread.
        seen = errors > 0
        found.append((means[1][seen] - means[0][seen] - value) / errors[seen])
    edge = float(stats.norm.ppf(1 - alpha / 2))
    low, high = np.quantile(np.concatenate(found), [alpha / 2, 1 - alpha / 2])
    return value - max(float(high), edge) * error, value - min(float(low), -edge) * error


def winsorised(values: Numbers, share: float = 0.01) -> Numbers:
    """The largest and the smallest `share` cut down to what stands next to them."""
    if not len(values):
        return values
    low, high = np.quantile(values, [share, 1 - share])
    return np.clip(values, low, high)
