"""How the sums stood at the end of each day: kept from today on, and told back from what is on record (ledger, predictions, health scores)."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from . import happenings, reckoning
from .measures import BY_KEY
from .models import DayTally, ToldDay

BACK = 365

# Every owner's whole, and every value of a dimension for the house. What stands already as it is, is not written.
_CLOSE = """
with sums as materialized (
    select measure, dimension, value, case when dimension = '' then owner_id else -1 end as owner_id, currency, sum(amount) as amount
    from metrics_tally where amount <> 0 group by 1, 2, 3, 4, 5
), gone as (
    delete from metrics_daytally t where t.day = %(day)s and not exists (
        select 1 from sums s
        where (s.measure, s.dimension, s.value, s.owner_id, s.currency) = (t.measure, t.dimension, t.value, t.owner_id, t.currency))
), kept as (
    insert into metrics_daytally as t (measure, dimension, value, owner_id, currency, day, amount, told_back)
    select measure, dimension, value, owner_id, currency, %(day)s, amount, false from sums
    on conflict (measure, dimension, value, day, owner_id, currency) do update set amount = excluded.amount, told_back = false
    where t.amount <> excluded.amount or t.told_back
    returning 1
), told as (
    insert into metrics_toldday as k (measure, day, owners) select distinct m, %(day)s::date, true from unnest(%(measures)s::text[]) m
    on conflict (measure, day) do update set owners = true where not k.owners
)
select count(*) from kept
"""
# Steps up and down, added up day by day: what is on record is read once, whatever the number of days.
_TELL = """
with steps as (
{steps}
), moved as (
    select measure, dimension, value, owner_id, currency, greatest(day, %(first)s::date) as day, sum(amount) as amount from steps
    where day < %(today)s group by 1, 2, 3, 4, 5, 6
), every as (
    select measure, dimension, value, owner_id, currency, day, amount from moved where dimension = ''
    union all
    select measure, dimension, value, -1, currency, day, sum(amount) from moved where dimension <> '' group by 1, 2, 3, 5, 6
), stood as (
    select k.measure, k.dimension, k.value, k.owner_id, k.currency, d.day::date as day,
           sum(coalesce(e.amount, 0)) over (partition by k.measure, k.dimension, k.value, k.owner_id, k.currency order by d.day) as amount
    from (select distinct measure, dimension, value, owner_id, currency from every) k
    cross join generate_series(%(first)s::date, %(today)s::date - 1, interval '1 day') d(day)
    left join every e on (e.measure, e.dimension, e.value, e.owner_id, e.currency) = (k.measure, k.dimension, k.value, k.owner_id, k.currency)
        and e.day = d.day::date
)
insert into metrics_daytally (measure, dimension, value, owner_id, currency, day, amount, told_back)
select measure, dimension, value, owner_id, currency, day, amount, true from stood where amount <> 0 on conflict do nothing
"""
_LEDGER = """
    select 'arr' as measure, '' as dimension, '' as value, coalesce(a.owner_id, 0) as owner_id, m.currency, m.effective_on as day, m.amount
    from accounts_arrmovement m join accounts_account a on a.id = m.account_id
    union all
    select 'arr', d.dimension, d.value, coalesce(a.owner_id, 0), m.currency, m.effective_on, m.amount
    from accounts_arrmovement m join accounts_account a on a.id = m.account_id
    cross join lateral (values ('plan', left(a.plan, 80)), ('segment', left(a.segment, 80)), ('currency', a.currency)) as d(dimension, value)
"""
_CUSTOMERS = """
    select 'customers' as measure, '' as dimension, '' as value, a.owner_id, '' as currency, s.day, s.amount::numeric as amount
    from (
        select coalesce(owner_id, 0) as owner_id, stage, coalesce(started_on, (created_at at time zone 'UTC')::date) as came,
               case when stage = 'churned' then churned_on end as left_on from accounts_account
    ) a cross join lateral (values (a.came, 1), (a.left_on, -1)) as s(day, amount)
    where s.day is not null and (a.stage <> 'churned' or a.left_on >= a.came)
"""
# A prediction holds until the next one, or until the account left.
_RISK = """
    select s.measure, '' as dimension, '' as value, p.owner_id, '' as currency, s.day, s.amount from (
        select coalesce(a.owner_id, 0) as owner_id, case when p.band = 'high' then 1 else 0 end as high, round(p.probability::numeric, 6) as chance,
               (p.as_of at time zone 'UTC')::date as starts, a.churned_on,
               coalesce((lead(p.as_of) over (partition by p.account_id order by p.as_of, p.id) at time zone 'UTC')::date, 'infinity') as ends
        from churn_prediction p join churn_modelversion v on v.id = p.model_id join churn_churndefinition c on c.id = v.definition_id and c.is_default
        join accounts_account a on a.id = p.account_id
    ) p cross join lateral (values
        ('scored', p.starts, 1::numeric), ('scored', least(p.ends, p.churned_on), -1), ('risk_sum', p.starts, p.chance),
        ('risk_sum', least(p.ends, p.churned_on), -p.chance), ('at_risk', p.starts, p.high), ('at_risk', least(p.ends, p.churned_on), -p.high)
    ) as s(measure, day, amount)
    where p.starts < least(p.ends, p.churned_on)
"""
_HEALTH = """
    select s.measure, '' as dimension, '' as value, p.owner_id, '' as currency, s.day, s.amount from (
        select coalesce(a.owner_id, 0) as owner_id, case when p.band = 'poor' then 1 else 0 end as poor, p.score, p.band,
               (p.as_of at time zone 'UTC')::date as starts, a.churned_on,
               coalesce((lead(p.as_of) over (partition by p.account_id order by p.as_of, p.id) at time zone 'UTC')::date, 'infinity') as ends
        from health_healthscore p join accounts_account a on a.id = p.account_id
    ) p cross join lateral (values
        ('health_known', p.starts, 1::numeric), ('health_known', least(p.ends, p.churned_on), -1), ('health_sum', p.starts, p.score),
        ('health_sum', least(p.ends, p.churned_on), -p.score), ('poor', p.starts, p.poor), ('poor', least(p.ends, p.churned_on), -p.poor)
    ) as s(measure, day, amount)
    where p.band <> 'unknown' and p.score is not null and p.starts < least(p.ends, p.churned_on)
"""
# How the past of measures is told, and since when it is known: the first day of the facts it is told from.
_PASTS = (
    (("arr",), _LEDGER, "select min(effective_on) from accounts_arrmovement"),
    (("customers",), _CUSTOMERS, "select min(coalesce(started_on, (created_at at time zone 'UTC')::date)) from accounts_account"),
    (
        ("scored", "risk_sum", "at_risk"),
        _RISK,
        "select (min(p.as_of) at time zone 'UTC')::date from churn_prediction p join churn_modelversion v on v.id = p.model_id"
        " join churn_churndefinition c on c.id = v.definition_id and c.is_default",
    ),
    (("health_known", "health_sum", "poor"), _HEALTH, "select (min(as_of) at time zone 'UTC')::date from health_healthscore"),
)


def close_day(*, now: datetime) -> int:
    """Keep how the sums stand as those of the present day (UTC): its last writing is the end of the day. Returns how many changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLOSE, {"day": now.date(), "measures": [*BY_KEY, *reckoning.SUMS]})
        return int(cursor.fetchone()[0])


def tell_back(*, now: datetime) -> int:
    """Fill the days before the first that was kept, as far as facts allow, once per measure; accounts count for who looks after them today.

    Returns how many measures were told back.
    """
    told = 0
    for measures, steps, since in _PASTS:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(since)
            known = cursor.fetchone()[0]
            if known is None:
                continue
            first = max(known, now.date() - timedelta(days=BACK))
            # Told already; facts that reach further back since then, as an import brings, are told anew.
            if first >= now.date() or ToldDay.objects.filter(measure=measures[0], day__lte=first).exists():
                continue
            DayTally.objects.filter(measure__in=measures, told_back=True).delete()
            cursor.execute(_TELL.format(steps=steps), {"first": first, "today": now.date()})
            _told(measures, now, first)
            told += len(measures)
    return told + tell_months_back(now=now) + happenings.fill(now=now)


def tell_months_back(*, now: datetime) -> int:
    """The revenue of the years that ended with each of the last twelve months, which the ledger knows; once."""
    if ToldDay.objects.filter(measure="year_opening", day__lt=now.date()).exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("select min(effective_on) from accounts_arrmovement")
        first = cursor.fetchone()[0]
    if first is None:
        return 0
    told = 0
    for moment in reckoning.past_months(now):
        if moment.date() - reckoning.YEAR < first:
            break
        told += 1
        rows = reckoning.revenue_sums(now, until=moment)
        DayTally.objects.bulk_create(
            [
                DayTally(measure=m, dimension=d, value=v[:80], owner_id=owner, currency=c, day=moment.date(), amount=amount, told_back=True)
                for (m, d, v, owner, c), amount in rows.items()
                if amount
            ],
            ignore_conflicts=True,
        )
        ToldDay.objects.bulk_create(
            [ToldDay(measure=m, day=moment.date()) for m in {key[0] for key in rows}],
            ignore_conflicts=True,
        )
    return told


def _told(measures: Sequence[str], now: datetime, first: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into metrics_toldday (measure, day, owners) select m, d::date, true from jsonb_array_elements_text(%(measures)s::jsonb) m,"
            " generate_series(%(first)s::date, %(today)s::date - 1, interval '1 day') d on conflict do nothing",
            {"measures": json.dumps(list(measures)), "first": first, "today": now.date()},
        )
