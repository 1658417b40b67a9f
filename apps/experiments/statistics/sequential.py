"""Looking more than once without fooling oneself: planned looks that spend the error bit by bit, and intervals that hold at every look."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from .estimates import ALPHA, Between

# Points of the grid on which the distribution of the running sum is carried from look to look.
_POINTS = 401
_WIDEST = 8.0
TUNING = 5_000


def spent(fraction: float, alpha: float = ALPHA) -> float:
    """How much of alpha may be used up at this fraction of the planned information: Lan and DeMets' form of O'Brien-Fleming, each side half."""
    if fraction <= 0:
        return 0.0
    return float(4 * stats.norm.sf(stats.norm.ppf(1 - alpha / 4) / math.sqrt(min(fraction, 1.0))))


@lru_cache(maxsize=4096)
def boundaries(fractions: tuple[float, ...], alpha: float = ALPHA) -> tuple[float, ...]:
    """The |z| that decides at each look, for looks at these rising fractions of the planned information.

    The density of the running sum of those not yet decided is carried from look to look by numerical integration (Armitage, McPherson and Rowe
    1969), and each boundary is set so that exactly the error due at that look is spent there. A boundary depends only on looks before it, so
    looks may fall anywhere; at the full plan the whole of alpha is spent.
    """
    if any(later <= earlier for earlier, later in zip((0.0, *fractions), fractions, strict=False)) or fractions[-1] > 1:
        raise ValueError(f"Fractions of information rise and end at 1 at most: {fractions}.")
    found: list[float] = []
    before, used = 0.0, 0.0
    grid: NDArray[np.float64] = np.zeros(1)
    mass: NDArray[np.float64] = np.ones(1)
    for fraction in fractions:
        due, step, scale = spent(fraction, alpha) - used, math.sqrt(fraction - before), math.sqrt(fraction)
        bound = _bound(grid, mass, step, scale, max(due, 0.0))
        found.append(bound)
        used = spent(fraction, alpha)
        edge = bound * scale
        fresh = np.linspace(-edge, edge, _POINTS)
        density = np.exp(-0.5 * ((fresh[:, None] - grid[None, :]) / step) ** 2) @ mass / (step * math.sqrt(2 * math.pi))
        weights = np.full(_POINTS, fresh[1] - fresh[0])
        weights[1:-1:2] *= 4 / 3
        weights[2:-1:2] *= 2 / 3
        weights[[0, -1]] /= 3
        grid, mass, before = fresh, density * weights, fraction
    return tuple(found)


def _bound(grid: NDArray[np.float64], mass: NDArray[np.float64], step: float, scale: float, due: float) -> float:
    def beyond(bound: float) -> float:
        edge = bound * scale
        return float(mass @ (special.ndtr((grid - edge) / step) + special.ndtr((-edge - grid) / step))) - due

    return _WIDEST if beyond(_WIDEST) >= 0 else float(optimize.brentq(beyond, 0.0, _WIDEST, xtol=1e-9))


def _rho_squared(alpha: float, tuning: float) -> float:
    return (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuning


def always_valid(between: Between, units: int, alpha: float = ALPHA, tuning: float = TUNING) -> tuple[float, float]:
    """An interval that covers the truth at all looks with 1 - alpha (Waudby-Smith et al. 2023, equation 9), narrowest near `tuning` units."""
    spread = units * _rho_squared(alpha, tuning) + 1
    width = between.error * math.sqrt(2 * spread * math.log(math.sqrt(spread) / alpha) / (units * _rho_squared(alpha, tuning)))
    return between.effect - width, between.effect + width


def always_valid_p(between: Between, units: int, alpha: float = ALPHA, tuning: float = TUNING) -> float:
    """The p-value that goes with it (their equation 155)."""
    rho = _rho_squared(alpha, tuning)
    spread = units * rho + 1
    return min(1.0, math.sqrt(spread) * math.exp(-rho * units * between.z**2 / (2 * spread)))
