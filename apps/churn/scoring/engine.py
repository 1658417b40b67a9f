"""One door to all ways of scoring."""

from collections.abc import Mapping
from itertools import repeat
from typing import Any

import numpy as np

from ..types import ModelKind, Score, each
from . import encoding, intervals, rule
from .encoding import Source
from .learned import Learned
from .logistic import Logistic
from .network import Network
from .stack import Stack
from .teller import MOST, Teller
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
_READY: dict[int, tuple[Mapping[str, Any], Learned, Teller]] = {}
_MOST_READY = 8
_OF_RULE = Teller(rule.FEATURES, {})


def _ready(kind: str, parameters: Mapping[str, Any]) -> tuple[Learned, Teller]:
    held = _READY.get(id(parameters))
    if held is not None and held[0] is parameters:
        return held[1:]
    while len(_READY) >= _MOST_READY:
        _READY.pop(next(iter(_READY)), None)
    model = learned(kind, parameters)
    teller = Teller(model.features, model.usual)
    # Holding the parameters too keeps their id from being given to others.
    _READY[id(parameters)] = (parameters, model, teller)
    return model, teller


def chances(kind: str, parameters: Mapping[str, Any], source: Source) -> np.ndarray:
    """Probability of leaving within the horizon, or for the rule its rank in the same range, per row, without reasons."""
    if kind == ModelKind.RULE:
        return rule.ranks(source, parameters)
    return encoding.squash(_ready(kind, parameters)[0].log_odds(source))


def scores(kind: str, parameters: Mapping[str, Any], source: Source, *, most: int = MOST) -> list[Score]:
    """A Score for each row, by the kind of model, with at most `most` reasons."""
    if kind == ModelKind.RULE:
        said = _OF_RULE.tell(rule.parts(source, parameters), source, most)
        return [Score(rank, reasons) for rank, reasons in zip(rule.ranks(source, parameters).tolist(), said, strict=True)]
    model, teller = _ready(kind, parameters)
    parts = model.parts(source)
    log_odds = model.base + parts.sum(axis=1)
    said = teller.tell(parts, source, most)
    found = encoding.squash(log_odds).tolist()
    if "interval" not in parameters:
        return each(Score, found, said, repeat(None), repeat(None))
    low, high = intervals.bounds(parameters["interval"], log_odds)
    return each(Score, found, said, low.tolist(), high.tolist())
