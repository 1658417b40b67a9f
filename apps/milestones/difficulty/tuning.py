"""Holding the told chances against what came true, so that the target is met in fact and not only by the model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .fitting import corrected
from .rasch import logit

# Of so many newest outcomes. Fewer than the least say nothing; more count by n / (n + the draw), so that the correction comes gently.
WINDOW, LEAST, _DRAW = 500, 50, 100
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


def retune(chances: Sequence[float], biases: Sequence[float], reached: Sequence[bool]) -> Realised | None:
    """`chances` as they were told, each with the correction that held then; nothing is known of no outcomes.

    The new correction is what the bare chances miss, so retuning twice from the same outcomes changes nothing.
    """
    count = len(chances)
    if not count:
        return None
    told, came = sum(chances) / count, sum(reached) / count
    if count < LEAST:
        return Realised(count, told, came, 0.0)
    bare = sum(corrected(p, -bias) for p, bias in zip(chances, biases, strict=True))
    # Half an outcome on either side keeps a share of 0 or 1 finite.
    missed = logit((sum(reached) + 0.5) / (count + 1)) - logit((bare + 0.5) / (count + 1))
    return Realised(count, told, came, max(-_MOST, min(_MOST, missed * count / (count + _DRAW))))
