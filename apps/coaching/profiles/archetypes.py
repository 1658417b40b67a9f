"""Patterns by rule, for companies with too few accounts to learn from (fewer than 200), and where nothing stable was found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Archetype:
    key: str
    name: str
    words: str
    holds: Callable[[Values], bool]


def _of(values: Values, name: str) -> float:
    value = values.get(name)
    return 0.0 if value is None else value


# The first that holds is the one.
ARCHETYPES = (
    Archetype("silent", "Silent", "Nobody has used the product for four weeks.", lambda own: _of(own, "frequency") < 1),
    Archetype("fading", "Fading", "They use it a third less than four weeks before.", lambda own: _of(own, "momentum") <= -0.35),
    Archetype(
        "whole-team",
        "Whole team",
        "Half of the people we know, or more, use four or more different things.",
        lambda own: _of(own, "people") >= 0.5 and _of(own, "breadth") >= 4,
    ),
    Archetype(
        "specialists",
        "Specialists",
        "They do one or two things, and those are the core of the product.",
        lambda own: _of(own, "depth") >= 0.6 and _of(own, "breadth") <= 2,
    ),
    Archetype("explorers", "Explorers", "They use four or more different things.", lambda own: _of(own, "breadth") >= 4),
    Archetype("steady", "Steady", "They come in seven of eight weeks or more, and keep to few things.", lambda own: _of(own, "regularity") >= 7),
    Archetype("occasional", "Occasional", "They come now and then.", lambda own: True),
)


def archetype(values: Values) -> Archetype:
    return next(one for one in ARCHETYPES if one.holds(values))
