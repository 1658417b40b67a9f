"""How many accounts it takes, and what so many can tell."""

import math

from scipy import optimize, stats

from .estimates import ALPHA

POWER = 0.8


def size_per_arm(rate: float, effect: float, *, alpha: float = ALPHA, power: float = POWER, share: float = 0.5) -> int:
    """Accounts in the second arm to find `rate` moving by `effect` (both shares of 1) with this power; `share` is the second arm's part of both.

    n = (z[1 - alpha/2] + z[power])^2 (p1 q1 share / (1 - share) + p2 q2) / effect^2, variances not pooled.
    """
    other = rate + effect
    if not 0 < rate < 1 or not 0 < other < 1 or not effect:
        raise ValueError("Rates lie between 0 and 1, and the effect is not zero.")
    reach = float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power))
    return math.ceil(reach**2 * (rate * (1 - rate) * share / (1 - share) + other * (1 - other)) / effect**2)


def size_for_mean(deviation: float, effect: float, *, alpha: float = ALPHA, power: float = POWER) -> int:
    """The same per arm for an amount with this standard deviation, two equal arms."""
    if deviation <= 0 or not effect:
        raise ValueError("The deviation is above zero, and the effect is not zero.")
    reach = float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power))
    return math.ceil(2 * (reach * deviation / effect) ** 2)


def power_of(rate: float, effect: float, first: int, second: int, *, alpha: float = ALPHA) -> float:
    """The chance that arms of these sizes find the effect."""
    other = rate + effect
    error = math.sqrt(rate * (1 - rate) / first + other * (1 - other) / second)
    edge = float(stats.norm.ppf(1 - alpha / 2))
    return float(stats.norm.sf(edge - abs(effect) / error) + stats.norm.cdf(-edge - abs(effect) / error))


def smallest_effect(rate: float, first: int, second: int, *, alpha: float = ALPHA, power: float = POWER) -> float | None:
    """The smallest rise of the rate that arms of these sizes find with this power; None where not even the largest possible would be."""

    def short(effect: float) -> float:
        return power_of(rate, effect, first, second, alpha=alpha) - power

    top = 1 - rate - 1e-9
    if first < 1 or second < 1 or not 0 < rate < 1 or short(top) < 0:
        return None
    return float(optimize.brentq(short, 1e-9, top, xtol=1e-9))
