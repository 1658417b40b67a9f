"""Growing gradient-boosted trees by scikit-learn, and writing them down as plain numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import columns, encoding, trees
from .sample import Sample

_MOST_TREES = 300
_FOLDS = 3
# The search ends when so many further trees brought nothing.
_NO_BETTER = 30
_LEAST_IN_LEAF = 20
_SHRINK = 5.0
_SPEED = 0.05


def fit(sample: Sample, *, seed: int, like: Mapping[str, Any] | None) -> tuple[dict[str, Any], Any]:
    """Parameters for scoring.trees, and scikit-learn's own log-odds to compare with.

    The number of trees is the one with the least log loss on accounts kept aside, in turn, in three parts; stopping early on a part alone stops at
    random where few leave.
    """
    chosen = columns.plain(sample.table, sample.keys)
    x = _read(sample.table.__getitem__, chosen)
    count = len(like["trees"]) if like else _count(sample, x, columns.held(chosen), seed)
    grown = _classifier(sample, columns.held(chosen), count, seed).fit(x, sample.labels, sample_weight=sample.weights)
    parameters = {
        "columns": chosen,
        "start": float(grown._baseline_prediction.item()),
        "trees": [_written(predictor.nodes) for (predictor,) in grown._predictors],
    }
    return parameters, lambda source: grown.decision_function(_read(source, chosen))


def _read(source: encoding.Source, chosen: encoding.Columns) -> np.ndarray:
    return encoding.matrix(source, chosen, fill=False).T


def _count(sample: Sample, x: np.ndarray, signs: np.ndarray, seed: int) -> int:
    losses = []
    for inside, outside in sample.folds(_FOLDS, seed):
        aside = {"X_val": x[outside], "y_val": sample.labels[outside], "sample_weight_val": sample.weights[outside]}
        searching = _classifier(sample, signs, _MOST_TREES, seed).set_params(early_stopping=True, n_iter_no_change=_NO_BETTER, tol=0.0)
        grown = searching.fit(x[inside], sample.labels[inside], sample_weight=sample.weights[inside], **aside)
        # A part that stopped earlier counts on with its last loss.
        found = -grown.validation_score_ * sample.weights[outside].sum()
        losses.append(np.pad(found, (0, _MOST_TREES + 1 - len(found)), mode="edge"))
    return max(1, int(np.argmin(np.sum(losses, axis=0)))) if losses else _MOST_TREES


def _classifier(sample: Sample, signs: np.ndarray, count: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=_SPEED,
        max_iter=count,
        max_leaf_nodes=trees.MOST_DECISIONS + 1,
        # Rows of one account are hardly more than one witness.
        min_samples_leaf=round(_LEAST_IN_LEAF * np.sqrt(sample.rows_per_account)),
        l2_regularization=_SHRINK,
        monotonic_cst=signs,
        early_stopping=False,
        random_state=seed,
    )


def _written(nodes: np.ndarray) -> dict[str, list[Any]]:
    """A tree as lists: see scoring.trees. JSON knows no infinity, and no finite value is above the largest float."""
    leaves, decisions = nodes[nodes["is_leaf"] == 1], nodes[nodes["is_leaf"] == 0]
    if decisions["is_categorical"].any():
        raise ValueError("Trees that split by categories cannot be written down.")
    name = np.where(nodes["is_leaf"] == 1, -np.cumsum(nodes["is_leaf"] == 1), np.cumsum(nodes["is_leaf"] == 0) - 1)
    return {
        "column": decisions["feature_idx"].tolist(),
        "threshold": np.clip(decisions["num_threshold"], -np.finfo(float).max, np.finfo(float).max).tolist(),
        "missing_left": decisions["missing_go_to_left"].tolist(),
        "left": name[decisions["left"]].tolist(),
        "right": name[decisions["right"]].tolist(),
        "leaf": leaves["value"].tolist(),
        "count": leaves["count"].tolist(),
    }
