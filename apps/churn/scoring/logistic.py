"""Scoring by stored logistic-regression parameters: fill, scale, clip, weigh. Pure numpy; nothing is unpickled.

`parameters` = {"intercept", "columns": [...encoding.py..., "coef", "average"]}. `average` is the mean of the column's scaled, clipped training
values, so that coef * (x - average), summed over the columns, is the difference in log-odds to the average account.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import encoding
from .encoding import Source


class Logistic:
    """A weighted sum of columns."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._columns = parameters["columns"]
        self._coef = np.array([column["coef"] for column in self._columns])
        self._average = np.array([column["average"] for column in self._columns])
        self.features: Sequence[str]
        self.features, self._groups = encoding.grouped(self._columns)
        self.base = float(parameters["intercept"] + self._coef @ self._average)
        self.usual: Mapping[str, float] = encoding.typical(self._columns)

    def log_odds(self, source: Source) -> np.ndarray:
        return np.asarray(self.base + (encoding.design(source, self._columns) - self._average) @ self._coef)

    def parts(self, source: Source) -> np.ndarray:
        return np.asarray((encoding.design(source, self._columns) - self._average) * self._coef) @ self._groups
