"""The transparent weighted rule for companies with too little history for a model.

Each term reads one feature as 0 (calm) to 1 (alarming); the score is the weighted sum, a rank and not a probability. Weights sum to 1 and live in the
model version, where staff may change them. The starting weights put first what told most in measurements: falling use, then silence, then trouble.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import encoding
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
FEATURES = list(dict.fromkeys(term.feature for term in TERMS))


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


def ranks(source: Source, parameters: Mapping[str, Any]) -> np.ndarray:
    """The rank in 0-1 of each row."""
    return np.clip(sum(_weight(term, parameters) * _readings(term, source) for term in TERMS), 0.0, 1.0)


def parts(source: Source, parameters: Mapping[str, Any]) -> np.ndarray:
    """Rows x FEATURES: 100 x weight x (reading - typical reading); their sum is the distance to a typical account in points of 100."""
    made = np.zeros((len(FEATURES), len(source(FEATURES[0]))))
    for term in TERMS:
        made[FEATURES.index(term.feature)] += 100 * _weight(term, parameters) * (_readings(term, source) - term.typical)
    return made.T


def _weight(term: Term, parameters: Mapping[str, Any]) -> float:
    return float(parameters["weights"][term.key])


def _readings(term: Term, source: Source) -> np.ndarray:
    """0 to 1; an unknown value reads as typical and so moves nothing."""
    values = encoding.numbers(source(term.feature))
    return np.where(np.isnan(values), term.typical, np.clip((values - term.calm) / (term.alarm - term.calm), 0.0, 1.0))
