"""When criteria are fulfilled, from the moments at which their parts were. Pure: the same facts give the same moment, whoever asks and in whatever
order they came to be known.

A part that counts is fulfilled at the event that makes the number full, and stays so: a milestone is something that happened. `all` is fulfilled with
its last part, `any` with its first.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from .definition import Criterion


@dataclass(frozen=True)
class Counted:
    """A counting leaf with its threshold: so many events (or so much value) of a name, within days or ever."""

    name: str
    by_value: bool
    days: int | None
    asked: float


def counted(leaf: Criterion, factor: float) -> Counted:
    return Counted(leaf.name, leaf.sum is not None, leaf.within_days, leaf.asked(factor))


def held_key(leaf: Criterion) -> str:
    """By which `Held` knows a trait or a metric with what is asked of it."""
    if leaf.trait is not None:
        return f"trait:{leaf.trait}:{json.dumps(leaf.equals)}"[:200]
    joint, value = ("at_least", leaf.at_least) if leaf.at_least is not None else ("at_most", leaf.at_most)
    return f"metric:{leaf.metric}:{joint}:{value:g}"


@dataclass(frozen=True)
class Known:
    """What is known of one account: when each part was fulfilled, and how much there is of what is counted."""

    counts: Mapping[Counted, datetime]
    held: Mapping[str, datetime]
    reached: Mapping[str, datetime]
    amounts: Mapping[tuple[str, bool, int | None], float]


def fulfilled_at(criterion: Criterion, known: Known, factor: float) -> datetime | None:
    """The moment at which the criteria were first fulfilled; None while they are not, and for what only a person can say."""

    def leaf_at(leaf: Criterion) -> datetime | None:
        if leaf.name:
            return known.counts.get(counted(leaf, factor))
        if leaf.milestone is not None:
            return known.reached.get(leaf.milestone)
        return None if leaf.manual is not None else known.held.get(held_key(leaf))

    return _folded(criterion, leaf_at)


def _folded(criterion: Criterion, leaf_at: Callable[[Criterion], datetime | None]) -> datetime | None:
    if criterion.all is not None:
        parts = [_folded(part, leaf_at) for part in criterion.all]
        return None if None in parts else max(part for part in parts if part is not None)
    if criterion.any is not None:
        return min((at for part in criterion.any if (at := _folded(part, leaf_at)) is not None), default=None)
    return leaf_at(criterion)


def have(criterion: Criterion, known: Known, factor: float) -> float:
    """How much there is of what is asked: the count itself where one thing is counted, else the share (%) of the whole."""
    leaves = list(criterion.leaves())
    if len(leaves) == 1 and leaves[0].name:
        return _amount(leaves[0], known)
    return round(100 * _share(criterion, known, factor), 1)


def _share(criterion: Criterion, known: Known, factor: float) -> float:
    """0 to 1: of `all` the mean of its parts, of `any` the best."""
    if criterion.all is not None:
        return sum(_share(part, known, factor) for part in criterion.all) / len(criterion.all)
    if criterion.any is not None:
        return max(_share(part, known, factor) for part in criterion.any)
    if fulfilled_at(criterion, known, factor) is not None:
        return 1.0
    return min(1.0, max(0.0, _amount(criterion, known) / criterion.asked(factor))) if criterion.name else 0.0


def _amount(leaf: Criterion, known: Known) -> float:
    return known.amounts.get((leaf.name, leaf.sum is not None, leaf.within_days), 0.0)
