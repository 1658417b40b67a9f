"""CUPED: less noise by what was known of each unit before it was exposed (Deng, Xu, Kohavi, Walker 2013).

The covariate must be from strictly before the exposure, or it carries part of the effect away. Where it is missing it counts as the mean, and a flag
for "missing" joins the regression, so that new accounts are neither left out nor taken for average ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Adjusted:
    """A mean whose variance per unit is smaller by what the covariate explains."""

    n: int
    mean: float
    variance: float
    plain_mean: float


def adjust(outcomes: Numbers, before: Numbers, arms: NDArray[np.int_], count: int) -> list[Adjusted]:
    """One entry per arm 0..count-1. `before` holds NaN where nothing is known; one column or more. The coefficients are those of all arms."""
    cleaned = clean(outcomes, before)
    found = []
    for arm in range(count):
        mine = arms == arm
        n = int(mine.sum())
        variance = float(cleaned[mine].var(ddof=1)) if n > 1 else 0.0
        found.append(Adjusted(n, float(cleaned[mine].mean()) if n else 0.0, variance, float(outcomes[mine].mean()) if n else 0.0))
    return found


def clean(outcomes: Numbers, before: Numbers) -> Numbers:
    """The outcomes without what was to be expected from before."""
    columns = []
    for one in before.T if before.ndim == 2 else [before]:
        missing = ~np.isfinite(one)
        known = one[~missing]
        columns.append(np.where(missing, known.mean() if known.size else 0.0, one))
        if missing.any() and known.size:
            columns.append(missing.astype(np.float64))
    covariates = np.column_stack(columns)
    centred = covariates - covariates.mean(axis=0)
    useful = centred.var(axis=0) > 0
    centred = centred[:, useful]
    fitted = centred @ _coefficients(centred, outcomes) if useful.any() and outcomes.var() > 0 else np.zeros_like(outcomes)
    return np.asarray(outcomes - fitted, dtype=np.float64)


def _coefficients(centred: Numbers, outcomes: Numbers) -> Numbers:
    found, *_ = np.linalg.lstsq(centred, outcomes - outcomes.mean(), rcond=None)
    return np.asarray(found, dtype=np.float64)
