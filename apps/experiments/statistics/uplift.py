"""Whom it helps: learners of the gain on randomised rows, and whether ranking by them is better than luck (Qini, bootstrap).

Two plain learners, a logistic regression of each arm (T) and one of both with the treatment crossed in (S), told apart by held-out folds. Nothing
heavier ranked better on real mailings, and where the effect is nearly the same for all nothing ranks at all: so the gate is a lower bound.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_ROWS, LEAST_OUTCOMES = 2_000, 200
_FOLDS = 5
_DRAWS = 400
_LEVEL = 0.05


@dataclass(frozen=True)
class Scale:
    """How columns are brought to one size: less the mean, over the deviation, cut at 3."""

    mean: Numbers
    deviation: Numbers

    def of(self, rows: Numbers) -> Numbers:
        return np.asarray(np.clip((np.where(np.isfinite(rows), rows, self.mean) - self.mean) / self.deviation, -3, 3), dtype=np.float64)


@dataclass(frozen=True)
class Learned:
    """gain = sigmoid(w1 x + b1) - sigmoid(w0 x + b0), on scaled columns."""

    scale: Scale
    treated: Numbers
    control: Numbers

    def gain(self, rows: Numbers) -> Numbers:
        scaled = np.column_stack([self.scale.of(rows), np.ones(len(rows))])
        return np.asarray(_sigmoid(scaled @ self.treated) - _sigmoid(scaled @ self.control), dtype=np.float64)


@dataclass(frozen=True)
class Ranking:
    """What ranking by a learner is worth: `qini` is outcomes gained over a random order, in per cent of the treated, averaged over how many are
    written to; `low` its 5 % bound by the bootstrap; `share` where the gain of writing to the best so many is largest."""

    learner: str
    qini: float
    low: float
    share: float
    learned: Learned


Learner = Callable[[Numbers, Flags, Flags], Learned]


def t_learner(rows: Numbers, treated: Flags, success: Flags) -> Learned:
    scale = _scale(rows)
    scaled = scale.of(rows)
    return Learned(scale, _logistic(scaled[treated], success[treated]), _logistic(scaled[~treated], success[~treated]))


def s_learner(rows: Numbers, treated: Flags, success: Flags) -> Learned:
    scale = _scale(rows)
    scaled, side = scale.of(rows), treated.astype(np.float64)[:, None]
    found = _logistic(np.column_stack([scaled, scaled * side, side]), success)
    width = rows.shape[1]
    base, crossed, shift, intercept = found[:width], found[width : 2 * width], found[2 * width], found[-1]
    return Learned(scale, np.append(base + crossed, intercept + shift), np.append(base, intercept))


LEARNERS: dict[str, Learner] = {"T": t_learner, "S": s_learner}


def best(rows: Numbers, treated: Flags, success: Flags, *, seed: int = 0) -> Ranking:
    """The learner that ranks better on rows it has not seen, learned anew on all of them, with what that ranking is worth."""
    scores = {name: out_of_fold(learner, rows, treated, success, seed=seed) for name, learner in LEARNERS.items()}
    name = max(scores, key=lambda one: qini(scores[one], treated, success))
    gains = scores[name]
    order = np.argsort(-gains, kind="stable")
    gained = _gained(treated[order], success[order])
    low = lower_bound(gains, treated, success, seed=seed)
    share = float((int(np.argmax(gained)) + 1) / len(gained))
    return Ranking(name, qini(gains, treated, success), low, share, LEARNERS[name](rows, treated, success))


def out_of_fold(learner: Learner, rows: Numbers, treated: Flags, success: Flags, *, seed: int = 0) -> Numbers:
    """The predicted gain of every row by a learner that has not seen it; ranks within its fold, so that folds can stand in one order."""
    places = np.random.default_rng(seed).permutation(len(rows)) % _FOLDS
    found = np.zeros(len(rows))
    for fold in range(_FOLDS):
        out = places == fold
        gains = learner(rows[~out], treated[~out], success[~out]).gain(rows[out])
        found[out] = (np.argsort(np.argsort(gains, kind="stable"), kind="stable") + 0.5) / max(out.sum(), 1)
    return found


def qini(scores: Numbers, treated: Flags, success: Flags) -> float:
    """Area between the gain curve in the order of the scores and that of a random order, in per cent of the treated."""
    order = np.argsort(-scores, kind="stable")
    gained = _gained(treated[order], success[order])
    count = len(gained)
    random = gained[-1] * np.arange(1, count + 1) / count
    return float(100 * (gained - random).mean() / max(treated.sum(), 1))


def lower_bound(scores: Numbers, treated: Flags, success: Flags, *, seed: int = 0, draws: int = _DRAWS) -> float:
    """The 5 % bound of Qini when the rows are drawn again with replacement, treated and control each by themselves."""
    random = np.random.default_rng(seed)
    sides = [np.flatnonzero(treated), np.flatnonzero(~treated)]
    found = []
    for _ in range(draws):
        drawn = np.concatenate([side[random.integers(len(side), size=len(side))] for side in sides])
        found.append(qini(scores[drawn], treated[drawn], success[drawn]))
    return float(np.quantile(found, _LEVEL))


def _gained(treated: Flags, success: Flags) -> Numbers:
    """Outcomes of the treated so far in the order, less those of the control scaled to as many."""
    t, c = np.cumsum(treated), np.cumsum(~treated)
    won_t, won_c = np.cumsum(success & treated), np.cumsum(success & ~treated)
    return np.asarray(won_t - np.where(c > 0, won_c * t / np.maximum(c, 1), 0.0), dtype=np.float64)


def _scale(rows: Numbers) -> Scale:
    known = np.where(np.isfinite(rows), rows, np.nan)
    mean = np.nan_to_num(np.nanmean(known, axis=0))
    deviation = np.nan_to_num(np.nanstd(known, axis=0))
    return Scale(mean, np.where(deviation > 0, deviation, 1.0))


def _logistic(rows: Numbers, success: Flags) -> Numbers:
    """Weights with the intercept last; where nobody or everybody succeeded, the rate alone."""
    from sklearn.linear_model import LogisticRegression

    if success.all() or not success.any():
        rate = (success.sum() + 0.5) / (len(success) + 1)
        return np.append(np.zeros(rows.shape[1]), np.log(rate / (1 - rate)))
    fitted = LogisticRegression(C=0.1, max_iter=200).fit(rows, success)
    return np.append(fitted.coef_[0], fitted.intercept_[0])


def _sigmoid(values: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), dtype=np.float64)
