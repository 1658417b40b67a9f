"""What every learned model can say."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from .encoding import Source


class Learned(Protocol):
    """`base` is the log-odds from which contributions count, `usual` the typical figure of each number."""

    features: Sequence[str]
    base: float
    usual: Mapping[str, float]

    def log_odds(self, source: Source) -> np.ndarray:
        """One per row."""

    def parts(self, source: Source) -> np.ndarray:
        """Rows x features: contributions in log-odds that sum to log_odds - base."""
