"""Healths as they are kept: present, as of a moment, history."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F
from django.db.models.expressions import Combinable

from apps.accounts.models import Account, User
from apps.core.reading import Reading, Rows

from . import momentum
from .models import AccountHealth, HealthScore
from .types import Band, HealthView

_WEEK = 7

# Who left by that day had no health any more.
_AT = """
select k.id, h.as_of, h.score, h.band, h.coverage, h.parts, h.model_id, m.name || ' v' || m.number
from unnest(%(ids)s::bigint[]) as k(id)
join accounts_account a on a.id = k.id and (a.churned_on is null or a.churned_on > %(day)s)
cross join lateral (
    select * from health_healthscore where account_id = k.id and as_of <= %(moment)s order by as_of desc, id desc limit 1
) h
join health_healthmodel m on m.id = h.model_id
"""


def present(account_ids: Iterable[int]) -> Reading[dict[int, HealthView]]:
    """The present health of these accounts, by account; accounts never scored, and those who left, are missing."""
    found = AccountHealth.objects.filter(account__in=list(account_ids), model__isnull=False).select_related("model")
    yield found
    return {health.account_id: view_of(health) for health in found}


def view_of(health: AccountHealth) -> HealthView:
    """Needs `select_related("model")`."""
    return HealthView(
        account_id=health.account_id,
        score=health.score,
        band=health.band,
        coverage=health.coverage,
        momentum=health.momentum,
        change=None if health.score is None or health.before is None else health.score - health.before,
        pulse=health.pulse,
        pulse_gap=health.pulse_gap,
        parts=tuple(health.parts),
        model_id=health.model_id,
        source=str(health.model) if health.model else "",
        as_of=health.as_of,
        stale=health.stale_since is not None,
    )


def at(account_ids: Iterable[int], moment: datetime) -> Reading[dict[int, HealthView]]:
    """What was told of these accounts at a moment, from the history: nothing is computed anew."""
    ids = list(account_ids)
    rows = Rows(_AT, {"ids": ids, "moment": moment, "day": moment.date()})
    scores = (
        HealthScore.objects.filter(account__in=ids, as_of__lte=moment, as_of__gt=moment - timedelta(days=2 * momentum.DAYS), score__isnull=False)
        .order_by("as_of", "id")
        .values_list("account_id", "model_id", "as_of", "score")
    )
    yield rows, scores
    past: dict[int, list[tuple[datetime, int]]] = {}
    current = {row[0]: row[6] for row in rows}
    for account_id, model_id, as_of, score in scores:
        if score is not None and model_id == current.get(account_id):
            past.setdefault(account_id, []).append((as_of, int(score * 100)))
    return {row[0]: _view_at(row, past.get(row[0], []), moment) for row in rows}


def _view_at(row: tuple[Any, ...], history: Sequence[tuple[datetime, int]], moment: datetime) -> HealthView:
    account_id, as_of, score, band, coverage, parts, model_id, source = row
    points = momentum.samples(history, until=moment)
    week = next((value for day, value in points if day == -_WEEK), None)
    found = json.loads(parts)
    pulse = next((Decimal(str(part["value"])) for part in found if part["measure"] == "pulse" and part["value"] is not None), None)
    return HealthView(
        account_id=account_id,
        score=score,
        band=band,
        coverage=coverage,
        momentum=momentum.slope(points),
        change=None if week is None or score is None else score - Decimal(week) / 100,
        pulse=pulse,
        pulse_gap=None,
        parts=tuple(found),
        model_id=model_id,
        source=source,
        as_of=as_of,
    )


def history(account_id: int, *, since: datetime, until: datetime) -> Reading[list[HealthScore]]:
    """Scores of one account between two moments, oldest first, with the one that stood when they begin."""
    scores = HealthScore.objects.filter(account=account_id).select_related("model")
    found = scores.filter(as_of__gt=since, as_of__lte=until).order_by("as_of", "id")
    stood = scores.filter(as_of__lte=since).order_by("-as_of", "-id")[:1]
    yield found, stood
    return [*stood, *found]


def score_expression() -> Combinable:
    """For sorting and filtering a queryset of accounts: the present score (null last is the caller's choice); needs no join of one's own."""
    return F("health__score")


def counts_by_band(user: User) -> dict[str, int]:
    """How many of this person's present customers stand in each band; every band is named, unscored accounts are not counted."""
    counted = (
        AccountHealth.objects.for_user(user)
        .filter(model__isnull=False, account__in=Account.objects.at_risk())
        .values_list("band")
        .annotate(count=Count("id"))
        .order_by()
    )
    return {band.value: 0 for band in Band} | dict(counted)
