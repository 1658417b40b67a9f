"""What another rule would have been worth, from decisions that were taken by chance with known probabilities (off-policy evaluation)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from apps.experiments.statistics.estimates import ALPHA

Numbers = NDArray[np.float64]

LEAST_SAMPLE = 200
LEAST_PROPENSITY = 0.005


@dataclass(frozen=True)
class Worth:
    """Mean reward per decision if the other rule had chosen. `refused` says why there is no figure."""

    decisions: int
    effective: float
    value: float | None
    low: float | None
    high: float | None
    weighted: float | None
    actual: float | None
    refused: str

    @property
    def words(self) -> str:
        if self.refused:
            return self.refused
        return f"{self.value:.2f} per decision (95 % sure of {self.low:.2f} to {self.high:.2f}), against {self.actual:.2f} as it was."


def worth(rewards: Numbers, taken: NDArray[np.int_], propensities: Numbers, target: Numbers, expected: Numbers, *, alpha: float = ALPHA) -> Worth:
    """The value of a rule that takes arm j in decision i with chance `target[i, j]`.

    `taken[i]` is the arm that was taken with chance `propensities[i]`; `expected[i, j]` is a guess at the reward of each arm (any guess: a good one
    only narrows the interval). `value` is doubly robust with a normal interval, `weighted` self-normalised inverse propensity (SNIPS).
    Refused below an effective sample of 200 (Kish) or where any chance was below 0.005: then a few decisions would carry the whole figure.
    """
    count = len(rewards)
    nothing = Worth(count, 0.0, None, None, None, None, float(rewards.mean()) if count else None, "")
    if not count:
        return _refused(nothing, "We cannot tell yet: no decision has been settled.")
    if float(propensities.min()) < LEAST_PROPENSITY:
        return _refused(
            nothing, f"We cannot tell: a decision had a chance below {LEAST_PROPENSITY:.1%}, so a few of them would carry the whole figure."
        )
    rows = np.arange(count)
    weights = target[rows, taken] / propensities
    effective = float(weights.sum() ** 2 / (weights**2).sum()) if weights.any() else 0.0
    nothing = Worth(count, effective, None, None, None, None, nothing.actual, "")
    if effective < LEAST_SAMPLE:
        words = f"We cannot tell yet: only {effective:.0f} of {count:,} decisions speak for the other rule, {LEAST_SAMPLE} are needed."
        return _refused(nothing, words)
    parts = (target * expected).sum(axis=1) + weights * (rewards - expected[rows, taken])
    value, error = float(parts.mean()), float(parts.std(ddof=1)) / math.sqrt(count)
    width = float(stats.norm.ppf(1 - alpha / 2)) * error
    weighted = float((weights * rewards).sum() / weights.sum())
    return Worth(count, effective, value, value - width, value + width, weighted, nothing.actual, "")


def _refused(found: Worth, words: str) -> Worth:
    return Worth(found.decisions, found.effective, None, None, None, None, found.actual, words)


def guesses(rewards: Numbers, taken: NDArray[np.int_], groups: NDArray[np.int_], arms: int) -> Numbers:
    """A guess at every arm's reward per decision: the mean of its (group, arm), drawn to the arm's own mean as by ten decisions."""
    of_arm = np.array([rewards[taken == arm].mean() if (taken == arm).any() else rewards.mean() for arm in range(arms)])
    found = np.empty((len(rewards), arms))
    for group in np.unique(groups):
        inside = groups == group
        for arm in range(arms):
            mine = rewards[inside & (taken == arm)]
            found[inside, arm] = (mine.sum() + 10 * of_arm[arm]) / (len(mine) + 10)
    return found
