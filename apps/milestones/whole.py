"""Judging everybody: set-based SQL finds whose progress is not what the facts say, to the day; only those are settled one by one.

One pass over the rollups keeps, per account and activity name, the first day on which each threshold that anybody is judged by was passed. Then one
statement per milestone compares what is stored with what these days, held conditions and other milestones say. Within a day the moment is kept right
by the marks, which every event sets.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.core.actor import Actor

from . import facts, firsts, reaching
from .catalogue import Catalogue, catalogue
from .comparing import Comparing
from .firsts import Measure
from .judging import Counted, counted, held_key
from .models import Milestone
from .types import STANDARD


def evaluate_all(*, now: datetime, actor: Actor, told: bool = True) -> int:
    """Bring every account's progress in line with the facts, those who left too; returns how many rows changed.

    `told=False` takes history in without announcing it.
    """
    return reaching.evaluate(differing(now=now), now=now, actor=actor, told=told)


def differing(*, now: datetime) -> list[int]:
    """The accounts of which some progress is not, to the day, what the facts say."""
    listed = catalogue()
    if not listed.live:
        return []
    asked = _asked(listed)
    found: set[int] = set()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # These statements are long and run once: compiling them costs more than it saves.
            cursor.execute("set local jit = off")
        facts.hold(asked.states())
        measures = _first_days(asked.counts(), now=now)
        for milestone in listed.live:
            statement, parameters = Comparing(milestone, asked.of(milestone), measures, listed).statement()
            with connection.cursor() as cursor:
                cursor.execute(statement, {**parameters, "now": now})
                found.update(key for (key,) in cursor.fetchall())
        if measures:
            with connection.cursor() as cursor:
                cursor.execute("drop table milestone_firsts")
    return sorted(found)


@dataclass(frozen=True)
class _Asked:
    """Which versions, in which variants, anybody is judged by."""

    listed: Catalogue
    pairs: dict[int, set[tuple[int, str]]]

    def of(self, milestone: Milestone) -> list[tuple[int, str]]:
        return sorted(self.pairs[milestone.pk])

    def counts(self) -> set[Counted]:
        return {
            counted(leaf, says.variant(variant).factor)
            for pairs in self.pairs.values()
            for version, variant in pairs
            for says in [self.listed.versions[version].says]
            for leaf in says.criteria.leaves()
            if leaf.name
        }

    def states(self) -> list[Any]:
        leaves = (leaf for pairs in self.pairs.values() for version, _ in pairs for leaf in self.listed.versions[version].says.criteria.leaves())
        return list({held_key(leaf): leaf for leaf in leaves if leaf.trait is not None or leaf.metric is not None}.values())


# One look into the index for each version, however many rows there are.
_VERSIONS = """
with recursive used(version) as (
    select min(version_id) from milestones_progress
    union all select (select min(version_id) from milestones_progress where version_id > used.version) from used where used.version is not null
) select version from used where version is not null
"""


def _asked(listed: Catalogue) -> _Asked:
    """Every version that a row names, and the current one for whoever has not begun, each in every variant that one of them has."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS)
        used = {version for (version,) in cursor.fetchall()}
    listed.learn(used)
    pairs = {}
    for one in listed.live:
        judged_by = {one.current_id or 0} | {key for key in used if listed.versions[key].milestone_id == one.pk}
        variants = {STANDARD} | {variant.key for key in judged_by for variant in listed.versions[key].says.variants}
        pairs[one.pk] = {(version, variant) for version in judged_by for variant in variants}
    return _Asked(listed, pairs)


def _first_days(leaves: Iterable[Counted], *, now: datetime) -> dict[tuple[bool, int | None], Measure]:
    """Fill `milestone_firsts`; by (value?, days) which columns tell of which threshold of which name."""
    thresholds: dict[tuple[bool, int | None], dict[str, set[float]]] = defaultdict(lambda: defaultdict(set))
    for leaf in leaves:
        thresholds[leaf.by_value, leaf.days][leaf.name].add(leaf.asked)
    places = {name: place for place, name in enumerate(sorted({name for names in thresholds.values() for name in names}))}
    measures = {
        (by_value, days): Measure(
            f"{'v' if by_value else 'n'}{days or ''}", by_value, days, {name: sorted(own) for name, own in names.items()}, places
        )
        for (by_value, days), names in sorted(thresholds.items(), key=str)
    }
    if measures:
        with connection.cursor() as cursor:
            cursor.execute("drop table if exists milestone_firsts")
        firsts.fill(list(measures.values()), last=now.date())
        with connection.cursor() as cursor:
            cursor.execute("create index on milestone_firsts (place)")
            cursor.execute("analyze milestone_firsts")
    return measures
