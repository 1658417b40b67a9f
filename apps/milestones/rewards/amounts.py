"""What an act is worth: pure arithmetic, the same for the product, its tests and benchmarks/rewards.py. Formulas: ML.md 4, docs/rewards.md."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from apps.core.shares import position

from ..types import CENT, Unit

# Odds of the variation, shown to customers as they are: (times, share). Their mean is 1; the sum of 30 draws has a standard deviation of 5 %.
ODDS: tuple[tuple[float, float], ...] = ((0.5, 0.1), (0.75, 0.2), (1.0, 0.4), (1.25, 0.2), (1.5, 0.1))
LEAST, MOST = 0.5, 1.5
_STREAK_GAIN, _STREAK_WEEKS = 0.5, 7.0


def varied(seed: str) -> float:
    """The draw of this seed: 0.5 to 1.5, 1 on average; the same seed always draws the same."""
    place, passed = position("reward-odds", seed), 0.0
    for times, share in ODDS:
        passed += share
        if place < passed:
            return times
    return ODDS[-1][0]


def odds_in_words() -> str:
    return ", ".join(f"{times:g} times in {share:.0%}" for times, share in ODDS)


def streak_factor(weeks: int) -> float:
    """1 + 0.5 (1 - exp(-weeks / 7)): 1.07 after one week, 1.32 after seven, never above 1.5."""
    return 1.0 + _STREAK_GAIN * (1.0 - math.exp(-max(weeks, 0) / _STREAK_WEEKS))


def acts_worth(acts: int, *, usual: int, decay: float) -> float:
    """What so many acts of one day are worth, in acts: those within what is usual in full, each further one `decay` of the one before."""
    beyond = max(acts - usual, 0)
    more = float(beyond) if decay >= 1 else decay * (1.0 - decay**beyond) / (1.0 - decay)
    return min(acts, usual) + more


def day_amount(acts: int, *, each: Decimal, usual: int, decay: float, cap: Decimal | None) -> Decimal:
    """What an account has earned by one rule at the end of a day with so many acts."""
    amount = each * Decimal(f"{acts_worth(acts, usual=usual, decay=decay):.6f}")
    return amount if cap is None else min(amount, cap)


def rounded(amount: Decimal, unit: str) -> Decimal:
    """Money to the cent, points and perks to whole ones."""
    return amount.quantize(CENT if unit == Unit.CREDITS else Decimal(1), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Factors:
    streak: float = 1.0
    odds: float = 1.0
    pacing: float = 1.0

    def applied(self, amount: Decimal, unit: str) -> Decimal:
        return rounded(amount * Decimal(repr(self.streak * self.odds * self.pacing)), unit)

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in vars(self).items() if value != 1.0}


def usual_acts(days: Sequence[int]) -> int:
    """What nine of ten days stay within (nearest rank), at least 1: from there on acts of the same day count less and less."""
    ordered = sorted(days)
    return max(ordered[math.ceil(0.9 * len(ordered)) - 1], 1) if ordered else 1
