"""The transparent weighted rule for companies with too little history for a model.

Each term reads one feature as 0 (calm) to 1 (alarming); the score is the weighted sum, a rank and not a probability. Weights sum to 1 and live in the
model version, where staff may change them. The starting weights put first what told most in measurements: falling use, then silence, then trouble.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..types import Score
from . import encoding, words
from .encoding import Source


@dataclass(frozen=True)
class Term:
    """`calm` reads as 0, `alarm` as 1, in between linearly. `typical` is the reading of an ordinary account: the point from which reasons count."""

    key: str
    feature: str
    words: str
    weight: float
    calm: float
    alarm: float
    typical: float

    def reading(self, value: float | None) -> float:
        """0 to 1; an unknown value reads as typical and so moves nothing."""
        if value is None:
            return self.typical
        return min(1.0, max(0.0, (value - self.calm) / (self.alarm - self.calm)))


_QUARTER = math.log(1 / 4)

TERMS = (
    Term("trend_28", "trend_28", "activity falls to a quarter of its own pattern", 0.20, 0.0, _QUARTER, 0.10),
    Term("trend_7", "trend_7", "the last week falls to a quarter of its own pattern", 0.08, 0.0, _QUARTER, 0.20),
    Term("trend_days", "trend_days", "active days fall to a quarter of their own pattern", 0.08, 0.0, _QUARTER, 0.10),
    Term("silent_weeks", "since", "four weeks without activity", 0.16, 1.0, 28.0, 0.10),
    Term("silent_months", "since", "half a year without activity", 0.14, 1.0, 182.0, 0.02),
    Term("leaving_28", "leaving_28", "a sign of leaving", 0.10, 0.0, 1.0, 0.0),
    Term("payment_56", "payment_56", "two payment problems in 8 weeks", 0.08, 0.0, 2.0, 0.0),
    Term("support_28", "support_28", "four support problems in 28 days", 0.08, 0.0, 4.0, 0.1),
    Term("renewal", "renewal", "the renewal is near (90 days to none)", 0.06, 90.0, 0.0, 0.1),
    Term("tenure", "tenure", "a new customer (90 days to none)", 0.02, 90.0, 0.0, 0.1),
)


def default_weights() -> dict[str, float]:
    return {term.key: term.weight for term in TERMS}


def problem_with(weights: Mapping[str, float]) -> str:
    """Why these weights cannot be used, or nothing."""
    known = {term.key for term in TERMS}
    if set(weights) != known:
        return f"Give exactly these terms: {', '.join(sorted(known))}."
    if any(not isinstance(weight, (int, float)) or isinstance(weight, bool) or not 0 <= weight <= 1 for weight in weights.values()):
        return "Each weight is a number from 0 to 1."
    if abs(sum(weights.values()) - 1) > 1e-6:
        return f"The weights sum to {sum(weights.values()):.4g}; they must sum to 1."
    return ""


def score(row: Mapping[str, Any], parameters: Mapping[str, Any]) -> Score:
    """The rank in 0-1 with its reasons in points of 100, counted from a typical account."""
    value, points = contributions(row, parameters)
    return Score(value, words.reasons(points, row))


def ranks(source: Source, parameters: Mapping[str, Any]) -> np.ndarray:
    """The score of many rows, without reasons."""
    total = np.zeros(1)
    for term in TERMS:
        values = encoding.numbers(source(term.feature))
        reading = np.clip((values - term.calm) / (term.alarm - term.calm), 0.0, 1.0)
        total = total + float(parameters["weights"][term.key]) * np.where(np.isnan(values), term.typical, reading)
    return np.clip(total, 0.0, 1.0)


def contributions(row: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[float, dict[str, float]]:
    """The score, and 100 x weight x (reading - typical reading) by feature: their sum is the distance to a typical account in points."""
    total, points = 0.0, dict.fromkeys((term.feature for term in TERMS), 0.0)
    for term in TERMS:
        weight = float(parameters["weights"][term.key])
        reading = term.reading(row.get(term.feature))
        total += weight * reading
        points[term.feature] += 100 * weight * (reading - term.typical)
    return min(1.0, max(0.0, total)), points
