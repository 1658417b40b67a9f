"""One door to all ways of scoring."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..types import ModelKind, Score
from . import encoding, intervals, rule, words
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


# Preparing trees takes some hundredths of a second; the parameters of a version never change, and its holder keeps the same object.
_READY: dict[int, tuple[Mapping[str, Any], Learned]] = {}
_MOST_READY = 8


def _ready(kind: str, parameters: Mapping[str, Any]) -> Learned:
    held = _READY.get(id(parameters))
    if held is not None and held[0] is parameters:
        return held[1]
    while len(_READY) >= _MOST_READY:
        _READY.pop(next(iter(_READY)), None)
    model = learned(kind, parameters)
    # Holding the parameters too keeps their id from being given to others.
    _READY[id(parameters)] = (parameters, model)
    return model


def chances(kind: str, parameters: Mapping[str, Any], source: Source) -> np.ndarray:
    """Probability of leaving within the horizon, or for the rule its rank in the same range, per row, without reasons."""
    if kind == ModelKind.RULE:
        return rule.ranks(source, parameters)
    return encoding.squash(_ready(kind, parameters).log_odds(source))


def scores(kind: str, parameters: Mapping[str, Any], rows: Rows, *, most: int = words.MOST) -> list[Score]:
    """A Score for each row, by the kind of model, with at most `most` reasons."""
    if kind == ModelKind.RULE:
        return [rule.score(row, parameters) for row in rows]
    if not rows:
        return []
    model = _ready(kind, parameters)
    parts = model.parts(encoding.of(rows))
    log_odds = model.base + parts.sum(axis=1)
    reasons = words.Teller(model.features, model.usual).tell(parts, rows, most)
    if "interval" not in parameters:
        return [Score(chance, said) for chance, said in zip(encoding.squash(log_odds).tolist(), reasons, strict=True)]
    low, high = intervals.bounds(parameters["interval"], log_odds)
    told = zip(encoding.squash(log_odds).tolist(), reasons, low.tolist(), high.tolist(), strict=True)
    return [Score(chance, said, least, greatest) for chance, said, least, greatest in told]
