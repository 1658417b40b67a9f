"""Why this tip: the gap it closes and what came of it so far, in words; and the facts behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..behaviours import BY_KEY
from ..definition import Definition
from ..types import Evidence
from .allowed import PRIOR_SHOWS, Known

Counts = Mapping[tuple[str, str], tuple[float, float]]
# Fewer outcomes than this are not worth a sentence.
_ENOUGH = 5


def reason(definition: Definition, key: str, known: Known, *, explored: bool, counts: Counts) -> str:
    """`counts`: (pattern, tip) -> (helped, of so many)."""
    return f"{_fits(definition, known)} {'Drawn at random, as 3 of 100 are, to keep learning.' if explored else learned(key, known, counts)}"[:250]


def _fits(definition: Definition, known: Known) -> str:
    closed = [BY_KEY[name].name for name in definition.helps if name in known.gaps]
    if closed:
        return f"They are behind in {' and '.join(closed)}."
    return f"It fits accounts of the pattern “{known.pattern_name}”."


def learned(key: str, known: Known, counts: Counts) -> str:
    """What came of it among accounts alike, or elsewhere."""
    helped, tries = counts.get((known.pattern, key), (0.0, 0.0))
    if tries >= _ENOUGH:
        return f"It helped about {helped:.0f} of {tries:.0f} accounts of their pattern."
    helped = sum(one for (_, name), (one, _) in counts.items() if name == key)
    tries = sum(one for (_, name), (_, one) in counts.items() if name == key)
    if tries >= _ENOUGH:
        return f"It helped about {helped:.0f} of {tries:.0f} accounts of other patterns."
    return f"Hardly anybody has tried it yet: what its author expects counts as {PRIOR_SHOWS:.0f} tries."


def evidence(
    definition: Definition, known: Known, *, late: float, early: float, days: int, of_target: Sequence[int], of_any: Sequence[int]
) -> list[dict[str, Any]]:
    """The gap in numbers, and what they do of the behaviour now; each with the events that show it."""
    names = " or ".join(f"“{name}”" for name in definition.target.activity)
    facts = [Evidence(words, "gap", tuple(of_any)) for name, words in known.gaps.items() if name in definition.helps]
    words = f"{names}: {late:.0f} in the last {days} days, {early:.0f} in the {days} before."
    facts.append(Evidence(words, "target", tuple(of_target or of_any)))
    return [fact.plain() for fact in facts]
