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

from . import facts, reaching
from .catalogue import Catalogue, catalogue
from .comparing import Comparing, Measure
from .judging import Counted, counted, held_key
from .models import Milestone, Progress
from .types import STANDARD

# Names are numbered, as text is slow to sort. A row's bucket says how many of its name's sorted thresholds its running number has passed.
_FIRSTS = """
create temporary table milestone_firsts on commit drop as
select account_id, place, {columns}
from (
    select r.account_id, r.place, r.day, r.count, r.value, {buckets}
    from (
        select r.account_id, t.place, r.day, r.count, r.value, {running}
        from accounts_dailyrollup r join (values {names}) as t(name, place) on t.name = r.name where r.day <= %(last)s
        window w as (partition by r.account_id, t.place order by (r.day - date '2000-01-01'))
    ) r
    -- A fence: else every column below would find its bucket anew.
    offset 0
) b group by account_id, place
"""


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
            # The window sorts by account and name already; hashing a million groups with so many columns would spill.
            cursor.execute("set local enable_hashagg = off")
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


def _asked(listed: Catalogue) -> _Asked:
    pairs: dict[int, set[tuple[int, str]]] = {one.pk: {(one.current_id or 0, STANDARD)} for one in listed.live}
    kept = Progress.objects.filter(milestone__in=list(pairs), version__isnull=False)
    for milestone, version, variant in kept.order_by().values_list("milestone_id", "version_id", "variant").distinct():
        pairs[milestone].add((version, variant))
        # Whoever has not begun is judged by the current version, in their variant.
        pairs[milestone].add((listed.by_id[milestone].current_id or 0, variant))
    listed.learn({version for own in pairs.values() for version, _ in own})
    return _Asked(listed, pairs)


def _first_days(leaves: Iterable[Counted], *, now: datetime) -> dict[tuple[bool, int | None], Measure]:
    """Fill `milestone_firsts`; by (value?, days) which columns tell of which threshold of which name."""
    thresholds: dict[tuple[bool, int | None], dict[str, set[float]]] = defaultdict(lambda: defaultdict(set))
    for leaf in leaves:
        thresholds[leaf.by_value, leaf.days][leaf.name].add(leaf.asked)
    places = {name: place for place, name in enumerate(sorted({name for names in thresholds.values() for name in names}))}
    measures = {
        key: Measure(f"{'v' if key[0] else 'n'}{key[1] or ''}", {name: sorted(own) for name, own in names.items()}, places)
        for key, names in sorted(thresholds.items(), key=str)
    }
    if not measures:
        return {}
    running, buckets, columns = [], [], []
    for (by_value, days), measure in measures.items():
        amount = "value" if by_value else "count"
        frame = f" range between {days - 1} preceding and current row" if days else ""
        running.append(f"sum(r.{amount}) over (w{frame}) as r_{measure.key}")
        # What is counted is asked for in whole numbers.
        kind, asked = ("numeric", float) if by_value else ("bigint", int)
        arrays = " ".join(
            f"when {places[name]} then array{[asked(own) for own in thresholds]}::{kind}[]" for name, thresholds in measure.thresholds.items()
        )
        buckets.append(f"width_bucket(r.r_{measure.key}, case r.place {arrays} end) as b_{measure.key}")
        columns += [f"min(day) filter (where b_{measure.key} >= {place}) as {measure.key}_{place}" for place in range(1, measure.most + 1)]
        within = f" filter (where day > %(last)s::date - {days})" if days else ""
        columns.append(f"coalesce(sum({amount}){within}, 0)::float8 as {measure.key}_have")
    said = ", ".join(f"(%(n{place})s, {place})" for place in places.values())
    statement = _FIRSTS.format(columns=", ".join(columns), buckets=", ".join(buckets), running=", ".join(running), names=said)
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists milestone_firsts")
        cursor.execute(statement, {"last": now.date(), **{f"n{place}": name for name, place in places.items()}})
        cursor.execute("create index on milestone_firsts (place)")
        cursor.execute("analyze milestone_firsts")
    return measures
