"""Where nobody drew lots: matched difference-in-differences and AIPW. Both are directional; whoever reads them is told so."""

import numpy as np
from scipy.spatial import cKDTree
from sklearn.linear_model import LogisticRegression

from .cohort import Cohort, Estimate, Numbers

NEAREST = 3
# Farther apart than this, in standard deviations of the two periods before, nobody is alike.
CALIPER = 1.0
_Z = 1.959963984540054
_LEAST_CHANCE, _MOST_CHANCE = 0.01, 0.99


def matched(cohort: Cohort, *, nearest: int = NEAREST, caliper: float = CALIPER) -> Estimate | None:
    """Each treated unit against the `nearest` untreated ones that were alike in both periods before; the difference of their changes, averaged.

    Units without anybody within the caliper are left out and not counted in `treated`. The error is that of Abadie and Imbens (2006) for matching
    with replacement. It says nothing of a bias that both periods before do not show: that is why the estimate is directional.
    """
    pairs = _pairs(cohort, nearest, caliper)
    if pairs is None:
        return None
    rows, found, others = pairs
    change = cohort.after - cohort.before.mean(axis=1)
    apart = change[rows] - change[others[found]].mean(axis=1)
    return _told(apart, found, change[others])


def placebo(cohort: Cohort, *, nearest: int = NEAREST, caliper: float = CALIPER) -> Estimate | None:
    """The same pairs, and the period before those on which they were matched: coaching cannot have changed it, so anything but nought is bias."""
    pairs = _pairs(cohort, nearest, caliper)
    if pairs is None:
        return None
    rows, found, others = pairs
    apart = cohort.earlier[rows] - cohort.earlier[others[found]].mean(axis=1)
    return _told(apart, found, cohort.earlier[others])


def _pairs(cohort: Cohort, nearest: int, caliper: float) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Rows of the treated that found somebody, the places of their `nearest` others, and the rows that those places mean."""
    treated, others = np.flatnonzero(cohort.treated), np.flatnonzero(~cohort.treated)
    if len(treated) < 2 or len(others) < max(nearest, 2):
        return None
    spread = cohort.before.std(axis=0)
    scaled = cohort.before / np.where(spread > 0, spread, 1.0)
    distance, place = cKDTree(scaled[others]).query(scaled[treated], k=nearest)
    near = (np.reshape(distance, (len(treated), nearest)) <= caliper).all(axis=1)
    if near.sum() < 2:
        return None
    return treated[near], np.reshape(place, (len(treated), nearest))[near], others


def _told(apart: Numbers, found: np.ndarray, values_of_others: Numbers) -> Estimate:
    n, nearest = found.shape
    value = float(apart.mean())
    used = np.bincount(found.ravel(), minlength=len(values_of_others)).astype(float)
    noise = float(values_of_others.var(ddof=1))
    variance = float(((apart - value) ** 2).sum()) / n**2 + noise * float((used * (used - 1)).sum()) / (nearest * n) ** 2
    error = float(np.sqrt(variance))
    return Estimate(value, error, value - _Z * error, value + _Z * error, n, int((used > 0).sum()))


def aipw(cohort: Cohort) -> Estimate | None:
    """What the treated would have done untreated, expected from the others and set right by how likely each was to be treated (Robins et al. 1994).

    The effect on the treated: right where either the outcome (linear in the periods before) or the chance of treatment (logistic) is described well.
    """
    treated = cohort.treated
    if cohort.n_treated < 5 or cohort.n_others < 10:
        return None
    seen = np.column_stack([cohort.before, cohort.earlier])
    spread = seen.std(axis=0)
    seen = (seen - seen.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    bent = np.column_stack([seen, seen**2, (seen[:, 0] * seen[:, 1])[:, None]])
    chance = LogisticRegression(C=10.0, max_iter=500).fit(bent, treated).predict_proba(bent)[:, 1]
    chance = np.clip(chance, _LEAST_CHANCE, _MOST_CHANCE)
    design = np.column_stack([np.ones(len(bent)), bent])
    slopes = np.linalg.lstsq(design[~treated], cohort.after[~treated], rcond=None)[0]
    rest = cohort.after - design @ slopes
    odds = np.where(treated, 0.0, chance / (1 - chance))
    share = odds / odds.sum()
    value = float(rest[treated].mean() - share @ rest)
    influence = np.where(treated, (rest - rest[treated].mean()) / treated.sum(), -share * (rest - share @ rest))
    error = float(np.sqrt((influence**2).sum()))
    return Estimate(value, error, value - _Z * error, value + _Z * error, cohort.n_treated, cohort.n_others)


def naive(cohort: Cohort) -> Estimate | None:
    """After against before of the treated alone. Whoever is coached after a bad month rises anyway, so it is never told without another estimate."""
    change = (cohort.after - cohort.before[:, 1])[cohort.treated]
    if len(change) < 2:
        return None
    value, error = float(change.mean()), float(change.std(ddof=1) / np.sqrt(len(change)))
    return Estimate(value, error, value - _Z * error, value + _Z * error, len(change), 0)
