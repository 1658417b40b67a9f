"""Means and shares of two arms and what lies between them."""

import math
from dataclasses import dataclass
from typing import Protocol

from scipy import stats

ALPHA = 0.05


class Sample(Protocol):
    """`variance` is of one unit, not of the mean; `plain_mean` is the mean before any adjustment, which relative effects are measured by."""

    @property
    def n(self) -> int: ...
    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    @property
    def plain_mean(self) -> float: ...


@dataclass(frozen=True)
class Share:
    """How many of `n` did something."""

    n: int
    successes: float

    @property
    def mean(self) -> float:
        return self.successes / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        return self.mean * (1 - self.mean)

    @property
    def plain_mean(self) -> float:
        return self.mean


@dataclass(frozen=True)
class Mean:
    """An amount per unit, from its sum and its sum of squares."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        return max((self.squares - self.total**2 / self.n) / (self.n - 1), 0.0) if self.n > 1 else 0.0

    @property
    def plain_mean(self) -> float:
        return self.mean


@dataclass(frozen=True)
class Between:
    """The second arm against the first. `error` is the standard error; None where there is nothing to compare yet."""

    effect: float
    error: float
    freedom: float

    @property
    def z(self) -> float:
        return self.effect / self.error

    def p_value(self) -> float:
        """Two-sided, Welch's t."""
        return float(2 * stats.t.sf(abs(self.z), self.freedom))

    def interval(self, alpha: float = ALPHA) -> tuple[float, float]:
        width = float(stats.t.ppf(1 - alpha / 2, self.freedom)) * self.error
        return self.effect - width, self.effect + width


def _freedom(first: Sample, second: Sample) -> float:
    """Degrees of freedom by Welch and Satterthwaite."""
    one, other = first.variance / first.n, second.variance / second.n
    return (one + other) ** 2 / (one**2 / (first.n - 1) + other**2 / (second.n - 1))


def _comparable(first: Sample, second: Sample) -> bool:
    return first.n > 1 and second.n > 1 and first.variance / first.n + second.variance / second.n > 0


def difference(first: Sample, second: Sample) -> Between | None:
    """second - first, in the metric's own units."""
    if not _comparable(first, second):
        return None
    error = math.sqrt(first.variance / first.n + second.variance / second.n)
    return Between(second.mean - first.mean, error, _freedom(first, second))


def relative(first: Sample, second: Sample) -> Between | None:
    """(second - first) / first, with its error by the delta method; None where the first or all of it is zero."""
    if not _comparable(first, second) or not first.mean or not first.plain_mean:
        return None
    base, other = first.plain_mean, second.plain_mean
    variance = second.variance / (base**2 * second.n) + first.variance * other**2 / (base**4 * first.n)
    return Between((second.mean - first.mean) / base, math.sqrt(variance), _freedom(first, second)) if variance else None
