"""What the shap package says of some small boosted trees, kept in shap_values.json, because the package brings a compiler of 300 MB.

`python -m tests.churn.shap_values` writes it anew where shap 0.51.0 is installed, and prints how far our contributions lie from shap's on 20,000 rows
and what each costs per row.
"""

import json
import time
from pathlib import Path

import numpy as np

from apps.churn.scoring import columns, encoding, fitting_trees
from apps.churn.scoring.sample import Sample
from apps.churn.scoring.trees import Trees

KEPT = Path(__file__).with_suffix(".json")
_TREES, _MANY, _ROWS = 40, 20_000, 40


def world(count, seed):
    """Figures with gaps, texts, and an outcome that hangs on several of them together."""
    draw = np.random.default_rng(seed)
    table = {
        "n_28": draw.poisson(30, count).astype(float),
        "trend_28": np.where(draw.random(count) < 0.1, np.nan, draw.normal(0, 0.5, count)),
        "since": draw.exponential(6, count).round(),
        "arr": np.where(draw.random(count) < 0.2, np.nan, draw.exponential(5000, count).round()),
        "trait:Contract": draw.choice(["Month-to-month", "One year", "Two year"], count).tolist(),
    }
    monthly = np.array(table["trait:Contract"]) == "Month-to-month"
    odds = -1.5 - 0.06 * (table["n_28"] - 30) - np.nan_to_num(table["trend_28"]) * (1 + monthly) + 0.05 * table["since"] + monthly
    return table, (draw.random(count) < encoding.squash(odds)).astype(float)


def main():
    import shap

    table, labels = world(1500, 0)
    sample = Sample(table, labels, list(table), np.ones(len(labels)), np.arange(len(labels)))
    chosen = columns.plain(table, list(table))
    x = encoding.matrix(table.__getitem__, chosen, fill=False).T
    grown = fitting_trees._classifier(sample, columns.held(chosen), _TREES, 0).fit(x, labels)
    written = [fitting_trees._written(predictor.nodes) for (predictor,) in grown._predictors]
    parameters = json.loads(json.dumps({"columns": chosen, "start": float(grown._baseline_prediction.item()), "trees": written}))
    model = Trees(parameters)
    explainer = shap.TreeExplainer(grown, feature_perturbation="tree_path_dependent")

    many, _ = world(_MANY, 1)
    theirs, their_cost = _timed(lambda: _by_feature(explainer.shap_values(_read(many, chosen)), chosen, model))
    ours, our_cost = _timed(lambda: model.parts(many.__getitem__))
    base = float(np.ravel(explainer.expected_value)[0])
    print(f"shap {shap.__version__}: at most {np.abs(ours - theirs).max():.1e} apart, the base {abs(model.base - base):.1e}")
    print(f"per row: ours {our_cost:.2f} us, shap {their_cost:.2f} us")

    few = encoding.take(many, np.arange(_ROWS))
    rows = [{key: _bare(values[at]) for key, values in few.items()} for at in range(_ROWS)]
    kept = {"by": f"shap {shap.__version__}", "parameters": parameters, "rows": rows, "base": base, "values": theirs[:_ROWS].tolist()}
    KEPT.write_text(json.dumps(kept, separators=(",", ":")) + "\n")


def _read(table, chosen):
    return np.ascontiguousarray(encoding.matrix(table.__getitem__, chosen, fill=False).T)


def _by_feature(values, chosen, model):
    made = np.zeros((len(values), len(model.features)))
    for at, column in enumerate(chosen):
        made[:, model.features.index(column["feature"])] += values[:, at]
    return made


def _bare(value):
    return None if value != value else value if isinstance(value, str) else float(value)  # noqa: PLR0124


def _timed(work):
    work()
    began = time.process_time()
    found = work()
    return found, (time.process_time() - began) / _MANY * 1e6


if __name__ == "__main__":
    main()
