"""Scoring by a stored neural network with one hidden layer of rectified units. Pure numpy; nothing is unpickled.

`parameters` = {"columns": [...encoding.py..., "average"], "inner", "inner_bias", "outer", "outer_bias"}: the log-odds are
outer . max(0, inner x + inner_bias) + outer_bias. Contributions are integrated gradients along the straight line from the average account
(Sundararajan, Taly and Yan 2017). On that line the input of a rectified unit changes evenly, so the integral has a closed form and the contributions
sum to the difference of log-odds but for rounding (1e-9).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import encoding
from .encoding import Source


class Network:
    """One hidden layer."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._columns = parameters["columns"]
        self._inner = np.array(parameters["inner"])
        self._inner_bias = np.array(parameters["inner_bias"])
        self._outer = np.array(parameters["outer"])
        self._outer_bias = float(parameters["outer_bias"])
        self._average = np.array([column["average"] for column in self._columns])
        self._at_average = self._average @ self._inner + self._inner_bias
        self.features: Sequence[str]
        self.features, self._groups = encoding.grouped(self._columns)
        self.base = float(np.maximum(self._at_average, 0) @ self._outer + self._outer_bias)
        self.usual: Mapping[str, float] = encoding.typical(self._columns)

    def log_odds(self, source: Source) -> np.ndarray:
        return self._log_odds(encoding.design(source, self._columns))

    def _log_odds(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.maximum(x @ self._inner + self._inner_bias, 0) @ self._outer + self._outer_bias)

    def parts(self, source: Source) -> np.ndarray:
        x = encoding.design(source, self._columns)
        here, there = x @ self._inner + self._inner_bias, self._at_average
        apart = here - there
        still = np.abs(apart) < 1e-9
        # The share of the way on which the unit is awake.
        awake = np.where(still, here > 0, (np.maximum(here, 0) - np.maximum(there, 0)) / np.where(still, 1.0, apart))
        slopes = (awake * self._outer) @ self._inner.T
        return np.asarray((x - self._average) * slopes) @ self._groups
