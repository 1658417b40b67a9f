"""Scoring by stored logistic-regression parameters: fill, scale, clip, weigh. Pure numpy; nothing is unpickled.

`parameters` = {"intercept", "columns": [{"feature", "how", "fill", "level", "levels", "knot", "log", "mean", "scale", "coef", "average"}]}.
A column reads one feature: `value` the number, `missing` 1 where it is unknown, `above` how far the number stands over a knot, `level` 1 where a text
is this level (level null: where it is none of the `levels`). `average` is the mean of the column's scaled, clipped training values, so that
coef * (x - average), summed over the columns, is the difference in log-odds to the average account.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..types import Score
from . import words

CLIP = 3.0
Rows = Sequence[Mapping[str, Any]]
Source = Callable[[str], Sequence[Any]]  # the values of a feature, one per row
Columns = Sequence[Mapping[str, Any]]


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


def read(values: Sequence[Any], column: Mapping[str, Any]) -> np.ndarray:
    """One column of the design, before scaling."""
    how = column["how"]
    if how == "level":
        texts = [level(value) for value in values]
        if column["level"] is None:
            known = set(column["levels"])
            return np.array([text not in known for text in texts], float)
        return np.array([text == column["level"] for text in texts], float)
    figures = numbers(values)
    if how == "missing":
        return np.isnan(figures).astype(float)
    if column["log"]:
        figures = by_size(figures)
    figures = np.where(np.isnan(figures), column["fill"], figures)
    return np.maximum(figures - column["knot"], 0.0) if how == "above" else figures


def numbers(values: Sequence[Any]) -> np.ndarray:
    """Values as floats, NaN where there is no finite number."""
    known = isinstance(values, np.ndarray) and values.dtype == float
    figures = np.array(values if known else [number(value) for value in values], float)
    figures[~np.isfinite(figures)] = np.nan
    return figures


def by_size(figures: np.ndarray) -> np.ndarray:
    return np.asarray(np.sign(figures) * np.log1p(np.abs(figures)))


def of(rows: Rows) -> Source:
    return lambda feature: [row.get(feature) for row in rows]


def design(source: Source, columns: Columns) -> np.ndarray:
    """Rows x columns, scaled and clipped to +-CLIP so that a value beyond the training range cannot run away."""
    held: dict[str, Any] = {}
    made = []
    for column in columns:
        feature = column["feature"]
        if feature not in held:
            values = source(feature)
            held[feature] = values if column["how"] == "level" else numbers(values)
        made.append((read(held[feature], column) - column["mean"]) / column["scale"])
    return np.clip(np.column_stack(made), -CLIP, CLIP)


def contributions(source: Source, parameters: Mapping[str, Any]) -> np.ndarray:
    """Rows x columns: coef * (x - average). Sums to log_odds - average_log_odds."""
    columns = parameters["columns"]
    coef = np.array([column["coef"] for column in columns])
    average = np.array([column["average"] for column in columns])
    return np.asarray((design(source, columns) - average) * coef)


def average_log_odds(parameters: Mapping[str, Any]) -> float:
    """The log-odds of an account whose every column is average."""
    return float(parameters["intercept"] + sum(column["coef"] * column["average"] for column in parameters["columns"]))


def probabilities(source: Source, parameters: Mapping[str, Any]) -> np.ndarray:
    """Probability of leaving within the horizon, per row."""
    return squash(average_log_odds(parameters) + contributions(source, parameters).sum(axis=1))


def squash(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(log_odds, -35, 35)))


def typical(parameters: Mapping[str, Any]) -> dict[str, float]:
    """The median of each number in the training rows, in its own unit: what a reason's figure is told beside."""
    medians = {column["feature"]: (column["fill"], column["log"]) for column in parameters["columns"] if column["how"] != "level"}
    return {feature: float(np.sign(fill) * np.expm1(abs(fill))) if log else float(fill) for feature, (fill, log) in medians.items()}


def scores(rows: Rows, parameters: Mapping[str, Any]) -> list[Score]:
    """Probability and reasons for each row."""
    if not rows:
        return []
    parts = contributions(of(rows), parameters)
    chances = squash(average_log_odds(parameters) + parts.sum(axis=1))
    features = [column["feature"] for column in parameters["columns"]]
    names = sorted(set(features))
    gather = np.zeros((len(features), len(names)))
    for place, feature in enumerate(features):
        gather[place, names.index(feature)] = 1
    grouped = parts @ gather
    usual = typical(parameters)
    return [
        Score(float(chance), words.reasons(dict(zip(names, line.tolist(), strict=True)), row, usual))
        for chance, line, row in zip(chances, grouped, rows, strict=True)
    ]
