"""Holding the told chances against what came true, so that the target is met in fact and not only by the model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .rasch import logit

# Of so many newest outcomes; fewer than the least say nothing, and the correction counts by n / (n + this).
WINDOW, LEAST, _SHRINK = 500, 50, 100
_MOST = 1.0


@dataclass(frozen=True)
class Realised:
    """Shares (0-1) of the newest outcomes: what was told, what came true, and the correction (logits) for what is told from now on."""

    outcomes: int
    told: float
    came_true: float
    bias: float

    @property
    def error(self) -> float:
        """Half the width of the 95 % interval of `came_true`."""
        return 1.96 * math.sqrt(self.came_true * (1 - self.came_true) / self.outcomes) if self.outcomes else 0.0


def retune(chances: Sequence[float], reached: Sequence[bool], bias: float) -> Realised:
    """`chances` are the told ones, with the correction `bias` in them already; what they still miss is added to it."""
    count = len(chances)
    if not count:
        return Realised(0, 0.0, 0.0, bias)
    told, came = sum(chances) / count, sum(reached) / count
    if count < LEAST:
        return Realised(count, told, came, bias)
    # Half an outcome on either side keeps a share of 0 or 1 finite.
    missed = logit((sum(reached) + 0.5) / (count + 1)) - logit((sum(chances) + 0.5) / (count + 1))
    return Realised(count, told, came, max(-_MOST, min(_MOST, bias + missed * count / (count + _SHRINK))))
