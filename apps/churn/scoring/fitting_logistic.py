"""L2-penalised logistic regression by scikit-learn, whose slopes keep the signs that the registry holds."""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import columns, encoding
from .encoding import Source
from .sample import Sample

_MOST_STEPS = 50
_CLOSE = 1e-10


def fit(sample: Sample, *, strength: float) -> tuple[dict[str, Any], Callable[[Source], np.ndarray]]:
    """Parameters for scoring.logistic, and the fitted log-odds to compare with. `strength`: scikit-learn's C."""
    from sklearn.linear_model import LogisticRegression

    chosen = columns.scaled(sample.table, sample.keys, knots=True)
    x = encoding.design(sample.table.__getitem__, chosen)
    model = LogisticRegression(C=strength, max_iter=200, solver="newton-cholesky", tol=1e-8).fit(x, sample.labels, sample_weight=sample.weights)
    signs = columns.held(chosen)
    if (model.coef_[0] * signs < 0).any():
        found = hold(x, sample.labels, sample.weights * strength, signs, np.concatenate([model.intercept_, model.coef_[0]]))
        model.intercept_, model.coef_ = found[:1], found[None, 1:]
    kept = [
        column | {"coef": float(coef), "average": float(average)}
        for column, coef, average in zip(chosen, model.coef_[0], x.mean(axis=0), strict=True)
    ]
    return {"intercept": float(model.intercept_[0]), "columns": kept}, lambda source: model.decision_function(encoding.design(source, chosen))


def hold(x: np.ndarray, labels: np.ndarray, weights: np.ndarray, signs: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Intercept and slopes of the least (weighted log loss + half the squares of the slopes) among those that keep `signs` (0: free).

    Newton's method: the loss is replaced by its parabola, whose least point within the bounds is found exactly (bounded least squares); a step that
    does not lower the loss is halved. The problem is strictly convex, so there is one answer.
    """
    from scipy.optimize import lsq_linear

    whole = np.column_stack([np.ones(len(x)), x])
    penalty = np.concatenate([[0.0], np.ones(x.shape[1])])
    free = np.concatenate([[0], signs])
    low, high = np.where(free > 0, 0.0, -np.inf), np.where(free < 0, 0.0, np.inf)
    at = np.clip(start, low, high)

    def loss(at: np.ndarray) -> float:
        log_odds = whole @ at
        return float(np.logaddexp(0, np.where(labels == 1, -log_odds, log_odds)) @ weights + (penalty * at**2).sum() / 2)

    value = loss(at)
    for _ in range(_MOST_STEPS):
        chances = encoding.squash(whole @ at)
        slope = whole.T @ ((chances - labels) * weights) + penalty * at
        bend = (whole * (chances * (1 - chances) * weights)[:, None]).T @ whole + np.diag(penalty)
        root = np.linalg.cholesky(bend)
        step = lsq_linear(root.T, root.T @ at - np.linalg.solve(root, slope), (low, high), method="bvls").x - at
        size = 1.0
        while (lower := loss(at + size * step)) > value and size > 1e-6:
            size /= 2
        if lower > value:
            break
        at, gained, value = np.clip(at + size * step, low, high), value - lower, lower
        if gained <= _CLOSE * max(1.0, value):
            break
    return at
