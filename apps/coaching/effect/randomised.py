"""Shown against held back by lot: the one comparison that may say "because of it"."""

import numpy as np
from scipy import stats

from .cohort import ALPHA, Cohort, Estimate


def effect(cohort: Cohort, alpha: float = ALPHA) -> Estimate | None:
    """The difference of what followed, adjusted for what was before, with an interval that knows that units of one account go together.

    Each unit weighs by the inverse of the chance that it had (Hajek's ratio). What was before is taken out by one regression over both arms, which
    leaves the difference unbiased because the lot knew nothing of it (Lin 2013). The error is summed by account (Liang and Zeger 1986), Student's t
    with one degree less than the accounts of the smaller arm. None where an arm has fewer than two units or accounts.
    """
    drawn = ~np.isnan(cohort.chance) & (cohort.chance > 0)
    units = cohort.only(drawn)
    arms = (units.treated, ~units.treated)
    accounts = [len(np.unique(units.group[arm])) for arm in arms]
    if min(units.n_treated, units.n_others) < 2 or min(accounts) < 2:
        return None
    rest = units.after - _expected(units)
    weight = 1.0 / units.chance
    value, influence = 0.0, np.zeros(len(rest))
    for arm, sign in zip(arms, (1.0, -1.0), strict=True):
        share = weight[arm] / weight[arm].sum()
        mean = float(share @ rest[arm])
        value += sign * mean
        influence[arm] = sign * share * (rest[arm] - mean)
    _, place = np.unique(units.group, return_inverse=True)
    summed = np.bincount(place, weights=influence)
    # Each arm's mean was fitted from its own accounts; the correction of the smaller one is the larger.
    few = min(accounts)
    error = float(np.sqrt((summed**2).sum() * few / (few - 1)))
    width = float(stats.t.ppf(1 - alpha / 2, few - 1)) * error
    return Estimate(value, error, value - width, value + width, units.n_treated, units.n_others)


def _expected(cohort: Cohort) -> np.ndarray:
    """What the periods before let one expect, by least squares within the arms, so that the arm itself is not explained away."""
    centred = np.column_stack([cohort.before, cohort.earlier])
    centred = centred - centred.mean(axis=0)
    design = np.column_stack([cohort.treated, np.ones(len(centred)), centred])
    slopes = np.linalg.lstsq(design, cohort.after, rcond=None)[0]
    expected: np.ndarray = centred @ slopes[2:]
    return expected
