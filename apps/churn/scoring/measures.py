"""How good a ranking of leavers is, beside doing nothing. Pure; scikit-learn is imported where it is used."""

import math

import numpy as np

# Samples looked at together: what they hold must fit into memory.
_AT_ONCE = 50


def figures(labels: np.ndarray, chances: np.ndarray, dates: np.ndarray, *, probabilities: bool) -> dict[str, float]:
    """AUC (within dates), average precision and lift at 10 %; for true probabilities also the Brier score and the calibration error (10 groups)."""
    from sklearn.metrics import average_precision_score

    found = {
        "auc": auc(labels, chances, dates),
        "average_precision": float(average_precision_score(labels, chances)),
        "lift_10": lift(labels, chances),
    }
    if probabilities:
        found |= {"brier": float(np.mean((chances - labels) ** 2)), "calibration_error": calibration_error(labels, chances)}
    return found


def auc(labels: np.ndarray, chances: np.ndarray, dates: np.ndarray) -> float:
    """How often a leaver is ranked above a stayer of the same date, as lists rank them: knowing only that more leave in some months earns nothing."""
    from sklearn.metrics import roc_auc_score

    pairs = total = 0.0
    for date in np.unique(dates):
        here = dates == date
        weight = float((labels[here] == 1).sum() * (labels[here] == 0).sum())
        if weight:
            pairs += weight
            total += weight * float(roc_auc_score(labels[here], chances[here]))
    return total / pairs if pairs else 0.5


def lift(labels: np.ndarray, chances: np.ndarray, share: float = 0.10) -> float:
    """Share of leavers among the riskiest `share`, over their share among all; equal scores in a fixed random order."""
    count = max(1, round(len(labels) * share))
    order = np.lexsort((np.random.default_rng(0).random(len(labels)), -chances))
    return float(labels[order[:count]].mean() / labels.mean())


def calibration_error(labels: np.ndarray, chances: np.ndarray) -> float:
    groups = np.argsort(np.argsort(chances, kind="stable"), kind="stable") * 10 // len(chances)
    return float(sum(abs(labels[groups == group].mean() - chances[groups == group].mean()) * (groups == group).mean() for group in np.unique(groups)))


def chance_error(leavers: int, stayers: int) -> float:
    """Standard error of the AUC of a ranking that knows nothing (Hanley and McNeil 1982, at 0.5)."""
    return math.sqrt((leavers + stayers + 1) / (12 * leavers * stayers))


def calibration_noise(chances: np.ndarray, times: int = 50) -> float:
    """The calibration error that true probabilities would show by luck alone, at the 95th of 100: outcomes drawn from the chances themselves."""
    draw = np.random.default_rng(0)
    found = [calibration_error((draw.random(len(chances)) < chances).astype(float), chances) for _ in range(times)]
    return float(np.quantile(found, 0.95))


def clustered_error(values: np.ndarray, accounts: np.ndarray) -> float:
    """Standard error of the sum of the values, rows of one account taken as one witness."""
    _, at = np.unique(accounts, return_inverse=True)
    sums = np.bincount(at, values)
    return float(np.sqrt(len(sums)) * sums.std())


def bend(labels: np.ndarray, log_odds: np.ndarray, weights: np.ndarray, accounts: np.ndarray) -> tuple[float, float, float]:
    """(intercept, slope, standard error of the slope) of the logistic regression of what happened on the log-odds that were told: 0 and 1 where they
    hold (Cox 1958). The error takes rows of one account as one witness."""
    x = np.column_stack([np.ones(len(log_odds)), log_odds])
    at = np.array([0.0, 1.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(x @ at, -35, 35)))
        bread = x.T @ (x * (weights * chance * (1 - chance))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(bread, x.T @ (weights * (labels - chance)))
        at = at + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    _, account = np.unique(accounts, return_inverse=True)
    pulls = np.zeros((account.max() + 1, 2))
    np.add.at(pulls, account, x * (weights * (labels - 1 / (1 + np.exp(-np.clip(x @ at, -35, 35)))))[:, None])
    inverse = np.linalg.inv(bread)
    return float(at[0]), float(at[1]), float(np.sqrt(max(0.0, (inverse @ (pulls.T @ pulls) @ inverse)[1, 1])))


def draws(accounts: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """How often each row stands in each of `count` samples drawn again by account (Poisson bootstrap): samples x rows."""
    known, at = np.unique(accounts, return_inverse=True)
    return np.asarray(np.random.default_rng(seed).poisson(1.0, (count, len(known))).astype(np.uint8)[:, at])


def drawn_auc(labels: np.ndarray, chances: np.ndarray, dates: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The AUC (within dates) in each of the samples `drawn`; two rankings judged by the same samples differ by what they are worth, not by luck."""
    right, pairs = np.zeros(len(drawn)), np.zeros(len(drawn))
    for date in np.unique(dates):
        here = np.flatnonzero(dates == date)
        here = here[np.argsort(chances[here], kind="stable")]
        starts = np.flatnonzero(np.diff(chances[here], prepend=-np.inf) > 0)
        for part in range(0, len(drawn), _AT_ONCE):
            times = drawn[part : part + _AT_ONCE, here].astype(float)
            left = np.add.reduceat(times * labels[here], starts, axis=1)
            stayed = np.add.reduceat(times * (1 - labels[here]), starts, axis=1)
            below = np.cumsum(stayed, axis=1) - stayed
            right[part : part + _AT_ONCE] += (left * (below + stayed / 2)).sum(axis=1)
            pairs[part : part + _AT_ONCE] += left.sum(axis=1) * stayed.sum(axis=1)
    return np.where(pairs > 0, right / np.maximum(pairs, 1), 0.5)
