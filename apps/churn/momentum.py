"""How the reasons of a risk moved between two of its scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .registry import describe


@dataclass(frozen=True)
class Shift:
    """What one reason adds to a score now, and what it added before, in the unit of the model's contributions."""

    feature: str
    words: str
    before: float
    now: float

    @property
    def change(self) -> float:
        return self.now - self.before


def shifts(now: Sequence[dict[str, Any]], before: Sequence[dict[str, Any]]) -> list[Shift]:
    """How stored reasons moved between two scores of one model, family by family, the largest move first.

    A score keeps its strongest reasons only: one that is not among them counts as nothing, so a small move may be left out.
    """
    sides = [{describe(str(reason["feature"])).family: reason for reason in reasons} for reasons in (now, before)]
    found = []
    for family in dict.fromkeys([*sides[0], *sides[1]]):
        present, past = (side.get(family) for side in sides)
        told = present or past
        assert told is not None
        words = str(told["words"]) if present else f"No longer: {told['words']}"
        found.append(Shift(told["feature"], words, *(float(one["contribution"]) if one else 0.0 for one in (past, present))))
    return sorted(found, key=lambda shift: -abs(shift.change))
