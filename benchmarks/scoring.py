"""Scoring 100,000 accounts by trees and by logistic regression, with their top three reasons and without, against the bare bulk `predict_proba` of
the same scikit-learn model; and one account with its reasons on the real-time path, its statements counted.

Our side starts from columns as features.py gives them, and explains as many accounts at a time as scored.py does; theirs starts from a matrix, for
the regression through a pipeline of the same shape (gaps filled and marked, bends at the quartiles, scaled). SCORING_ACCOUNTS sets the size.
"""

import gc
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.churn import definitions, integrity, scored, supposed
from apps.churn import features as point_in_time
from apps.churn.figures import Figures
from apps.churn.models import ChurnDefinition
from apps.churn.registry import ACTIVITY
from apps.churn.scoring import bands, encoding, engine, fitting
from apps.churn.types import ModelKind
from cs_platform import collector

from .rolled import NOW, fill

ACCOUNTS = int(os.environ.get("SCORING_ACCOUNTS", "100000"))
_LEARN = 20_000
_TOP = 3
_ASKED = 400
_ROUNDS = 3


def run() -> dict[str, float]:
    # As in the servers and workers that score.
    usual = gc.get_threshold()
    collector.settle()
    try:
        return _run()
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _run() -> dict[str, float]:
    fill()
    seen = point_in_time.figures(as_of=NOW)
    many = _many(seen, ACCOUNTS)
    table = {key: encoding.numbers(many(key))[:_LEARN] for key in _FIGURES}
    labels = _outcomes(table)
    table = {key: values for key, values in table.items() if len(np.unique(values[np.isfinite(values)])) > 1}
    definition = definitions.ensure_default(now=NOW)
    found: dict[str, float] = {"accounts": ACCOUNTS, "features": len(table)}
    for kind, theirs in ((ModelKind.TREES, _peer_trees), (ModelKind.LOGISTIC, _peer_logistic)):
        parameters = fitting.fit(kind, table, labels, list(table))
        figures = _bulk(kind, parameters, many, theirs(table, labels, many, parameters)) | _one(definition, kind, parameters, seen)
        found |= figures if kind == ModelKind.TREES else {f"logistic_{name}": figure for name, figure in figures.items()}
    return found


_FIGURES = [feature.key for feature in ACTIVITY]


def _many(seen: Figures, count: int) -> Figures:
    """Accounts like those seen, no two alike."""
    draw = np.random.default_rng(0)
    places = draw.integers(0, len(seen), count)
    table = {key: encoding.numbers(seen(key))[places] for key in _FIGURES}
    for feature in ACTIVITY:
        values = table[feature.key]
        table[feature.key] = (
            values + draw.normal(0, 0.1, count)
            if feature.unit == "log ratio"
            else np.maximum(0, values + draw.poisson(0.1 * np.nan_to_num(values) + 0.2))
        )
    return Figures(np.arange(count), table)


def _outcomes(table: dict[str, np.ndarray]) -> np.ndarray:
    draw = np.random.default_rng(1)
    odds = -2.5 - np.nan_to_num(table["trend_28"]) + 0.05 * table["since"] - 0.3 * (table["active_28"] - np.median(table["active_28"]))
    return (draw.random(len(odds)) < encoding.squash(odds)).astype(float)


def _matrix(many: Figures, keys: list[str]) -> np.ndarray:
    return np.column_stack([encoding.numbers(many(key)) for key in keys])


def _peer_trees(table: dict[str, np.ndarray], labels: np.ndarray, many: Figures, parameters: dict[str, Any]) -> Callable[[], object]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    peer = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=len(parameters["trees"]), max_leaf_nodes=8, min_samples_leaf=20, l2_regularization=5.0, early_stopping=False
    ).fit(np.array(list(table.values())).T, labels)
    x = _matrix(many, list(table))
    return lambda: peer.predict_proba(x)


def _peer_logistic(table: dict[str, np.ndarray], labels: np.ndarray, many: Figures, parameters: dict[str, Any]) -> Callable[[], object]:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    peer = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        SplineTransformer(n_knots=5, degree=1, knots="quantile"),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    ).fit(np.array(list(table.values())).T, labels)
    x = _matrix(many, list(table))
    return lambda: peer.predict_proba(x)


def _bulk(kind: str, parameters: dict[str, Any], many: Figures, theirs: Callable[[], object]) -> dict[str, float]:
    def bare() -> None:
        engine.chances(kind, parameters, many)

    def explained() -> None:
        for first in range(0, len(many), scored.CHUNK):
            engine.scores(kind, parameters, many.part(np.arange(first, min(first + scored.CHUNK, len(many)))), most=_TOP)

    bare()
    rounds = [(_cpu(theirs), _cpu(bare), _cpu(explained)) for _ in range(_ROUNDS)]
    peer, without, reasons = (min(of) for of in zip(*rounds, strict=True))
    return {
        "over_bulk_predict": round(reasons / peer, 2),
        "without_reasons_over_bulk_predict": round(without / peer, 2),
        "us_per_account": round(reasons / len(many) * 1e6, 1),
        "peer_us_per_account": round(peer / len(many) * 1e6, 2),
    }


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _one(definition: ChurnDefinition, kind: str, parameters: dict[str, Any], seen: Figures) -> dict[str, float]:
    """Accounts asked one by one, as the API and the account's page ask: the model at work, the figures of now, score, band and reasons."""
    kept = parameters | {"names": [], "cuts": bands.model_cuts(0.1), "base_rate": 0.1}
    golden = integrity.golden(kind, kept, seen.rows())
    definitions.add_version(definition, kind=kind, parameters=kept, decision="A benchmark's.", golden=golden, now=NOW)
    keys = list(Account.objects.filter(external_id__startswith="rolled-").order_by("?").values_list("pk", flat=True)[:_ASKED])
    most = 0
    # A process reads the model itself once.
    supposed.of_accounts(definition, keys[:1], now=NOW)
    for key in keys[:20]:
        with CaptureQueriesContext(connection) as queries:
            supposed.of_accounts(definition, [key], now=NOW)
        most = max(most, len(queries))
    # Apart from the counting: nothing is planned once while somebody reads the queries. A connection's first calls plan.
    for key in keys[:20]:
        supposed.of_accounts(definition, [key], now=NOW)
    times = []
    for key in keys:
        began = time.perf_counter()
        _, said = supposed.of_accounts(definition, [key], now=NOW)
        times.append((time.perf_counter() - began) * 1000)
        assert said[key].score.reasons
    times.sort()
    return {
        "realtime_p50_ms": round(times[len(times) // 2], 1),
        "realtime_p99_ms": round(times[int(len(times) * 0.99)], 1),
        "realtime_queries": most,
    }
