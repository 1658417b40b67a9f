"""The live segments with their rules as they are judged: read once per piece of work, in the order of what refers to what."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..models import Segment
from ..types import SegmentState
from . import rules


@dataclass(frozen=True)
class Says:
    """A version, read."""

    version_id: int
    rule: rules.Rule
    leaves: rules.Rule | None
    stay_days: int

    @property
    def all_leaves(self) -> list[rules.Leaf]:
        return [leaf for rule in (self.rule, self.leaves) if rule is not None for leaf in rules.leaves(rule)]

    @property
    def refers_to(self) -> set[str]:
        return rules.refers_to(self.rule, self.leaves)


@dataclass(frozen=True)
class Living:
    """`level`: 0 where it refers to no other live segment, else one more than the highest it refers to.

    `filled`: everybody has been looked at, so that its changes are announced.
    """

    id: int
    key: str
    matters: int
    filled: bool
    says: Says
    level: int = 0
    followers: tuple[int, ...] = field(default=())


def live() -> list[Living]:
    """Every live segment, those referred to before those that refer."""
    rows = Segment.objects.filter(state=SegmentState.LIVE).select_related("current").order_by("id")
    return ordered([Living(row.pk, row.key, row.matters, row.filled_at is not None, says(row.current)) for row in rows])


def ordered(segments: Sequence[Living]) -> list[Living]:
    by_key = {one.key: one for one in segments}
    levels: dict[str, int] = {}

    def level(key: str, seen: frozenset[str]) -> int:
        if key not in levels:
            below = [other for other in by_key[key].says.refers_to if other in by_key and other not in seen]
            levels[key] = 1 + max((level(other, seen | {other}) for other in below), default=-1)
        return levels[key]

    followers: dict[str, list[int]] = {}
    for one in segments:
        for key in one.says.refers_to:
            followers.setdefault(key, []).append(one.id)
    made = [
        Living(one.id, one.key, one.matters, one.filled, one.says, level(one.key, frozenset({one.key})), tuple(followers.get(one.key, ())))
        for one in segments
    ]
    return sorted(made, key=lambda one: (one.level, one.id))


def says(version: Any) -> Says:
    """What a stored version says."""
    leaves = json.dumps(version.leaves) if version.leaves is not None else ""
    return _says(version.pk, json.dumps(version.rule), leaves, version.stay_days)


@lru_cache(maxsize=2_000)
def _says(version_id: int, rule: str, leaves: str, stay_days: int) -> Says:
    """Read once. By its words too: in tests a key comes again with other words."""
    return Says(version_id, rules.read(json.loads(rule)), rules.read(json.loads(leaves)) if leaves else None, stay_days)
