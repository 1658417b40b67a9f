"""The accounts behind a figure, with what each brings to it."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum

from apps.accounts.models import User
from apps.accounts.selectors import revenue

from .declared import Declared
from .happenings import ACTIVITY, HAPPENED
from .measures import BY_KEY
from .reading import Exchange, Scope, accounts_where
from .reckoning import EVERYBODY, YEAR
from .types import Because

# Figures of the year, and what the ledger calls the movements behind them.
OF_THE_YEAR = {"nrr": "nrr", "grr": "grr", "logo_churn": "lost"}
_CENT = Decimal("0.01")
_RISK_THEN = """(
    select p.{} from churn_prediction p join churn_modelversion v on v.id = p.model_id join churn_churndefinition c on c.id = v.definition_id
    where p.account_id = a.id and c.is_default and p.as_of < %(cut)s order by p.as_of desc, p.id desc limit 1)"""
_HEALTH_THEN = "(select p.{} from health_healthscore p where p.account_id = a.id and p.as_of < %(cut)s order by p.as_of desc, p.id desc limit 1)"
_ARR_THEN = """(select coalesce(sum(m.amount), 0) from accounts_arrmovement m
    where m.account_id = a.id and m.currency = a.currency and m.effective_on <= %(day)s)"""
# What an account brought at the end of a past day, where that is on record of accounts.
_THEN = {
    "arr": _ARR_THEN,
    "customers": _ARR_THEN,
    "risk": _RISK_THEN.format("probability"),
    "at_risk": f"case when {_RISK_THEN.format('band')} = 'high' then 1 end",
    "health": _HEALTH_THEN.format("score"),
    "poor_health": f"case when {_HEALTH_THEN.format('band')} = 'poor' then 1 end",
}
_ON_A_DAY = """
with brought as (
    select a.id, a.name, ({value})::float8 as value from accounts_account a join metrics_accounttally t on t.account_id = a.id
    where {where} and coalesce(a.started_on, (a.created_at at time zone 'UTC')::date) <= %(day)s
        and ((a.stage <> 'churned' and a.churned_on is null) or a.churned_on > %(day)s)
)
select id, name, value, count(*) over () from brought where value <> 0 order by value desc, id limit %(limit)s offset %(offset)s
"""
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


def moved(
    one: Declared, user: User | None, filters: Mapping[str, str], *, day: date, now: datetime, limit: int, offset: int
) -> tuple[list[Because], int]:
    """What the customers of a year ago lost and won until that day, the largest loss first."""
    only = [(name, value) for name, value in filters.items() if name != "team"]
    period = revenue.Period(day + timedelta(days=1) - YEAR, day + timedelta(days=1))
    rows = revenue.movements(user or EVERYBODY, period, figure=OF_THE_YEAR[one.key], only=only, known_at=now)
    if "team" in filters:
        rows = rows.filter(account__owner__team=int(filters["team"])) if filters["team"].isdecimal() else rows.none()
    sums = rows.order_by().values("account_id", "account__name").annotate(amount=Sum("worth")).exclude(amount=0).order_by("amount", "account_id")
    shown = sums[offset : offset + limit]
    told = [Because(row["account_id"], row["account__name"], row["amount"].quantize(_CENT), "change in a year") for row in shown]
    return told, sums.count()


def then(one: Declared, scope: Scope, cells: Mapping[str, str], *, day: date, limit: int, offset: int) -> tuple[list[Because], int]:
    """As it was at the end of a past day, where that is on record of accounts; nothing where it is not."""
    value = _THEN.get(one.key)
    if value is None:
        return [], 0
    where, params = accounts_where(scope, cells)
    cut = datetime.combine(day + timedelta(days=1), time.min, UTC)
    return _read(_ON_A_DAY.format(value=value, where=where), {**params, "day": day, "cut": cut, "limit": limit, "offset": offset}, one.row)


def _read(statement: str, params: Mapping[str, Any], words: str, *, money: bool = False) -> tuple[list[Because], int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall()
    told = [Because(account, name, amount.quantize(_CENT) if money else _plain(amount), words) for account, name, amount, _ in rows]
    return told, int(rows[0][3]) if rows else 0


def _plain(amount: Any) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)
