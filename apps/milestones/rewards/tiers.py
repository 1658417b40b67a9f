"""Tiers: reached at a threshold of points earned within a year, kept until less than 80 % of it are left (ML.md 4: 0.1 changes a year, not 2.7)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import TierReached

from ..models import Tier, TierStanding
from . import ledger

WINDOW = timedelta(days=365)
KEPT = Decimal("0.8")
_EARNED = """
select a.id, coalesce(sum(c.amount), 0)
from unnest(%(accounts)s::bigint[]) as a(id)
left join (
    select c.account_id, c.amount from milestones_rewardclaim c join milestones_rewardrule r on r.id = c.rule_id
    where c.account_id = any(%(accounts)s) and c.state = 'granted' and r.unit = 'points' and c.at > %(since)s and c.at <= %(now)s
) c on c.account_id = a.id group by a.id order by a.id
"""


@dataclass(frozen=True)
class Rung:
    key: str
    threshold: Decimal


def tier_of(points: Decimal, held: str, rungs: Sequence[Rung]) -> str:
    """The tier with so many points for who holds `held`; empty for none. `rungs` from the lowest."""
    reached = [rung for rung in rungs if points >= rung.threshold]
    kept = [rung for rung in rungs if rung.key == held and points >= KEPT * rung.threshold]
    best = max([*reached, *kept], key=lambda rung: rung.threshold, default=None)
    if best is not None:
        return best.key
    return ""


def judge(account_ids: Collection[int], *, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """Put every one of these accounts into its tier; returns how many moved. A tier that is gone is left at the next judging."""
    if not account_ids:
        return 0
    rungs = [Rung(key, threshold) for key, threshold in Tier.objects.order_by("threshold").values_list("key", "threshold")]
    with transaction.atomic():
        ledger.hold_accounts(account_ids)
        with connection.cursor() as cursor:
            cursor.execute(_EARNED, {"accounts": list(account_ids), "since": now - WINDOW, "now": now})
            earned = dict(cursor.fetchall())
        held = {row.account_id: row for row in TierStanding.objects.filter(account__in=account_ids)}
        rows, said = [], []
        for account_id, points in sorted(earned.items()):
            row = held.get(account_id) or TierStanding(account_id=account_id)
            tier = tier_of(points, row.tier, rungs)
            if tier != row.tier:
                said.append(TierReached(account_id=account_id, tier=tier, was=row.tier))
                row.tier, row.since = tier, now
            row.points, row.judged_at = points, now
            rows.append(row)
        TierStanding.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["account"], update_fields=["tier", "points", "since", "judged_at"], batch_size=2_000
        )
        events.publish_all(said, actor=actor, now=now, cause=event)
    return len(said)


def judge_all(*, actor: Actor, now: datetime, batch: int = 1_000) -> int:
    """The daily job: time passes, and points grow older than a year."""
    ids = list(TierStanding.objects.order_by("account_id").values_list("account_id", flat=True))
    return sum(judge(ids[start : start + batch], actor=actor, now=now) for start in range(0, len(ids), batch))
