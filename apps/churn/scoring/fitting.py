"""Learning logistic-regression parameters from a table: which columns, which numbers. Pure; scikit-learn is imported where it is used."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..registry import describe
from . import logistic

MOST_LEVELS = 12
# A text with more spellings than this is a name, not a kind.
_TOO_MANY = 50
_LEAST_ROWS = 10
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}([T ].*)?$|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$")
# Written by whoever handled the leaving, not by the customer's life before it.
_OUTCOME = re.compile(
    r"churn|cancel|offboard|attrit|terminat|deactivat|unregist|unsubscrib"
    r"|(?:^|[^a-z])(?:exit|exited|exiting|left|leave|leaving|lost|quit|closed|outcome|stage|final|expired|inactive)(?:[^a-z]|$)"
)
Table = Mapping[str, Sequence[Any]]


def smells_of_outcome(name: str) -> bool:
    """Whether a column's name says that it was filled in when the customer left."""
    return bool(_OUTCOME.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))


def shape(values: Sequence[Any]) -> str:
    """`number`, `text` or `` (not usable): dates, names with many spellings, lists, and columns that never vary."""
    if isinstance(values, np.ndarray) and values.dtype == float:
        return "number" if len(np.unique(values[np.isfinite(values)])) > 1 or (np.isnan(values).any() and np.isfinite(values).any()) else ""
    given = [value for value in values if value is not None and value != ""]
    if not given or any(isinstance(value, (list, dict)) for value in given):
        return ""
    if sum(np.isfinite(logistic.number(value)) for value in given) >= 0.95 * len(given):
        return "number" if len({logistic.number(value) for value in given}) > 1 or len(given) < len(values) else ""
    texts = {str(value).strip() for value in given}
    if sum(bool(_DATE.match(text)) for text in texts) >= 0.9 * len(texts):
        return ""
    return "text" if len(texts) + (len(given) < len(values)) > 1 and len(texts) <= _TOO_MANY else ""


def tells(values: Sequence[Any], labels: np.ndarray) -> float:
    """AUC of one column alone, whichever way it points: 0.5 tells nothing, 1 tells everything."""
    from sklearn.metrics import roc_auc_score

    kind = shape(values)
    if not kind:
        return 0.5
    if kind == "number":
        figures = logistic.numbers(values)
        missing = np.isnan(figures)
        figures = np.where(missing, np.nanmedian(figures), figures)
        alone = [float(roc_auc_score(labels, figures)), float(roc_auc_score(labels, missing)) if missing.any() else 0.5]
        return max(max(auc, 1 - auc) for auc in alone)
    texts = np.array([logistic.level(value) for value in values])
    rate = {text: labels[texts == text].mean() for text in set(texts)}
    return float(roc_auc_score(labels, [rate[text] for text in texts]))


def refused(table: Table, keys: Sequence[str], labels: np.ndarray) -> dict[str, str]:
    """Columns of the account that give the outcome away, with the reason: by name, or because one alone tells it far too well."""
    found = {key: "its name says that it is filled in when a customer leaves" for key in keys if smells_of_outcome(key.partition(":")[2])}
    alone = {key: tells(table[key], labels) for key in keys if key not in found}
    while alone:
        best = max(alone, key=lambda key: alone[key])
        auc = alone.pop(best)
        second = max(alone.values(), default=0.5)
        if auc > 0.95 or (auc > 0.85 and auc > second + 0.10):
            found[best] = f"it tells the outcome alone (AUC {auc:.2f}; the next column {second:.2f}), so it is probably written afterwards"
        else:
            break
    return found


def columns(table: Table, keys: Sequence[str], *, knots: bool) -> list[dict[str, Any]]:
    """The design: numbers (with their missing marks and, given `knots`, bends at the quartiles) and levels of texts, scaled by this table."""
    made: list[dict[str, Any]] = []
    for key in keys:
        kind = shape(table[key])
        if kind == "number":
            made += _number_columns(key, logistic.numbers(table[key]), knots)
        elif kind == "text":
            made += _level_columns(key, [logistic.level(value) for value in table[key]])
    kept = []
    for column in made:
        raw = logistic.read(table[column["feature"]], column)
        scale = float(raw.std())
        if scale < 1e-9:
            continue
        column |= {"mean": float(raw.mean()), "scale": scale}
        kept.append(column)
    return kept


def _number_columns(key: str, figures: np.ndarray, knots: bool) -> list[dict[str, Any]]:
    log = describe(key).log
    seen = figures[~np.isnan(figures)]
    scaled = logistic.by_size(seen) if log else seen
    base = {"feature": key, "log": log, "fill": float(np.median(scaled)), "knot": 0.0}
    made = [base | {"how": "value"}]
    if len(seen) < len(figures):
        made.append(base | {"how": "missing"})
    if knots and len(np.unique(seen)) > 8:
        low, high = scaled.min(), scaled.max()
        bends = {float(bend) for bend in np.quantile(scaled, (0.25, 0.5, 0.75))}
        made += [base | {"how": "above", "knot": bend} for bend in sorted(bends) if low < bend < high]
    return made


def _level_columns(key: str, texts: list[str]) -> list[dict[str, Any]]:
    names, counts = np.unique(texts, return_counts=True)
    common = [str(name) for name, count in sorted(zip(names, counts, strict=True), key=lambda pair: (-pair[1], pair[0])) if count >= _LEAST_ROWS]
    levels = common[:MOST_LEVELS]
    base = {"feature": key, "levels": levels}
    return [base | {"how": "level", "level": level} for level in levels] + [base | {"how": "level", "level": None}]


def fit(table: Table, labels: np.ndarray, keys: Sequence[str], *, knots: bool, strength: float) -> dict[str, Any]:
    """Parameters for scoring.logistic: L2-penalised logistic regression, no class weights (they would spoil the probabilities)."""
    from sklearn.linear_model import LogisticRegression

    chosen = columns(table, keys, knots=knots)
    x = logistic.design(table.__getitem__, chosen)
    model = LogisticRegression(C=strength, max_iter=1000).fit(x, labels)
    for column, coef, average in zip(chosen, model.coef_[0], x.mean(axis=0), strict=True):
        column |= {"coef": float(coef), "average": float(average)}
    return {"intercept": float(model.intercept_[0]), "columns": chosen}
