"""How large an effect a play can show with the accounts it gets, and how long that takes."""

from dataclasses import dataclass
from math import ceil, sqrt

# Two-sided 5 %, power 80 %.
_Z_ALPHA, _Z_POWER = 1.959964, 0.841621
_Z = 1.959964
FEWEST = 20


@dataclass(frozen=True)
class Size:
    """`base`: the goal's rate without the play (0 to 1); `mde`: the smallest effect that would be seen within `months`, in points (0 to 100)."""

    base: float
    holdout: float
    per_month: float
    months: float
    mde: float | None


def needed_per_arm(base: float, effect: float) -> int:
    """Accounts per arm to see `effect` (a difference of rates, signed) at 80 % power, two-sided 5 %, arms of equal size.

    n = (z_a sqrt(2 p(1-p)) + z_b sqrt(p1(1-p1) + p2(1-p2)))^2 / d^2 with p the mean of both rates:
    Fleiss, Levin, Paik, Statistical Methods for Rates and Proportions, 3rd ed., eq. 4.14, without continuity correction.
    """
    other = min(max(base + effect, 0.0), 1.0)
    mean = (base + other) / 2
    spread = _Z_ALPHA * sqrt(2 * mean * (1 - mean)) + _Z_POWER * sqrt(base * (1 - base) + other * (1 - other))
    return ceil(spread**2 / effect**2)


def mde(base: float, treated: float, held_out: float) -> float | None:
    """The smallest rise of the rate that so many accounts per arm can show (0 to 1), None when even a rise to everybody could not.

    d = z_a sqrt(p(1-p)(1/n1 + 1/n2)) + z_b sqrt(p1(1-p1)/n1 + p2(1-p2)/n2), solved by halving; Fleiss et al., section 4.2, unequal arms.
    """
    if treated <= 0 or held_out <= 0 or base >= 1:
        return None

    def short(effect: float) -> float:
        other = base + effect
        mean = (treated * other + held_out * base) / (treated + held_out)
        seen = _Z_ALPHA * sqrt(mean * (1 - mean) * (1 / treated + 1 / held_out))
        return effect - seen - _Z_POWER * sqrt(other * (1 - other) / treated + base * (1 - base) / held_out)

    low, high = 0.0, 1 - base
    if short(high) < 0:
        return None
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if short(middle) >= 0 else (middle, high)
    return high


def months_until(base: float, effect: float, *, per_month: float, holdout: float) -> float | None:
    """Months of entries until a rise of `effect` (0 to 1) is seen; None when nobody enters, nobody is held out, or the rate has no room."""
    if per_month <= 0 or not 0 < holdout < 1 or base + effect > 1 or effect <= 0:
        return None
    low, high = 0.0, 1.0
    while (found := mde(base, per_month * high * (1 - holdout), per_month * high * holdout)) is None or found > effect:
        high *= 2
        if high > 1_200:
            return None
    for _ in range(40):
        middle = (low + high) / 2
        found = mde(base, per_month * middle * (1 - holdout), per_month * middle * holdout)
        low, high = (low, middle) if found is not None and found <= effect else (middle, high)
    return high


def sized(base: float, *, per_month: float, holdout: float, months: float = 3) -> Size:
    """What a play with these entries can show after some months."""
    entries = per_month * months
    found = mde(base, entries * (1 - holdout), entries * holdout)
    return Size(base, holdout, per_month, months, None if found is None else 100 * found)


@dataclass(frozen=True)
class Compared:
    """The goal's rate with the play beside that without. Points are None while there is too little to say anything."""

    treated: int
    treated_met: int
    held_out: int
    held_out_met: int
    points: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def treated_percent(self) -> float | None:
        return 100 * self.treated_met / self.treated if self.treated else None

    @property
    def held_out_percent(self) -> float | None:
        return 100 * self.held_out_met / self.held_out if self.held_out else None

    @property
    def is_told(self) -> bool:
        """Whether the interval leaves no doubt about the sign."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def compared(treated: int, treated_met: int, held_out: int, held_out_met: int) -> Compared:
    """The difference of both rates in points with its 95 % interval, once each arm has FEWEST accounts.

    Newcombe's hybrid of two Wilson intervals: Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    told = Compared(treated, treated_met, held_out, held_out_met)
    if min(treated, held_out) < FEWEST:
        return told
    p, q = treated_met / treated, held_out_met / held_out
    (p_low, p_high), (q_low, q_high) = _wilson(treated_met, treated), _wilson(held_out_met, held_out)
    low = p - q - sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    high = p - q + sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return Compared(treated, treated_met, held_out, held_out_met, 100 * (p - q), 100 * low, 100 * high)


def _wilson(met: int, count: int) -> tuple[float, float]:
    """Wilson's score interval of a proportion, 95 %."""
    p, z2 = met / count, _Z * _Z
    middle = (p + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z / (1 + z2 / count) * sqrt(p * (1 - p) / count + z2 / (4 * count * count))
    return middle - half, middle + half
