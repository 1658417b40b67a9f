"""Training a small neural network by scikit-learn."""

import warnings
from typing import Any

import numpy as np

from . import columns, encoding
from .sample import Sample

_HIDDEN = 16
_ROUNDS = 30


def fit(sample: Sample, *, seed: int) -> tuple[dict[str, Any], Any]:
    """Parameters for scoring.network, and scikit-learn's own log-odds to compare with. No early stopping: it looks at accuracy, which is high before
    anything is learned where few leave."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    chosen = columns.scaled(sample.table, sample.keys, knots=False)
    x = encoding.design(sample.table.__getitem__, chosen)
    model = MLPClassifier((_HIDDEN,), alpha=1.0, max_iter=_ROUNDS, early_stopping=False, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, sample.labels, sample_weight=sample.weights)
    parameters = {
        "columns": [column | {"average": float(average)} for column, average in zip(chosen, x.mean(axis=0), strict=True)],
        "inner": model.coefs_[0].tolist(),
        "inner_bias": model.intercepts_[0].tolist(),
        "outer": model.coefs_[1][:, 0].tolist(),
        "outer_bias": float(model.intercepts_[1].item()),
    }

    def log_odds(source: encoding.Source) -> np.ndarray:
        stays, leaves = model.predict_log_proba(encoding.design(source, chosen)).T
        return np.asarray(leaves - stays)

    return parameters, log_odds
