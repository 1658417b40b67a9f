"""Bayes beside the test: how likely each variant is to be best. Shown, never deciding: looked at every day it would call 4 of 10 A/A tests."""

import math

import numpy as np
from scipy import stats

from .estimates import Between, Sample, relative

# Before the first figure: no effect, give or take 10 % of the control's mean.
PRIOR_DEVIATION = 0.1
_DRAWS = 20_000


def believed(between: Between, prior_deviation: float = PRIOR_DEVIATION) -> tuple[float, float]:
    """Mean and standard deviation of the relative effect after the data, from the prior N(0, prior_deviation)."""
    precision = 1 / between.error**2 + 1 / prior_deviation**2
    return between.effect / between.error**2 / precision, math.sqrt(1 / precision)


def chance_to_win(between: Between, prior_deviation: float = PRIOR_DEVIATION) -> float:
    """That the second arm is better than the first."""
    mean, deviation = believed(between, prior_deviation)
    return float(stats.norm.sf(0, mean, deviation))


def chances_to_be_best(samples: list[Sample], prior_deviation: float = PRIOR_DEVIATION) -> list[float] | None:
    """Of each arm, the first being the control; None while an arm cannot be compared. Two arms exactly, more by draws from a fixed seed."""
    effects = [relative(samples[0], other) for other in samples[1:]]
    known = [one for one in effects if one is not None]
    if len(known) < len(effects) or not known:
        return None
    if len(known) == 1:
        won = chance_to_win(known[0], prior_deviation)
        return [1 - won, won]
    draws = np.random.default_rng(0)
    columns = [np.zeros(_DRAWS), *(draws.normal(*believed(one, prior_deviation), _DRAWS) for one in known)]
    best = np.argmax(np.column_stack(columns), axis=1)
    return [float(np.mean(best == index)) for index in range(len(samples))]
