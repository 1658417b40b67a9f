"""Scoring by a stored stack: the weighted sum of its members' log-odds. Contributions add up by the same weights.

`parameters` = {"intercept", "members": [{"kind", "weight", "parameters"}]}.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .encoding import Source
from .learned import Learned


class Stack:
    """Several models heard together."""

    def __init__(self, parameters: Mapping[str, Any], members: Sequence[Learned]) -> None:
        self._members = members
        self._weights = [float(member["weight"]) for member in parameters["members"]]
        self._intercept = float(parameters["intercept"])
        self.features: Sequence[str] = sorted({feature for member in members for feature in member.features})
        self._places = [[self.features.index(feature) for feature in member.features] for member in members]
        self.base = self._intercept + sum(weight * member.base for weight, member in zip(self._weights, members, strict=True))
        self.usual: Mapping[str, float] = {feature: value for member in members for feature, value in member.usual.items()}

    def log_odds(self, source: Source) -> np.ndarray:
        told = [weight * member.log_odds(source) for weight, member in zip(self._weights, self._members, strict=True)]
        return np.asarray(self._intercept + np.sum(told, axis=0))

    def parts(self, source: Source) -> np.ndarray:
        parts = [member.parts(source) for member in self._members]
        made = np.zeros((len(parts[0]), len(self.features)))
        for weight, part, places in zip(self._weights, parts, self._places, strict=True):
            made[:, places] += weight * part
        return made
