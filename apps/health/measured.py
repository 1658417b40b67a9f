"""Every measure of every account at one moment, by one SQL statement. Nothing later than `as_of` can reach a row."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from apps.accounts.types import Meaning

from .registry import MEASURES

Row = dict[str, Any]

# Events that are trouble or bookkeeping are no use of the product.
_NOT_USE = f"('{Meaning.SUPPORT}', '{Meaning.PAYMENT}', '{Meaning.LEAVING}', '{Meaning.BILLING}')"

# Days before `last` are read from the daily rollups. Where `last` is not over, its events are read one by one, since its rollup may already hold what
# came after the moment. Days and weeks that were active are bits of a number, so one pass counts them without sorting.
_STATEMENT = """
with p as materialized (
    -- Who left later was no leaver yet: the stage of today must not tell.
    select a.id, case when a.stage = 'churned' then 'active' else a.stage end as stage, a.tier, a.segment, a.plan, a.renews_on,
        coalesce(a.started_on, least(
            (select min(r.day) from accounts_dailyrollup r where r.account_id = a.id and r.day <= %(last)s::date),
            (a.created_at at time zone 'UTC')::date
        )) as start
    from accounts_account a
    where (a.churned_on > %(last)s::date or (a.churned_on is null and a.stage <> 'churned')) {and_id}
), days as (
    select account_id, name, day, count from accounts_dailyrollup
    where day > %(last)s::date - 112 and day < %(until)s::date {and_account}
    union all
    select account_id, name, %(last)s::date, count(*) from accounts_activityevent
    where %(partly)s and at >= %(midnight)s and at <= %(as_of)s {and_account} group by account_id, name
), named as (
    select d.account_id, d.name,
        coalesce(sum(d.count) filter (where d.day > %(last)s::date - 28), 0) as n_28,
        coalesce(sum(d.count) filter (where d.day > %(last)s::date - 56), 0) as n_56,
        coalesce(sum(d.count) filter (where d.day > %(last)s::date - 90), 0) as n_90,
        coalesce(sum(d.count) filter (where d.day <= %(last)s::date - 28), 0) as n_before,
        bit_or(case when d.day > %(last)s::date - 28 then 1::bigint << (%(last)s::date - d.day) else 0 end) as days,
        bit_or(case when d.day > %(last)s::date - 84 then 1::bigint << ((%(last)s::date - d.day) / 7) else 0 end) as weeks,
        min(d.day) as first
    from days d group by d.account_id, d.name
), meant as (
    select n.*, coalesce(e.meaning, 'other') as meaning, coalesce(e.meaning, 'other') not in {not_use} as is_use
    from named n left join accounts_eventname e on e.name = n.name
), u as (
    select account_id,
        coalesce(sum(n_28) filter (where is_use), 0) as uses_28,
        coalesce(sum(n_before) filter (where is_use), 0) as uses_before,
        bit_count((bit_or(days) filter (where is_use))::bit(28)) as days_28,
        count(*) filter (where is_use and n_before > 0) as kinds_before,
        count(*) filter (where is_use and n_before > 0 and n_28 > 0) as kinds_kept,
        min(first) filter (where is_use) as first_use,
        coalesce(sum(n_28) filter (where meaning = 'core'), 0) as core_28,
        count(*) filter (where meaning = 'core' and n_56 > 0) as core_kinds,
        bit_count((bit_or(weeks) filter (where meaning = 'core'))::bit(12)) as core_weeks,
        coalesce(sum(n_28) filter (where meaning = 'support'), 0) as support_28,
        coalesce(sum(n_90) filter (where meaning = 'payment'), 0) as payment_90
    from meant group by account_id
), t as (
    select account_id,
        count(*) filter (where solved_at is null or solved_at > %(as_of)s) as open,
        max(%(last)s::date - (opened_at at time zone 'UTC')::date) filter (where solved_at is null or solved_at > %(as_of)s) as oldest,
        count(*) filter (where (opened_at at time zone 'UTC')::date > %(last)s::date - 28) as opened_28,
        round((percentile_disc(0.5) within group (order by extract(epoch from answered_at - opened_at))
            filter (where answered_at <= %(as_of)s and (opened_at at time zone 'UTC')::date > %(last)s::date - 90)) / 3600, 1) as answer_hours
    from accounts_ticket
    where opened_at <= %(as_of)s and (opened_at > %(as_of)s - interval '92 days' or solved_at is null or solved_at > %(as_of)s) {and_account}
    group by account_id
), s as (
    select account_id,
        round(avg(case kind when 'nps' then score * 10.0 when 'csat' then (score - 1) * 25.0 else (score - 1) * 100.0 / 6 end), 2) as survey
    from accounts_surveyresponse
    where at <= %(as_of)s and (at at time zone 'UTC')::date > %(last)s::date - 180 {and_account} group by account_id
), l as (
    select distinct on (account_id) account_id, {faded} as pulse
    from accounts_pulse
    where at <= %(as_of)s and (at at time zone 'UTC')::date > %(last)s::date - 45 {and_account} order by account_id, at desc, id desc
), c as (
    select account_id, count(*) as people, count(*) filter (where role in ('sponsor', 'champion')) as sponsors
    from accounts_contact where (departed_on is null or departed_on > %(last)s::date) {and_account} group by account_id
), o as (
    select account_id, max((at at time zone 'UTC')::date) as spoke_on from (
        select account_id, max(last_two_way_at) as at from accounts_contact where last_two_way_at <= %(as_of)s {and_account} group by account_id
        union all
        select account_id, max(at) from accounts_note where kind in ('call', 'meeting', 'email') and at <= %(as_of)s {and_account} group by account_id
        union all
        select account_id, max(replied_at) from messaging_message where replied_at <= %(as_of)s {and_account} group by account_id
    ) words group by account_id
), i as (
    select account_id,
        max(%(last)s::date - due_on) filter (where due_on < %(last)s::date and (paid_on is null or paid_on > %(last)s::date)) as overdue,
        count(*) filter (where state = 'failed' and due_on > %(last)s::date - 90) as failed_90
    from accounts_invoice where issued_on <= %(last)s::date and state <> 'void' {and_account} group by account_id
), m as (
    -- Due are those reached, and those that three quarters of their cohort would have reached by now.
    select account_id, count(*) filter (where reached) as reached, count(*) as due from (
        select account_id, achieved_at <= %(as_of)s and noticed_at <= %(as_of)s as reached from milestones_progress
        where ((achieved_at <= %(as_of)s and noticed_at <= %(as_of)s)
            or (behind_at <= %(as_of)s and (state = 'open' or (state = 'achieved' and noticed_at > %(as_of)s)))) {and_account}
    ) found group by account_id
), f as materialized (
    select
        exists (select 1 from accounts_dailyrollup where day <= %(last)s::date) as activity,
        exists (select 1 from accounts_ticket where opened_at <= %(as_of)s) as tickets,
        exists (select 1 from accounts_contact) as people,
        exists (select 1 from accounts_contact where role in ('sponsor', 'champion')) as sponsors,
        exists (select 1 from accounts_invoice where issued_on <= %(last)s::date) as invoices,
        exists (select 1 from accounts_note where kind in ('call', 'meeting', 'email') and at <= %(as_of)s)
            or exists (select 1 from messaging_message where replied_at <= %(as_of)s)
            or exists (select 1 from accounts_contact where last_two_way_at <= %(as_of)s) as words,
        (select count(*) from accounts_eventname where meaning = 'core') as core_names,
        (select count(*) from accounts_eventname where meaning = 'support') as support_names,
        (select count(*) from accounts_eventname where meaning = 'payment') as payment_names
)
select p.id, p.stage, p.tier, p.segment, p.plan, greatest(%(last)s::date - p.start, 0) as tenure, to_jsonb(f) as feeds,
    {measures}
from p cross join f
left join u on u.account_id = p.id left join t on t.account_id = p.id left join s on s.account_id = p.id left join l on l.account_id = p.id
left join c on c.account_id = p.id left join o on o.account_id = p.id left join i on i.account_id = p.id left join m on m.account_id = p.id
where p.start <= %(last)s::date
order by p.id
"""
FADES_WITHIN = 45
# A feeling moves in a straight line to neutral, a forty-fifth of its distance a day.
_FADED = f"round(50 + (value - 50) * ({FADES_WITHIN} - (%(last)s::date - (at at time zone 'UTC')::date)) / {FADES_WITHIN}.0, 2)"


def moment(as_of: datetime) -> dict[str, Any]:
    """The bounds that a moment gives: `last` is the last day of which something is known, `partly` says that it is not over."""
    as_of = as_of.astimezone(UTC)
    midnight = datetime.combine(as_of.date(), time(), UTC)
    partly = as_of > midnight
    last = as_of.date() if partly else as_of.date() - timedelta(days=1)
    until = last if partly else last + timedelta(days=1)
    # What carries the moment of midnight itself belongs to the day that begins, of which nothing is known yet.
    known = as_of if partly else midnight - timedelta(microseconds=1)
    return {"last": last, "until": until, "partly": partly, "midnight": midnight, "as_of": known}


def end_of(day: date) -> datetime:
    """The moment at which a day is over: everything of that day is known and nothing later."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def statement(*, some: bool) -> str:
    """The one statement, for all accounts or for `some` (parameter `ids`)."""
    return _STATEMENT.format(
        and_id="and a.id = any(%(ids)s)" if some else "",
        and_account="and account_id = any(%(ids)s)" if some else "",
        not_use=_NOT_USE,
        faded=_FADED,
        measures=",\n    ".join(f"{measure.sql} as {measure.key}" for measure in MEASURES),
    )


def rows(*, as_of: datetime, account_ids: Sequence[int] | None = None) -> list[Row]:
    """Measures by key for every account that is a customer at `as_of`: started, not gone; with the columns audiences read, `tenure` and `renewal` in
    days, and `feeds`: what the company's sources tell at all."""
    parameters = moment(as_of)
    if account_ids is not None:
        parameters["ids"] = list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(statement(some=account_ids is not None), parameters)
        columns = [column.name for column in cursor.description]
        found = [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]
    for row in found:
        row["renewal"] = row["renewal_days"]
    return found
