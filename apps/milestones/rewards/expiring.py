"""What is not used in time expires, oldest first."""

from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from apps.core.actor import Actor

from ..types import Move
from . import ledger

# What has run out by now, less what left the customer's book before: what is used counts as the oldest. What was taken back leaves both sums, and
# what was given back lowers what was used. Kinds that have no end are used last.
_DUE = """
with lots as (
    select c.account_id, r.unit, r.currency, sum(c.amount) as over
    from milestones_rewardclaim c join milestones_rewardrule r on r.id = c.rule_id
    where c.state = 'granted' and c.expires_at <= %(now)s group by 1, 2, 3
), used as (
    select m.account_id, m.unit, m.currency, sum(case m.kind when 'give_back' then -m.amount else m.amount end) as gone
    from milestones_rewardmovement m join lots l using (account_id, unit, currency)
    where m.kind in ('reserve', 'give_back', 'expire') group by 1, 2, 3
)
select l.account_id, l.unit, l.currency, least(l.over - coalesce(u.gone, 0), b.amount)
from lots l left join used u using (account_id, unit, currency)
join milestones_rewardbalance b on b.account_id = l.account_id and b.book = 'account' and b.unit = l.unit and b.currency = l.currency
where l.over - coalesce(u.gone, 0) > 0 and b.amount > 0 and (%(accounts)s::bigint[] is null or l.account_id = any(%(accounts)s))
order by l.account_id limit %(limit)s
"""


def expire_due(*, actor: Actor, now: datetime, limit: int = 1_000) -> int:
    """The daily job: what has run out goes to its book. Returns how many accounts it concerned."""
    count = 0
    for account_id in sorted({row[0] for row in _due(None, now=now, limit=limit)}):
        with transaction.atomic():
            ledger.hold_accounts([account_id])
            # Read again under the lock: somebody may have spent it meanwhile.
            for account, unit, currency, amount in _due([account_id], now=now, limit=limit):
                key = f"expire:{account}:{currency or unit}:{now:%Y-%m-%d}"
                entry = ledger.Entry(Move.EXPIRE, unit, currency, amount, key, account_id=account, reason="Not used in time")
                count += ledger.post(entry, actor=actor, now=now) is not None
    return count


def _due(accounts: list[int] | None, *, now: datetime, limit: int) -> list[tuple[int, str, str, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "accounts": accounts, "limit": limit})
        return cursor.fetchall()
