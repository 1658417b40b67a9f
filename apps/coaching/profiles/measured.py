"""The eight behaviours of every account as of the end of a day, by one SQL statement. Nothing later can reach a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from apps.accounts.types import Meaning

from ..behaviours import KEYS

# Events that are trouble or bookkeeping are no use of the product.
_NOT_USE = f"('{Meaning.SUPPORT}', '{Meaning.PAYMENT}', '{Meaning.LEAVING}', '{Meaning.BILLING}')"

# Momentum and questions are steadied by five uses, so that one event more of an account that does little is no leap.
_STATEMENT = f"""
with a as materialized (
    select id, plan, tier, segment from accounts_account
    where (churned_on > %(last)s::date or (churned_on is null and stage <> 'churned')) and (%(all)s or id = any(%(ids)s))
), d as (
    select r.account_id, r.day, r.name, r.count, coalesce(e.meaning, 'other') as meaning, coalesce(e.meaning, 'other') not in {_NOT_USE} as is_use
    from accounts_dailyrollup r left join accounts_eventname e on e.name = r.name
    where r.day > %(last)s::date - 56 and r.day <= %(last)s::date and (%(all)s or r.account_id = any(%(ids)s))
), u as (
    select account_id,
        count(distinct day) filter (where is_use and day > %(last)s::date - 28) as days,
        coalesce(sum(count) filter (where is_use and day > %(last)s::date - 28), 0) as uses_28,
        coalesce(sum(count) filter (where is_use and day <= %(last)s::date - 28), 0) as uses_before,
        count(distinct name) filter (where is_use) as kinds,
        coalesce(sum(count) filter (where is_use), 0) as uses,
        coalesce(sum(count) filter (where meaning = 'core'), 0) as core,
        count(distinct (%(last)s::date - day) / 7) filter (where is_use) as weeks,
        coalesce(sum(count) filter (where meaning = 'support'), 0) as questions
    from d group by account_id
), c as (
    select account_id, count(*) as people from accounts_contact
    where (departed_on is null or departed_on > %(last)s::date) and (%(all)s or account_id = any(%(ids)s)) group by account_id
), p as (
    select account_id, count(distinct contact_id) as active from accounts_activityevent
    where at >= %(since)s and at < %(until)s and contact_id is not null and (%(all)s or account_id = any(%(ids)s)) group by account_id
)
select a.id, a.plan, a.tier, a.segment,
    coalesce(u.days, 0)::float8,
    case when u.days > 0 then u.uses_28::float8 / u.days else 0 end,
    coalesce(u.kinds, 0)::float8,
    case when u.uses > 0 then u.core::float8 / u.uses end,
    coalesce(u.weeks, 0)::float8,
    case when c.people > 0 then least(coalesce(p.active, 0)::float8 / c.people, 1) end,
    (coalesce(u.uses_28, 0) + 5)::float8 / (coalesce(u.uses_before, 0) + 5) - 1,
    case when u.uses > 0 then 100 * u.questions::float8 / (u.uses + 5) end
from a left join u on u.account_id = a.id left join c on c.account_id = a.id left join p on p.account_id = a.id
order by a.id
"""  # noqa: S608 (put together from our own constants)


@dataclass(frozen=True)
class Measured:
    """What an account does, by behaviour; None where nothing can be said."""

    account_id: int
    plan: str
    tier: str
    segment: str
    values: dict[str, float | None]


def last_day(as_of: datetime) -> date:
    """The last day (UTC) that is over at this moment."""
    return as_of.astimezone(UTC).date() - timedelta(days=1)


def behaviours(*, as_of: datetime, account_ids: Sequence[int] | None = None) -> list[Measured]:
    """Of every present customer, or of these."""
    last = last_day(as_of)
    until = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    parameters: dict[str, Any] = {"last": last, "until": until, "since": until - timedelta(days=28)}
    parameters |= {"all": account_ids is None, "ids": list(account_ids or ())}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, parameters)
        return [Measured(key, plan, tier, segment, dict(zip(KEYS, values, strict=True))) for key, plan, tier, segment, *values in cursor.fetchall()]
