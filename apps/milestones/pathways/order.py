"""The next milestone of one account: catalogue order before anything is learned, then what it is worth times the chance to reach it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# A milestone whose chance is this far below the target waits, while another one is open that they can win.
BELOW_TARGET = 0.2
# What a milestone opens counts a little less than itself: it is not reached yet, and something may come between.
AHEAD = 0.9


@dataclass(frozen=True)
class Open:
    """A milestone an account may win now. `opens`: those it would open, with the chance to reach each."""

    milestone: Any
    position: int
    chance: float
    opens: Mapping[Any, float]


@dataclass(frozen=True)
class Ranked:
    """`score`: under the learned order the expected worth (share of staying, 0-1), under the catalogue's the chance.

    `ahead`: the milestone behind it that it is also chosen for; `waits`: passed over, as they can hardly win it yet.
    """

    milestone: Any
    position: int
    chance: float
    value: float | None
    score: float
    ahead: Any | None = None
    waits: bool = False


def by_catalogue(candidates: Sequence[Open], *, target: float) -> list[Ranked]:
    """In the order of the catalogue; those they cannot win yet come last, the likeliest of them first."""
    floor = target - BELOW_TARGET
    rows = [Ranked(one.milestone, one.position, one.chance, None, one.chance, waits=one.chance < floor) for one in candidates]
    return sorted(rows, key=lambda one: (one.waits, -one.chance if one.waits else 0.0, one.position))


def by_value(candidates: Sequence[Open], values: Mapping[Any, float]) -> list[Ranked]:
    """By chance x (value + the best that it opens), one step ahead; equal ones in the order of the catalogue."""
    return sorted((_valued(one, values) for one in candidates), key=lambda one: (-round(one.score, 12), one.position))


def _valued(one: Open, values: Mapping[Any, float]) -> Ranked:
    ahead, best = None, 0.0
    for milestone, chance in one.opens.items():
        if (worth := chance * values.get(milestone, 0.0)) > best:
            ahead, best = milestone, worth
    value = values.get(one.milestone, 0.0)
    return Ranked(one.milestone, one.position, one.chance, value, one.chance * (value + AHEAD * best), ahead)
