"""The accounts behind a figure, with what each brings to it."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.accounts.models import Account

from . import accounts
from .declared import Declared
from .happenings import ACTIVITY, HAPPENED
from .measures import BY_KEY
from .reading import Exchange, Scope, accounts_where
from .types import Because

_CENT = Decimal("0.01")
# What an account brought on a past day, where that is known of accounts: figure to the account figure it is made of.
_THEN = {"arr": "arr", "customers": "arr", "risk": "risk", "at_risk": "risk_high", "health": "health", "poor_health": "health_poor"}
_ROWS = """
select t.account_id, a.name, round(sum(h.value::numeric * case when split_part(h.key, ' ', 2) = '' then 1
           else coalesce((%(rates)s::jsonb ->> split_part(h.key, ' ', 2))::numeric, 0) end), 4) as amount, count(*) over () as whole
from metrics_accounttally t join accounts_account a on a.id = t.account_id cross join lateral jsonb_each_text(t.holds) h
where {where} and split_part(h.key, ' ', 1) = %(measure)s
group by 1, 2 order by 3 desc, 1 limit %(limit)s offset %(offset)s
"""
_ACTIVE = """
with active as materialized (
    select t.account_id, u.times from metrics_accounttally t cross join lateral (
        select sum(r.count) as times from accounts_dailyrollup r where r.account_id = t.account_id and r.day between %(start)s and %(end)s
    ) u where {where} and u.times > 0
)
select c.account_id, a.name, c.times, count(*) over () from active c join accounts_account a on a.id = c.account_id
order by 3 desc, 1 limit %(limit)s offset %(offset)s
"""
_TOLD = """
with told as materialized (
    select t.account_id, count(*) as times from events_event e join metrics_accounttally t on e.subject = 'account:' || t.account_id
    where e.type = %(type)s and e.at >= %(start)s::date::timestamp at time zone 'UTC' and e.at < (%(end)s::date + 1)::timestamp at time zone 'UTC'
        and {where} group by 1
)
select c.account_id, a.name, c.times, count(*) over () from told c join accounts_account a on a.id = c.account_id
order by 3 desc, 1 limit %(limit)s offset %(offset)s
"""


def now_(one: Declared, scope: Scope, cells: Mapping[str, str], exchange: Exchange, *, limit: int, offset: int) -> tuple[list[Because], int]:
    """Of a sum, by its first measure, money in the figure's currency."""
    measure = one.formula.reads[0]
    where, params = accounts_where(scope, cells)
    known = {currency: str(exchange.rate(currency)) for currency in exchange.known if exchange.rate(currency) is not None}
    rates = {**known, exchange.into: "1"} if measure in BY_KEY else {}
    given = {**params, "measure": measure, "rates": json.dumps(rates), "limit": limit, "offset": offset}
    return _read(_ROWS.format(where=where), given, one.row, money=measure in BY_KEY and BY_KEY[measure].money == 1)


def happened(one: Declared, scope: Scope, *, start: date, end: date, limit: int, offset: int) -> tuple[list[Because], int]:
    """How often it happened at each account from `start` to `end`, both included; accounts count for who looks after them now."""
    measure = one.formula.reads[0]
    where, params = accounts_where(scope, {})
    given: dict[str, Any] = {**params, "start": start, "end": end, "limit": limit, "offset": offset}
    if measure == ACTIVITY:
        return _read(_ACTIVE.format(where=where), given, "events")
    kinds = [kind.type for kind, (name, _) in HAPPENED.items() if name == measure]
    return _read(_TOLD.format(where=where), {**given, "type": kinds[0]}, "times") if kinds else ([], 0)


def then(one: Declared, scope: Scope, cells: Mapping[str, str], *, day: date, now: datetime, limit: int, offset: int) -> tuple[list[Because], int]:
    """As it was at the end of a past day, where that is on record of accounts; nothing where it is not."""
    key = _THEN.get(one.key)
    if key is None:
        return [], 0
    where, params = accounts_where(scope, cells)
    with connection.cursor() as cursor:
        cursor.execute(f"select t.account_id from metrics_accounttally t where {where}", params)  # noqa: S608
        ids = [row[0] for row in cursor.fetchall()]
    found = [(account, value) for account, value in accounts.of_accounts(key, ids, now=now, as_of=day) if value]
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    shown = found[offset : offset + limit]
    names = dict(Account.objects.filter(pk__in=[account for account, _ in shown]).values_list("pk", "name"))
    return [Because(account, names.get(account, ""), value, one.row) for account, value in shown], len(found)


def _read(statement: str, params: Mapping[str, Any], words: str, *, money: bool = False) -> tuple[list[Because], int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall()
    told = [Because(account, name, amount.quantize(_CENT) if money else _plain(amount), words) for account, name, amount, _ in rows]
    return told, int(rows[0][3]) if rows else 0


def _plain(amount: Any) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)
