"""What was told against what happened, with what chance leaves open: rows of one account are one witness. Pure numpy."""

from dataclasses import dataclass, replace

import numpy as np

_GROUPS = 10
# Standard errors on either side of an interval of 95 %.
WIDE = 1.96


@dataclass(frozen=True)
class Told:
    """Rows: the probability told, what came of it (1 left, 0 stayed), what the row counts, its account and its date."""

    chances: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    accounts: np.ndarray
    dates: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, chosen: np.ndarray) -> "Told":
        return Told(*(values[chosen] for values in (self.chances, self.labels, self.weights, self.accounts, self.dates)))

    def weighing(self, weights: np.ndarray) -> "Told":
        return replace(self, weights=weights)

    def saying(self, chances: np.ndarray) -> "Told":
        """The same rows, had this been told of them."""
        return replace(self, chances=chances)

    @property
    def leavers(self) -> int:
        """Distinct accounts that left, among rows that count."""
        return len(np.unique(self.accounts[(self.labels == 1) & (self.weights > 0)]))

    @property
    def predicted(self) -> float:
        return float(np.average(self.chances, weights=self.weights))

    @property
    def actual(self) -> float:
        return float(np.average(self.labels, weights=self.weights))


@dataclass(frozen=True)
class Estimate:
    """A figure with its standard error."""

    value: float
    error: float


def ratio(told: Told) -> Estimate | None:
    """Natural logarithm of told over left; none where nobody left."""
    left, said = float(told.weights @ told.labels), float(told.weights @ told.chances)
    if not left or not said:
        return None
    influence = told.weights * (told.chances - said / left * told.labels) / said
    return Estimate(float(np.log(said / left)), _error(influence, told.accounts))


def ratio_shown(found: Estimate | None) -> tuple[float, float, float] | None:
    """(told over left, lower and upper end of its interval of 95 %)."""
    if found is None:
        return None
    value, low, high = np.exp(found.value + np.array([0, -WIDE, WIDE]) * found.error)
    return float(value), float(low), float(high)


def auc(told: Told) -> Estimate | None:
    """How often a leaver was told a higher risk than a stayer of the same date; none where no date has both."""
    found = _pairs(told, told.chances)
    if found is None:
        return None
    value, influence = found
    return Estimate(value, _error(influence, told.accounts))


def auc_ahead(told: Told, ranks: np.ndarray) -> Estimate | None:
    """AUC of what was told less the AUC of other ranks of the same rows."""
    mine, theirs = _pairs(told, told.chances), _pairs(told, ranks)
    if mine is None or theirs is None:
        return None
    return Estimate(mine[0] - theirs[0], _error(mine[1] - theirs[1], told.accounts))


def share_between(told: Told) -> tuple[float, float]:
    """The true share of leavers behind the share seen: the interval of 95 % (Wilson 1927), for rows that stand for each other by weight."""
    count = float(told.weights.sum() ** 2 / (told.weights**2).sum())
    middle = (told.actual + WIDE**2 / (2 * count)) / (1 + WIDE**2 / count)
    half = WIDE / (1 + WIDE**2 / count) * np.sqrt(told.actual * (1 - told.actual) / count + WIDE**2 / (4 * count**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def brier(told: Told) -> tuple[float, float]:
    """Mean squared error of what was told, and of telling everybody the share that left in the end."""
    same = np.average((told.actual - told.labels) ** 2, weights=told.weights)
    return float(np.average((told.chances - told.labels) ** 2, weights=told.weights)), float(same)


def groups(told: Told) -> list[dict[str, float]]:
    """Tenths of the rows by what was told, lowest first: {rows, told, left}."""
    place = np.argsort(np.argsort(told.chances, kind="stable"), kind="stable") * _GROUPS // max(1, len(told))
    parts = [told.part((place == group) & (told.weights > 0)) for group in range(_GROUPS)]
    return [{"rows": len(part), "told": part.predicted, "left": part.actual} for part in parts if len(part)]


def _pairs(told: Told, ranks: np.ndarray) -> tuple[float, np.ndarray] | None:
    """AUC over all weighted pairs within dates, and each row's influence on it (the linear part of its error, as in DeLong 1988)."""
    ahead, pairs = np.zeros(len(told)), np.zeros(len(told))
    for date in np.unique(told.dates):
        left, stayed = (np.flatnonzero((told.dates == date) & (told.labels == label) & (told.weights > 0)) for label in (1, 0))
        if not len(left) or not len(stayed):
            continue
        for one, other, sign in ((left, stayed, 1), (stayed, left, -1)):
            ahead[one] = told.weights[one] * _below(sign * ranks[one], sign * ranks[other], told.weights[other])
            pairs[one] = told.weights[one] * told.weights[other].sum()
    total = pairs[told.labels == 1].sum()
    if not total:
        return None
    value = float(ahead[told.labels == 1].sum() / total)
    return value, (ahead - value * pairs) / total


def _below(these: np.ndarray, those: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weight of those below each of these; equal ones count half."""
    order = np.argsort(those)
    summed = np.concatenate([[0.0], np.cumsum(weights[order])])
    return (summed[np.searchsorted(those[order], these, "left")] + summed[np.searchsorted(those[order], these, "right")]) / 2


def _error(influence: np.ndarray, accounts: np.ndarray) -> float:
    _, at = np.unique(accounts, return_inverse=True)
    return float(np.sqrt((np.bincount(at, influence) ** 2).sum()))
