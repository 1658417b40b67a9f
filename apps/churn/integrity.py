"""Whether a stored model is still the one that was learned: its checksum, and golden rows with the scores they must get."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from .models import ModelVersion
from .scoring import encoding, engine

GOLDEN_ROWS = 20
# What a golden row's probability may differ by: the last digits of other versions of numpy.
_SAME = 1e-9


def checksum(parameters: Mapping[str, Any]) -> str:
    """SHA-256 of the parameters, the same before and after a journey through the database, which keeps numbers but not how they were written."""
    return hashlib.sha256(json.dumps(_plain(parameters), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(held) for held in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value).hex() if value else "0"
    return value


def golden(kind: str, parameters: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first GOLDEN_ROWS rows with the probability that each gets now."""
    rows = rows[:GOLDEN_ROWS]
    return [
        {"row": dict(row), "probability": score.probability}
        for row, score in zip(rows, engine.scores(kind, parameters, encoding.of(rows)), strict=True)
    ]


def problem_with(version: ModelVersion) -> str:
    """Why this version must not speak, or nothing. Reads numbers only: whatever somebody wrote into the row, none of it is run."""
    if checksum(version.parameters) != version.checksum:
        return "What it holds is not what was learned: the checksum differs."
    try:
        found = engine.scores(version.kind, version.parameters, encoding.of([held["row"] for held in version.golden]))
        engine.scores(version.kind, version.parameters, encoding.of([{}]))
        apart = max((abs(score.probability - held["probability"]) for score, held in zip(found, version.golden, strict=True)), default=0.0)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return f"It cannot be read ({type(error).__name__})."
    if not math.isfinite(apart) or apart > _SAME:
        return f"It gives known rows other scores than when it was learned (up to {apart:.2g} apart)."
    return ""
