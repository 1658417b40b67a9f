"""Columns of numbers out of raw features, the same way when a model learns and when it scores. Pure numpy.

A column reads one feature: `value` the number, `missing` 1 where it is unknown, `above` how far the number stands over a knot, `below` how far under
it (negative), `between` how far over it but not beyond `until`, `level` 1 where a text is this level (level null: where it is none of the `levels`).
`log` reads a number by its size; `fill` is the median of the known training values; beyond `low` and `high`, where given, a number counts as these.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

CLIP = 3.0
Rows = Sequence[Mapping[str, Any]]
Table = Mapping[str, Sequence[Any]]
Source = Callable[[str], Sequence[Any]]  # the values of a feature, one per row
Columns = Sequence[Mapping[str, Any]]

_PLAIN = {float, int, bool, type(None)}


def number(value: Any) -> float:
    """A number from a number, a truth value or a text that is one; NaN for anything else."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(str(value).replace("_", "x"))
    except ValueError:
        return np.nan


def level(value: Any) -> str:
    return "" if value is None else str(value).strip()


def numbers(values: Sequence[Any]) -> np.ndarray:
    """Values as floats, NaN where there is no finite number."""
    known = isinstance(values, np.ndarray) and values.dtype == float
    plain = known or set(map(type, values)) <= _PLAIN
    figures = np.array(values if plain else [number(value) for value in values], float)
    figures[~np.isfinite(figures)] = np.nan
    return figures


def levels(values: Sequence[Any]) -> np.ndarray:
    """Values as texts."""
    return np.array([level(value) for value in values], object)


def by_size(figures: np.ndarray) -> np.ndarray:
    return np.asarray(np.sign(figures) * np.log1p(np.abs(figures)))


def of(rows: Rows) -> Source:
    return lambda feature: [row.get(feature) for row in rows]


def read(values: np.ndarray, column: Mapping[str, Any], *, fill: bool = True) -> np.ndarray:
    """One column out of `levels`, or of `numbers`, by size where the column says so; without `fill`, unknown numbers stay NaN."""
    how = column["how"]
    if how == "level":
        if column["level"] is None:
            return (~np.isin(values, column["levels"])).astype(float)
        return (values == column["level"]).astype(float)
    unknown = np.isnan(values)
    if how == "missing":
        return unknown.astype(float)
    figures = np.where(unknown, column["fill"], values) if fill else values
    if how == "value":
        return figures
    if how == "below":
        return np.minimum(figures - column["knot"], 0.0)
    above = np.maximum(figures - column["knot"], 0.0)
    return above if how == "above" else np.minimum(above, column["until"] - column["knot"])


def matrix(source: Source, columns: Columns, *, fill: bool = True) -> np.ndarray:
    """Columns x rows, before scaling; each feature is turned into numbers once."""
    held: dict[str, np.ndarray] = {}
    made = []
    for column in columns:
        feature = column["feature"]
        if feature not in held:
            held[feature] = _known(source(feature), column)
        made.append(read(held[feature], column, fill=fill))
    return np.array(made)


def _known(values: Sequence[Any], column: Mapping[str, Any]) -> np.ndarray:
    if column["how"] == "level":
        return levels(values)
    figures = by_size(numbers(values)) if column["log"] else numbers(values)
    return np.clip(figures, column["low"], column["high"]) if "low" in column else figures


def design(source: Source, columns: Columns) -> np.ndarray:
    """Rows x columns, scaled and clipped to +-CLIP so that a value beyond the training range cannot run away."""
    mean = np.array([column["mean"] for column in columns])[:, None]
    scale = np.array([column["scale"] for column in columns])[:, None]
    return np.clip((matrix(source, columns) - mean) / scale, -CLIP, CLIP).T


def grouped(columns: Columns) -> tuple[list[str], np.ndarray]:
    """The features behind columns, and the columns x features matrix of ones that adds a feature's columns up."""
    features = sorted({column["feature"] for column in columns})
    return features, np.array([[float(column["feature"] == feature) for feature in features] for column in columns])


def typical(columns: Columns) -> dict[str, float]:
    """The median of each number in the training rows, in its own unit: what a reason's figure is told beside."""
    medians = {column["feature"]: (column["fill"], column["log"]) for column in columns if column["how"] != "level"}
    return {feature: float(np.sign(fill) * np.expm1(abs(fill))) if log else float(fill) for feature, (fill, log) in medians.items()}


def squash(log_odds: np.ndarray) -> np.ndarray:
    """Probabilities."""
    return 1 / (1 + np.exp(-np.clip(log_odds, -35, 35)))


def take(table: Table, places: np.ndarray) -> dict[str, Any]:
    """The rows of a table at these places."""
    return {key: values[places] if isinstance(values, np.ndarray) else [values[at] for at in places] for key, values in table.items()}
