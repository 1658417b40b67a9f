"""Training a small neural network by scikit-learn."""

from typing import Any

import numpy as np

from . import columns, encoding
from .sample import Sample

_HIDDEN = 16
_ROUNDS = 30


def fit(sample: Sample, *, seed: int) -> tuple[dict[str, Any], Any]:
    """Parameters for scoring.network, and scikit-learn's own log-odds to compare with. No early stopping: it looks at accuracy, which is high before
    anything is learned where few leave.

    After each round the weights that would carry a held figure the wrong way are set to nothing: where every unit passes it on in its sign, or not at
    all, the whole does.
    """
    from sklearn.neural_network import MLPClassifier

    chosen = columns.scaled(sample.table, sample.keys, knots=False)
    x = encoding.design(sample.table.__getitem__, chosen)
    signs = columns.held(chosen)[:, None]
    model = MLPClassifier((_HIDDEN,), alpha=1.0, early_stopping=False, random_state=seed)
    for _ in range(_ROUNDS):
        model.partial_fit(x, sample.labels, classes=[0.0, 1.0], sample_weight=sample.weights)
        inner, outer = model.coefs_
        inner[inner * outer.T * signs < 0] = 0.0
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
