"""Why a milestone comes next, in words. Every sentence holds a figure and where it is from; what is not proven says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..types import OrderRule
from .order import Ranked


@dataclass(frozen=True)
class Worth:
    """What a reading says of one milestone; points and interval as shares (0.12 is 12 points)."""

    points: float
    low: float
    high: float
    reached: int
    accounts: int
    usual_week: int


def percent(share: float) -> str:
    """Never nought or a hundred, as no chance is."""
    return f"{min(99, max(1, round(100 * share)))} %"


def points(share: float) -> str:
    return f"{abs(100 * share):.0f} point{'' if round(abs(100 * share)) == 1 else 's'}"


def worth(name: str, value: Worth, proof: str) -> str:
    """`proof` says how far it is confirmed, such as: not proven yet."""
    way = "more" if value.points >= 0 else "less"
    between = f"95 % sure of {100 * value.low:+.0f} to {100 * value.high:+.0f}, from {value.reached:,} of {value.accounts:,} teams"
    return f"Teams like yours that reached “{name}” by week {value.usual_week} stayed {points(value.points)} {way} often ({between}); {proof}."


def reasons(ranked: list[Ranked], rule: OrderRule, names: Mapping[Any, str], values: Mapping[Any, Worth], proof: str) -> list[str]:
    """Of the first of these, the strongest first."""
    first, said = ranked[0], []
    name = names[first.milestone]
    if rule == OrderRule.LEARNED:
        own = values.get(first.milestone)
        if own is not None and own.points > 0:
            said.append(worth(name, own, proof))
        if first.ahead is not None and (next_value := values.get(first.ahead)) is not None:
            said.append(f"It opens “{names[first.ahead]}”. {worth(names[first.ahead], next_value, proof)}")
        if not said:
            said.append("Nothing that is open to them is known to matter more, so the order of the catalogue decides.")
    elif first.waits:
        said.append("Everything open to them is hard for them now; this is the likeliest.")
    else:
        said.append(_by_place(first, ranked, names))
    said.append(f"Their chance to reach it in time is {percent(first.chance)}.")
    return said


def _by_place(first: Ranked, ranked: list[Ranked], names: Mapping[Any, str]) -> str:
    if len(ranked) == 1:
        return "It is the only one open to them."
    earlier = [one for one in ranked if one.waits and one.position < first.position]
    if not earlier:
        return f"It is the first of {len(ranked)} open to them in the order of the catalogue."
    passed = min(earlier, key=lambda one: one.position)
    return (
        f"It is the first in the catalogue that they can win: “{names[passed.milestone]}” waits, as their chance there is {percent(passed.chance)}."
    )
