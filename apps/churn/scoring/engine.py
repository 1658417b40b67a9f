"""One door to all ways of scoring."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..types import ModelKind, Score
from . import encoding, rule, words
from .encoding import Rows, Source
from .learned import Learned
from .logistic import Logistic
from .network import Network
from .stack import Stack
from .trees import Trees

_ALONE: Mapping[str, type[Logistic] | type[Trees] | type[Network]] = {
    ModelKind.LOGISTIC: Logistic,
    ModelKind.TREES: Trees,
    ModelKind.NETWORK: Network,
}


def learned(kind: str, parameters: Mapping[str, Any]) -> Learned:
    """A model made ready from its stored parameters; worth keeping where more than one call follows."""
    if kind == ModelKind.STACK:
        return Stack(parameters, [learned(member["kind"], member["parameters"]) for member in parameters["members"]])
    return _ALONE[kind](parameters)


def chances(kind: str, parameters: Mapping[str, Any], source: Source) -> np.ndarray:
    """Probability of leaving within the horizon, per row, without reasons. Not for the rule, which ranks."""
    return encoding.squash(learned(kind, parameters).log_odds(source))


def scores(kind: str, parameters: Mapping[str, Any], rows: Rows, *, most: int = words.MOST) -> list[Score]:
    """A Score for each row, by the kind of model, with at most `most` reasons."""
    if kind == ModelKind.RULE:
        return [rule.score(row, parameters) for row in rows]
    return told(learned(kind, parameters), rows, most=most)


def told(model: Learned, rows: Rows, *, most: int = words.MOST) -> list[Score]:
    """What a learned model says of rows."""
    if not rows:
        return []
    parts = model.parts(encoding.of(rows))
    found = encoding.squash(model.base + parts.sum(axis=1)).tolist()
    reasons = words.Teller(model.features, model.usual).tell(parts, rows, most)
    return [Score(chance, said) for chance, said in zip(found, reasons, strict=True)]
