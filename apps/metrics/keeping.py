"""Keeps the sums: what an account brings now against what it last brought, in one statement; only the difference is added.

Whoever keeps an account holds its row, so several workers share the marks. Sums are written in the order of their keys, so that workers queue up
instead of deadlocking.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from apps.accounts.services import Marks
from apps.core.actor import Actor
from apps.core.jobs import turn_after_commit
from apps.events import services as events
from apps.events.vocabulary import MetricsMoved

from . import declared
from .measures import FACTS
from .models import AccountTally

MARKS = Marks(AccountTally, job="metrics.refresh")
mark_stale, mark_all_stale = MARKS.some, MARKS.all

BATCH = 500

# The sums that rows with owner_id, cells and holds take part in.
_SPREAD = """
select x.owner_id, d.dimension, d.value, split_part(h.key, ' ', 1) as measure, split_part(h.key, ' ', 2) as currency, h.value::numeric as amount
from {rows} x cross join lateral (
    select '' as dimension, '' as value union all select c.key, c.value from jsonb_each_text(x.cells) c
) d cross join lateral jsonb_each_text(x.holds) h
"""
_REFRESH = f"""
with facts as materialized ({FACTS} a.id = any(%(ids)s)), before as materialized (
    select s.account_id, s.owner_id, s.cells, s.holds from metrics_accounttally s where s.account_id = any(%(ids)s)
), changed as materialized (
    select f.account_id from facts f join before b using (account_id)
    where (f.owner_id, f.cells, f.holds) is distinct from (b.owner_id, b.cells, b.holds)
), deltas as (
    select measure, dimension, value, owner_id, currency, sum(amount) as amount from (
        {_SPREAD.format(rows="(select f.* from facts f join changed using (account_id))")}
        union all
        select s.owner_id, s.dimension, s.value, s.measure, s.currency, -s.amount
        from ({_SPREAD.format(rows="(select b.* from before b join changed using (account_id))")}) s
    ) both_sides group by 1, 2, 3, 4, 5 having sum(amount) <> 0
), summed as (
    insert into metrics_tally as t (measure, dimension, value, owner_id, currency, amount)
    select measure, dimension, value, owner_id, currency, amount from deltas order by 1, 2, 3, 4, 5
    on conflict (measure, dimension, value, owner_id, currency) do update set amount = t.amount + excluded.amount
    returning measure
), kept as (
    update metrics_accounttally s
    set owner_id = f.owner_id, cells = f.cells, holds = f.holds, wakes_on = f.wakes_on, as_of = %(now)s, stale_since = null, stale_cause_id = null
    from facts f where f.account_id = s.account_id
)
select (select array_agg(distinct measure) from summed), (select array_agg(account_id) from changed)
"""  # noqa: S608 (put together from our own constants)
_WAKE = """
update metrics_accounttally s set stale_since = %(now)s from (
    select account_id from metrics_accounttally where wakes_on <= %(today)s and stale_since is null
    order by account_id limit %(limit)s for update skip locked
) due where due.account_id = s.account_id
"""
_MISSING = """
insert into metrics_accounttally (account_id, stale_since)
select a.id, %(now)s from accounts_account a where a.id > %(after)s and not exists (select 1 from metrics_accounttally s where s.account_id = a.id)
order by a.id limit %(limit)s on conflict (account_id) do nothing
"""
_KEPT = ", ".join(f"'{key}'" for key in declared.KEPT)
# Sums that are not the sum of their accounts.
DIFFERENCES = f"""
select coalesce(t.id, 0) from (select * from metrics_tally where measure in ({_KEPT})) t full join (
    select measure, dimension, value, owner_id, currency, sum(amount) as amount from ({_SPREAD.format(rows="metrics_accounttally")}) spread
    group by 1, 2, 3, 4, 5
) s using (measure, dimension, value, owner_id, currency) where coalesce(t.amount, 0) <> coalesce(s.amount, 0)
"""  # noqa: S608

_MEND = f"""
insert into metrics_tally (measure, dimension, value, owner_id, currency, amount)
select measure, dimension, value, owner_id, currency, sum(amount) from ({_SPREAD.format(rows="metrics_accounttally")}) s group by 1, 2, 3, 4, 5
"""  # noqa: S608


def refresh(*, now: datetime, actor: Actor, limit: int = BATCH) -> int:
    """Take in what changed at up to `limit` marked accounts; returns how many marks were settled. A repeat finds nothing to do."""
    with transaction.atomic():
        # Claimed by a statement of its own: what the next one reads is as new as every mark that waits for these rows.
        claimed = list(AccountTally.objects.stale_now(now).select_for_update(skip_locked=True).values_list("account_id", flat=True)[:limit])
        if claimed:
            moved, _ = take_in(claimed, now)
            tell(moved, actor=actor, now=now)
    return len(claimed)


def wake(*, now: datetime, limit: int = 20_000) -> int:
    """Mark those whom a day that began changes by itself, and those who were never counted; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WAKE, {"now": now, "today": now.date(), "limit": limit})
        woken = int(cursor.rowcount)
        cursor.execute(_MISSING, {"now": now, "limit": limit, "after": 0})
        woken += int(cursor.rowcount)
        if woken:
            turn_after_commit("metrics.refresh")
    return woken


def mend_sums() -> int:
    """Make every sum that of its accounts; returns how many were not."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"select count(*) from ({DIFFERENCES}) found")  # noqa: S608
        wrong = int(cursor.fetchone()[0])
        if wrong:
            # Whoever keeps an account waits; afterwards nobody's difference is lost.
            cursor.execute("lock table metrics_accounttally, metrics_tally in share row exclusive mode")
            cursor.execute("delete from metrics_tally where measure = any(%s)", [list(declared.KEPT)])
            cursor.execute(_MEND)
    return wrong


def tell(measures: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Announce once which figures moved with these measures."""
    if keys := declared.keys_moved_by(measures):
        events.publish(MetricsMoved(keys=keys), actor=actor, now=now)


def take_in(ids: Sequence[int], now: datetime) -> tuple[list[str], list[int]]:
    """(measures whose sums moved, accounts that brought something else than before)."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"ids": list(ids), "now": now, "today": now.date()})
        moved, changed = cursor.fetchone()
    return moved or [], sorted(changed or [])
