"""From measured values to a score, in whole hundredths: contributions sum to the score to the digit. Pure: no Django, no floats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import lcm
from typing import Any

from .tree import Measured, Tree
from .types import Known, WhenMissing

_NEUTRAL = 5000
_FULL = 10_000


@dataclass(frozen=True)
class Part:
    """What one measure gave. `points`, `weight` (after redistribution) and `contribution` are hundredths; all weights together are 100.00."""

    measure: str
    dimension: str
    known: str
    value: Any
    row: int
    tier: int | None
    points: int | None
    weight: int
    contribution: int

    def as_json(self) -> dict[str, Any]:
        return {
            "measure": self.measure,
            "dimension": self.dimension,
            "known": self.known,
            "value": number(self.value),
            "row": self.row,
            "tier": self.tier,
            "points": self.points,
            "weight": self.weight,
            "contribution": self.contribution,
        }


@dataclass(frozen=True)
class Folded:
    """A score in hundredths (none where nothing at all counts), the known share of the weight in whole per cent, and every part."""

    score: int | None
    coverage: int
    parts: tuple[Part, ...]


def fold(tree: Tree, account: Mapping[str, Any], *, without: frozenset[str] = frozenset(), instead: Mapping[str, Any] | None = None) -> Folded:
    """Score one account from its measured row (values by measure, `tenure`, `renewal` and the columns that audiences read).

    A dimension keeps its weight while any of its measures counts: what is missing is shared out within the dimension first, then between dimensions.
    `without` leaves measures out, `instead` puts other values in their place: for questions, never for what is stored.
    """
    found: list[tuple[int, Measured, str, tuple[str, Any, int, int | None, int | None]]] = []
    for place, dimension in enumerate(tree.dimensions):
        for measure in dimension.measures:
            value = account.get(measure.source)
            if instead is not None and measure.source in instead:
                value = instead[measure.source]
            left_out = measure.source in without
            found.append((place, measure, dimension.key, _judge(measure, account, value, left_out)))
    counting = [(place, measure) for place, measure, _, judged in found if judged[4] is not None]
    inner = {place: sum(measure.weight for other, measure in counting if other == place) for place in {place for place, _ in counting}}
    outer = sum(tree.dimensions[place].weight for place in inner)
    shared = lcm(*inner.values()) if inner else 1
    whole = outer * shared
    shares = [
        tree.dimensions[place].weight * measure.weight * (shared // inner[place]) if judged[4] is not None else 0
        for place, measure, _, judged in found
    ]
    earned = [share * (judged[4] or 0) for share, (_, _, _, judged) in zip(shares, found, strict=True)]
    score = (2 * sum(earned) + whole) // (2 * whole) if whole else None
    contributions = _parcel(earned, whole, score) if score is not None else [0] * len(found)
    weights = _parcel([share * _FULL for share in shares], whole, _FULL) if whole else [0] * len(found)
    parts = tuple(
        Part(measure.source, key, judged[0], judged[1], judged[2], judged[3], judged[4], weight, contribution)
        for (_, measure, key, judged), weight, contribution in zip(found, weights, contributions, strict=True)
    )
    return Folded(score, _coverage(tree, found), parts)


def number(value: Any) -> int | float | None:
    """As JSON holds it; at most two decimals, so nothing is lost."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _judge(measure: Measured, account: Mapping[str, Any], value: Any, left_out: bool) -> tuple[str, Any, int, int | None, int | None]:
    """Known how, value, row of the table, tier that was hit, points."""
    if left_out or (measure.audience is not None and not measure.audience.holds(account)):
        return Known.APART.value, value, 0, None, None
    row = measure.rule.row(account.get(measure.rule.by) if measure.rule.by else None)
    if value is None:
        if measure.missing == WhenMissing.NEUTRAL:
            return Known.FILLED.value, None, row, None, _NEUTRAL
        if measure.missing == WhenMissing.ZERO:
            return Known.FILLED.value, None, row, None, 0
        return Known.MISSING.value, None, row, None, None
    tiers = measure.rule.rows[row]
    if tiers is None:
        return Known.KNOWN.value, value, row, None, min(max(int(Decimal(value) * 100), 0), _FULL)
    tier = tiers.hit(value)
    return Known.KNOWN.value, value, row, tier, tiers.points[tier]


def _parcel(amounts: Sequence[int], unit: int, total: int) -> list[int]:
    """Whole parts that sum to `total`: each amount over `unit`, rounded down, and what is left to the largest remainders, first come first."""
    parts = [amount // unit for amount in amounts]
    order = sorted(range(len(amounts)), key=lambda place: (-(amounts[place] % unit), place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def _coverage(tree: Tree, found: Sequence[tuple[int, Measured, str, tuple[Any, ...]]]) -> int:
    """The share of the weight that applies to the account and is really known, in whole per cent, rounded down: 49.9 is not 50."""
    over = under = 0
    weights: dict[int, tuple[int, int]] = {}
    for place, measure, _, judged in found:
        if judged[0] != Known.APART:
            known, applies = weights.get(place, (0, 0))
            weights[place] = (known + (measure.weight if judged[0] == Known.KNOWN else 0), applies + measure.weight)
    shared = lcm(*(applies for _, applies in weights.values())) if weights else 1
    for place, (known, applies) in weights.items():
        over += tree.dimensions[place].weight * known * (shared // applies)
        under += tree.dimensions[place].weight * shared
    return 100 * over // under if under else 0
