"""Which columns a table gives to a model: numbers with their marks and bends, texts as levels, and nothing of dates and names."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..registry import describe, held_sign
from . import encoding
from .encoding import Table

MOST_LEVELS = 12
# A text with more spellings than this is a name, not a kind.
_TOO_MANY = 50
_LEAST_ROWS = 10
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}([T ].*)?$|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$")


def shape(values: Sequence[Any]) -> str:
    """`number`, `text` or `` (not usable): dates, names with many spellings, lists, and columns that never vary."""
    if isinstance(values, np.ndarray) and values.dtype == float:
        return "number" if len(np.unique(values[np.isfinite(values)])) > 1 or (np.isnan(values).any() and np.isfinite(values).any()) else ""
    given = [value for value in values if value is not None and value != ""]
    if not given or any(isinstance(value, (list, dict)) for value in given):
        return ""
    if sum(np.isfinite(encoding.number(value)) for value in given) >= 0.95 * len(given):
        return "number" if len({encoding.number(value) for value in given}) > 1 or len(given) < len(values) else ""
    texts = {str(value).strip() for value in given}
    if sum(bool(_DATE.match(text)) for text in texts) >= 0.9 * len(texts):
        return ""
    return "text" if len(texts) + (len(given) < len(values)) > 1 and len(texts) <= _TOO_MANY else ""


def scaled(table: Table, keys: Sequence[str], *, knots: bool) -> list[dict[str, Any]]:
    """For weighted sums: numbers (with their missing marks and, given `knots`, bends at the quartiles) and levels, with mean and scale.

    A number stays within the `low` and `high` that were learned from: in a young record the age of accounts, and what adds up over a window that the
    record does not fill yet, grow out of them, and a slope would be stretched into the unknown. A held number with bends is cut into pieces, each
    with its own slope: the sum goes one way exactly where every piece does.
    """
    made: list[dict[str, Any]] = []
    for column in _columns(table, keys):
        made += [column] if column["how"] == "level" else _marked(column, encoding.numbers(table[column["feature"]]), knots)
    kept = []
    for column, raw in zip(made, encoding.matrix(table.__getitem__, made) if made else (), strict=True):
        if (scale := float(raw.std())) >= 1e-9:
            kept.append(column | {"mean": float(raw.mean()), "scale": scale})
    return kept


def plain(table: Table, keys: Sequence[str]) -> list[dict[str, Any]]:
    """For trees: numbers as they are, unknown ones included, and levels."""
    made = _columns(table, keys)
    raw = encoding.matrix(table.__getitem__, made, fill=False) if made else ()
    return [column for column, values in zip(made, raw, strict=True) if np.isnan(values).any() or np.ptp(values) > 0]


def _columns(table: Table, keys: Sequence[str]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for key in keys:
        kind = shape(table[key])
        if kind == "number":
            figures = encoding.numbers(table[key])
            log = describe(key).log
            seen = figures[~np.isnan(figures)]
            made.append({"feature": key, "how": "value", "log": log, "fill": float(np.median(encoding.by_size(seen) if log else seen)), "knot": 0.0})
        elif kind == "text":
            made += _levels(key, [encoding.level(value) for value in table[key]])
    return made


def _marked(column: dict[str, Any], figures: np.ndarray, knots: bool) -> list[dict[str, Any]]:
    seen = figures[~np.isnan(figures)]
    size = encoding.by_size(seen) if column["log"] else seen
    column = column | {"low": float(size.min()), "high": float(size.max())}
    made = [column]
    if len(seen) < len(figures):
        made.append(column | {"how": "missing"})
    if knots and len(np.unique(seen)) > 8:
        bends = sorted({float(bend) for bend in np.quantile(size, (0.25, 0.5, 0.75)) if size.min() < bend < size.max()})
        if bends and held_sign(column["feature"]):
            return _pieces(column, bends) + made[1:]
        made += [column | {"how": "above", "knot": bend} for bend in bends]
    return made


def _pieces(column: dict[str, Any], bends: list[float]) -> list[dict[str, Any]]:
    inner = [column | {"how": "between", "knot": low, "until": high} for low, high in itertools.pairwise(bends)]
    return [column | {"how": "below", "knot": bends[0]}, *inner, column | {"how": "above", "knot": bends[-1]}]


def held(made: encoding.Columns) -> np.ndarray:
    """Per column +1 where more of it must never lower the risk, -1 where it must never raise it, 0 where it may do either."""
    return np.array([0 if column["how"] in ("missing", "level") else held_sign(column["feature"]) for column in made], int)


def _levels(key: str, texts: list[str]) -> list[dict[str, Any]]:
    names, counts = np.unique(texts, return_counts=True)
    common = [str(name) for name, count in sorted(zip(names, counts, strict=True), key=lambda pair: (-pair[1], pair[0])) if count >= _LEAST_ROWS]
    base = {"feature": key, "how": "level", "levels": common[:MOST_LEVELS]}
    return [base | {"level": level} for level in base["levels"]] + [base | {"level": None}]
