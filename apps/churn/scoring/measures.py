"""How good a ranking of leavers is, beside doing nothing. Pure; scikit-learn is imported where it is used."""

import math

import numpy as np


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
