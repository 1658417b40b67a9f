"""What every estimate starts from: units with the rate of the targeted behaviour before and after."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
# Added to every count, so that a period without any act still has a logarithm.
_HALF = 0.5
# With fewer treated than this nothing is told but how many more it takes.
FEWEST = 50
ALPHA = 0.05


def log_rate(counts: Any, weeks: float) -> Numbers:
    """Acts a week as a natural logarithm: a difference of 0.1 is about 10 % more. `counts` of any shape; `weeks` is how long they were counted."""
    return np.log((np.asarray(counts, dtype=float) + _HALF) / weeks)


@dataclass(frozen=True)
class Cohort:
    """Units, one row each. `earlier`, `before` (two columns, older first) and `after` are log rates of periods that follow each other without a gap.

    `group` tells which units belong to one account: what happens to one of them tells of the others too. `chance` is the chance that the unit had of
    the arm it is in, where it was drawn by lot; NaN where nobody drew.
    """

    treated: NDArray[np.bool_]
    earlier: Numbers
    before: Numbers
    after: Numbers
    group: NDArray[np.int64]
    chance: Numbers

    def __post_init__(self) -> None:
        n = len(self.treated)
        if self.before.shape != (n, 2) or any(len(part) != n for part in (self.earlier, self.after, self.group, self.chance)):
            raise ValueError("Every unit needs an arm, three periods before, one after, its account and its chance.")

    @property
    def n_treated(self) -> int:
        return int(self.treated.sum())

    @property
    def n_others(self) -> int:
        return int((~self.treated).sum())

    def with_after(self, after: Numbers) -> "Cohort":
        """The same units with another outcome, for example one week of those that followed, or a period before."""
        return Cohort(self.treated, self.earlier, self.before, after, self.group, self.chance)

    def only(self, chosen: NDArray[np.bool_]) -> "Cohort":
        return Cohort(self.treated[chosen], self.earlier[chosen], self.before[chosen], self.after[chosen], self.group[chosen], self.chance[chosen])


@dataclass(frozen=True)
class Estimate:
    """A difference of log rates with its standard error and 95 % interval. `treated` and `others` are the units that it rests on."""

    value: float
    error: float
    low: float
    high: float
    treated: int
    others: int

    @property
    def percent(self) -> tuple[float, float, float]:
        """The change of the rate in per cent: middle, low, high."""
        middle, low, high = (100 * float(np.expm1(one)) for one in (self.value, self.low, self.high))
        return middle, low, high

    @property
    def sure(self) -> bool:
        """Whether nought lies outside the interval."""
        return self.low > 0 or self.high < 0
