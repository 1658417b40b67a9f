"""One door to all ways of scoring."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..types import ModelKind, Score
from . import logistic, rule


def scores(kind: str, parameters: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Score]:
    """A Score for each row, by the kind of model."""
    if kind == ModelKind.LOGISTIC:
        return logistic.scores(rows, parameters)
    return [rule.score(row, parameters) for row in rows]
