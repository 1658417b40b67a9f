"""Matured predictions: those whose window is over, with what came of them.

Of each month one day is taken, the one on which most accounts were scored, so that an account counts once a month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import connection

from . import care, dataset, definitions, features, outcomes, population
from .models import ModelVersion
from .scoring import rule
from .scoring.judged import Told
from .types import DefinitionKind, ModelKind

_MONTHS = 12
_ACCOUNTS = 20_000
# A score that did not change is not stored again for a day, so the one of the day before still stands.
_STANDS = timedelta(days=1)

_DAYS = """
select (as_of at time zone 'UTC')::date as day, count(distinct account_id) from churn_prediction
where model_id = %(model)s and as_of >= %(first)s and as_of < %(end)s group by day order by day
"""
_TOLD = """
select distinct on (account_id) account_id, probability, (as_of at time zone 'UTC')::date from churn_prediction
where model_id = %(model)s and as_of >= %(first)s and as_of < %(end)s order by account_id, as_of desc, id desc
"""


@dataclass(frozen=True)
class Matured:
    """`told` as it stood on the `days` (its dates are places among them), the rule's ranks of the same rows, who was treated and who held out."""

    told: Told
    ranks: np.ndarray
    treated: np.ndarray
    held_out: np.ndarray
    days: Sequence[date]


def matured(version: ModelVersion, *, as_of: datetime) -> Matured | None:
    """The version's predictions of the last twelve months whose outcome is known at `as_of`; none where there are none.

    A version that speaks for an earlier meaning of the definition is not judged by the present one, and a column says nothing about time.
    """
    definition = version.definition
    if definition.kind == DefinitionKind.SNAPSHOT or version.revision != definition.revision:
        return None
    _, end = dataset.record(features.moment(as_of)["cut"])
    days = _days(version, outcomes.last_known(definition, end=end)) if end else []
    rule_parameters = _rule(version)
    parts = [
        _rows(version, rule_parameters, place, day, said) for place, judged_on in enumerate(days) for day, said in _told(version, judged_on).items()
    ]
    if not sum(len(part[0]) for part in parts):
        return None
    chances, labels, accounts, dates, ranks, treated, held_out = (np.concatenate(values) for values in zip(*parts, strict=True))
    return Matured(Told(chances, labels, np.ones(len(labels)), accounts, dates), ranks, treated, held_out, days)


def first_due(version: ModelVersion) -> date | None:
    """The day from which the version's first prediction can be judged."""
    first = version.predictions.order_by("as_of").values_list("as_of", flat=True).first()
    return first.astimezone(UTC).date() + timedelta(days=outcomes.window(version.definition)) if first else None


def _days(version: ModelVersion, last: date) -> list[date]:
    """One day of each month, oldest first."""
    first = last - timedelta(days=31 * _MONTHS)
    best: dict[tuple[int, int], tuple[int, date]] = {}
    for day, count in _read(_DAYS, version, first, last):
        month = (day.year, day.month)
        best[month] = max(best.get(month, (0, day)), (count, day))
    return [best[month][1] for month in sorted(best)[-_MONTHS:]]


def _told(version: ModelVersion, day: date) -> dict[date, dict[int, float]]:
    """What stood on a day, by the day it was told; of many accounts an even random draw (seed 0)."""
    found = _read(_TOLD, version, day - _STANDS, day)
    if len(found) > _ACCOUNTS:
        found = [found[place] for place in np.random.default_rng(0).choice(len(found), _ACCOUNTS, replace=False)]
    told: dict[date, dict[int, float]] = {}
    for account, chance, at in found:
        told.setdefault(at, {})[account] = chance
    return told


def _rows(version: ModelVersion, rule_parameters: Mapping[str, Any], place: int, day: date, said: Mapping[int, float]) -> tuple[np.ndarray, ...]:
    """One value per row for each column of Matured, in the order in which `matured` reads them."""
    definition = version.definition
    seen = population.at_risk(definition, as_of=_midnight(day), account_ids=list(said))
    ids = seen.ids
    treated, held_out = care.marks(day=day, until=day + timedelta(days=outcomes.window(definition)), ids=ids)
    return (
        np.array([said[key] for key in ids.tolist()], float),
        outcomes.labels(definition, day=day, ids=ids.tolist()),
        ids,
        np.full(len(ids), place),
        rule.ranks(seen, rule_parameters),
        treated,
        held_out,
    )


def _rule(version: ModelVersion) -> Mapping[str, Any]:
    latest = version.definition.versions.filter(kind=ModelKind.RULE).order_by("-number").first()
    return latest.parameters if latest else definitions.rule_parameters()


def _read(statement: str, version: ModelVersion, first: date, last: date) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"model": version.pk, "first": _midnight(first), "end": _midnight(last + timedelta(days=1))})
        return cursor.fetchall()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
