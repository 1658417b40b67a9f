"""Scoring accounts, keeping their present health and its history; what changed is announced once."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import HealthBandChanged, HealthChanged

from . import measured, momentum, stale, versions
from .folding import Folded, fold
from .models import AccountHealth, Feed, HealthModel, hundredths
from .tree import Tree
from .types import RANK, Band, band_of

CHUNK = 1000

_KEEP = """
update health_accounthealth h set
    model_id = i.model, latest_id = i.latest, score = i.score, band = i.band, coverage = i.coverage, momentum = i.momentum, before = i.before,
    pulse = i.pulse, pulse_gap = i.pulse_gap, parts = i.parts, as_of = %(as_of)s,
    stale_since = case when h.stale_since > %(as_of)s then h.stale_since end,
    stale_cause_id = case when h.stale_since > %(as_of)s then h.stale_cause_id end
from jsonb_to_recordset(%(items)s::jsonb) as i(row bigint, model bigint, latest bigint, score numeric, band text, coverage int, momentum numeric,
    before numeric, pulse numeric, pulse_gap numeric, parts jsonb)
where h.id = i.row
"""
# One JSON value for all rows: parts handed over one by one cost several times as much to quote.
_ADD = """
insert into health_healthscore (account_id, model_id, as_of, score, band, coverage, parts, cause_id, created_at)
select i.account, i.model, %(as_of)s, i.score, i.band, i.coverage, i.parts, i.cause, %(now)s
from jsonb_to_recordset(%(items)s::jsonb) as i(account bigint, model bigint, score numeric, band text, coverage int, parts jsonb, cause bigint)
order by i.account
returning account_id, id
"""
# The last 28 days of every account, and the score that stood when they began.
_HISTORY = """
select account_id, model_id, as_of, score from health_healthscore
where account_id = any(%(ids)s) and as_of > %(from)s and as_of <= %(until)s and score is not null
union all
select k.id, h.model_id, h.as_of, h.score from unnest(%(ids)s::bigint[]) as k(id)
cross join lateral (
    select model_id, as_of, score from health_healthscore where account_id = k.id and as_of <= %(from)s and score is not null
    order by as_of desc, id desc limit 1
) h
order by 1, 3
"""


@dataclass(frozen=True)
class _Told:
    """What is said of one account by one model."""

    model: HealthModel
    folded: Folded
    score: Decimal | None
    band: Band
    pulse: Decimal | None
    pulse_gap: Decimal | None

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        return [part.as_json() for part in self.folded.parts]

    def is_news(self, row: AccountHealth) -> bool:
        """Whether the history lacks this: another model, score, coverage, or another share of any measure. A value that moved within its tier is
        kept on the present row only."""
        return (
            row.latest_id is None
            or row.model_id != self.model.pk
            or row.score != self.score
            or row.band != self.band
            or row.coverage != self.folded.coverage
            or _shares(row.parts) != _shares(self.parts)
        )


def told(models: Sequence[tuple[HealthModel, Tree]], row: measured.Row) -> _Told:
    """Score one measured account by the most particular of the published models that fit it."""
    model, tree = next(pair for pair in models if pair[0].whom is None or pair[0].whom.holds(row))
    folded = fold(tree, row)
    score = versions.score_of(folded)
    pulse = row["pulse"] if tree.measure("pulse") else None
    alone = fold(tree, row, without=frozenset({"pulse"})).score if pulse is not None else None
    gap = None if pulse is None or alone is None else pulse - Decimal(alone) / 100
    return _Told(model, folded, score, band_of(score, folded.coverage), pulse, gap)


def score_stale(*, now: datetime, actor: Actor, limit: int = 500) -> int:
    """Score up to `limit` accounts that carry a mark; returns how many marks were settled.

    The rows stay locked from claim to commit: other scorers skip them, and a mark that arrives meanwhile waits and is kept.
    """
    with transaction.atomic():
        claimed = list(AccountHealth.objects.stale_now(now).select_for_update(skip_locked=True)[:limit])
        rows = _score(claimed, as_of=now, now=now, actor=actor) if claimed else []
    _note_feeds(rows, now=now)
    return len(claimed)


def score_all(*, as_of: datetime, now: datetime, actor: Actor) -> int:
    """Score every customer as of a moment; returns how many. No account moves back to an earlier moment than it was scored at."""
    return _score_chunks(_chunks(Account.objects.order_by("pk")), as_of=as_of, now=now, actor=actor)


def score_day(*, now: datetime, actor: Actor) -> int:
    """Score the customers whose score is of an earlier day (UTC), so that time passing counts; returns how many."""
    midnight = measured.moment(now)["midnight"]
    fresh = AccountHealth.objects.filter(account=OuterRef("pk"), as_of__gte=midnight)
    return _score_chunks(_chunks(Account.objects.at_risk().filter(~Exists(fresh)).order_by("pk")), as_of=now, now=now, actor=actor)


def _score_chunks(chunks: Iterator[list[int]], *, as_of: datetime, now: datetime, actor: Actor) -> int:
    count, rows = 0, []
    for ids in chunks:
        with transaction.atomic():
            stale.MARKS.add_missing(ids)
            mine = AccountHealth.objects.filter(Q(as_of__isnull=True) | Q(as_of__lte=as_of), account__in=ids)
            rows = _score(list(mine.order_by("account_id").select_for_update()), as_of=as_of, now=now, actor=actor)
        count += len(rows)
    _note_feeds(rows, now=now)
    return count


def _chunks(accounts: Any) -> Iterator[list[int]]:
    last = 0
    while ids := list(accounts.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        yield ids
        last = ids[-1]


def _score(healths: Sequence[AccountHealth], *, as_of: datetime, now: datetime, actor: Actor) -> list[measured.Row]:
    """Measure, fold and keep the health of locked rows."""
    rows = measured.rows(as_of=as_of, account_ids=[health.account_id for health in healths])
    models = versions.at_work(now=now)
    found = {row["id"]: told(models, row) for row in rows}
    history = _history([health.account_id for health in healths], until=as_of)
    fresh: list[dict[str, Any]] = []
    edges: list[tuple[AccountHealth, str]] = []
    moved: dict[int | None, list[int]] = {}
    for health in healths:
        said, before, score_before = found.get(health.account_id), health.band, health.score
        if said is None:
            # Not a customer at this moment: no health to speak of, and nobody to tell.
            health.model, health.latest, health.score, health.band, health.coverage = None, None, None, Band.UNKNOWN, 0
            health.momentum = health.before = health.pulse = health.pulse_gap = None
            health.parts = []
            continue
        if said.is_news(health):
            fresh.append(
                {
                    "account": health.account_id,
                    "model": said.model.pk,
                    "score": _text(said.score),
                    "band": said.band,
                    "coverage": said.folded.coverage,
                    "parts": said.parts,
                    "cause": health.stale_cause_id,
                }
            )
            if (health.score, health.band) != (said.score, said.band):
                moved.setdefault(health.stale_cause_id, []).append(health.account_id)
        health.model, health.score, health.band, health.coverage = said.model, said.score, said.band, said.folded.coverage
        health.pulse, health.pulse_gap, health.parts = said.pulse, said.pulse_gap, said.parts
        _look_back(health, history.get(health.account_id, []), until=as_of)
        if score_before is not None and before in RANK and said.band in RANK and before != said.band:
            edges.append((health, before))
    added = _add(fresh, as_of=as_of, now=now) if fresh else {}
    for health in healths:
        if health.account_id in added:
            health.latest_id = added[health.account_id]
    _write(healths, as_of)
    _announce(moved, edges, now=now, actor=actor)
    return rows


def _shares(parts: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(part["measure"], part["known"], part["points"], part["weight"], part["contribution"]) for part in parts]


def _history(account_ids: Sequence[int], *, until: datetime) -> dict[int, list[tuple[int, datetime, int]]]:
    """(model, moment, hundredths) of the last 28 days, oldest first, by account."""
    found: dict[int, list[tuple[int, datetime, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, {"ids": list(account_ids), "from": until - timedelta(days=momentum.DAYS), "until": until})
        for account_id, model_id, at, score in cursor.fetchall():
            found.setdefault(account_id, []).append((model_id, at, int(score * 100)))
    return found


def _look_back(health: AccountHealth, history: Sequence[tuple[int, datetime, int]], *, until: datetime) -> None:
    """Momentum, and the score a week ago. Another model is another yardstick: only what the present one said is compared."""
    value = hundredths(health.score)
    own = [(at, score) for model, at, score in history if health.model and model == health.model.pk]
    if value is None:
        health.momentum = health.before = None
        return
    points = momentum.samples([*own, (until, value)], until=until)
    health.momentum = momentum.slope(points)
    week = next((score for day, score in points if day == -7), None)
    health.before = None if week is None else Decimal(week) / 100


def _add(items: Sequence[dict[str, Any]], *, as_of: datetime, now: datetime) -> dict[int, int]:
    """Add to the history; the key of each account's new row."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"items": json.dumps(items), "as_of": as_of, "now": now})
        return dict(cursor.fetchall())


def _write(healths: Sequence[AccountHealth], as_of: datetime) -> None:
    items = [
        {
            "row": health.pk,
            "model": health.model_id,
            "latest": health.latest_id,
            "score": _text(health.score),
            "band": health.band,
            "coverage": health.coverage,
            "momentum": _text(health.momentum),
            "before": _text(health.before),
            "pulse": _text(health.pulse),
            "pulse_gap": _text(health.pulse_gap),
            "parts": health.parts,
        }
        for health in healths
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"items": json.dumps(items), "as_of": as_of})


def _text(number: Decimal | None) -> str | None:
    """A decimal travels as text: a float could lose its last digit."""
    return None if number is None else str(number)


def _announce(moved: dict[int | None, list[int]], edges: Sequence[tuple[AccountHealth, str]], *, now: datetime, actor: Actor) -> None:
    causes = Event.objects.in_bulk([key for key in {*moved, *(health.stale_cause_id for health, _ in edges)} if key])
    for cause, account_ids in moved.items():
        events.publish(HealthChanged(account_ids=account_ids, count=len(account_ids)), actor=actor, now=now, cause=causes.get(cause or 0))
    by_cause: dict[int | None, list[HealthBandChanged]] = {}
    for health, before in edges:
        assert health.latest_id is not None
        by_cause.setdefault(health.stale_cause_id, []).append(
            HealthBandChanged(
                account_id=health.account_id, score_id=health.latest_id, from_band=str(before), to_band=str(health.band), score=str(health.score)
            )
        )
    for cause, said in by_cause.items():
        events.publish_all(said, actor=actor, now=now, cause=causes.get(cause or 0))


def _note_feeds(rows: Sequence[measured.Row], *, now: datetime) -> None:
    """A feed that began or ended (the first ticket, a name that now means core value) changes what is known of every account, so all are marked.
    In a transaction of its own: a scorer that holds rows must not ask for everybody's."""
    if not rows:
        return
    present = {name: int(value) for name, value in json.loads(rows[0]["feeds"]).items() if value}
    before = dict(Feed.objects.values_list("name", "value"))
    if present == before:
        return
    with transaction.atomic():
        Feed.objects.exclude(name__in=present).delete()
        Feed.objects.bulk_create(
            [Feed(name=name, value=value, since=now) for name, value in present.items() if before.get(name) != value],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["value", "since"],
        )
        stale.mark_all_stale(now=now)
