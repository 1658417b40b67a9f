"""What is counted of accounts and of happenings: the SQL of each, once. Sums of these make the figures (declared.py)."""

from collections.abc import Mapping
from dataclasses import dataclass

# The cells of an account: what a sum can be split by beside its owner. SQL over the facts below.
CELLS: Mapping[str, str] = {
    "band": "coalesce(case when r.probability is not null then r.band end, 'unscored')",
    "health": "coalesce(h.band, 'unknown')",
    "stage": "a.stage",
    "plan": "left(a.plan, 80)",
    "segment": "left(a.segment, 80)",
    "currency": "a.currency",
}


@dataclass(frozen=True)
class Measure:
    """An amount per account; `sql` is over account `a`, risk `r`, health `h` and the looks `u` (use), `m` (milestones), `n` (answers), `t` (tickets),
    `k` (tasks), nought or null where there is none."""

    key: str
    sql: str
    money: int = 0  # 1: an amount of money, 2: the square of one


_HERE = "a.stage <> 'churned'"


def _within(days: int) -> str:
    return f"a.renews_on between %(today)s and %(today)s + {days}"


MEASURES = (
    Measure("customers", f"case when {_HERE} then 1 end"),
    Measure("arr", f"case when {_HERE} then a.arr end", money=1),
    Measure("scored", f"case when {_HERE} and r.probability is not null then 1 end"),
    Measure("risk_sum", f"case when {_HERE} then round(r.probability::numeric, 6) end"),
    Measure("at_risk", f"case when {_HERE} and r.probability is not null and r.band = 'high' then 1 end"),
    Measure("arr_at_risk", f"case when {_HERE} and r.probability is not null and r.band = 'high' then a.arr end", money=1),
    Measure("expected_loss", f"case when {_HERE} then round(r.probability::numeric * a.arr, 4) end", money=1),
    # The variance of the sum of independent leavings: ARR squared times p (1 - p).
    Measure("loss_variance", f"case when {_HERE} then round((r.probability * (1 - r.probability))::numeric * a.arr * a.arr, 0) end", money=2),
    Measure("health_known", f"case when {_HERE} and h.score is not null and h.band <> 'unknown' then 1 end"),
    Measure("health_sum", f"case when {_HERE} and h.band <> 'unknown' then h.score end"),
    Measure("poor", f"case when {_HERE} and h.band = 'poor' then 1 end"),
    Measure("renewals_30", f"case when {_HERE} and {_within(30)} then 1 end"),
    Measure("renewals_90", f"case when {_HERE} and {_within(90)} then 1 end"),
    Measure("renewals_arr_90", f"case when {_HERE} and {_within(90)} then a.arr end", money=1),
    Measure("active_7", f"case when {_HERE} and u.last > %(today)s - 7 then 1 end"),
    Measure("active_28", f"case when {_HERE} and u.last > %(today)s - 28 then 1 end"),
    Measure("milestones_achieved", f"case when {_HERE} then nullif(m.achieved, 0) end"),
    Measure("milestones_begun", f"case when {_HERE} then nullif(m.begun, 0) end"),
    Measure("valued", "case when m.days_to_value is not null then 1 end"),
    Measure("value_days", "m.days_to_value"),
    Measure("nps_answers", f"case when {_HERE} then nullif(n.answers, 0) end"),
    Measure("nps_promoters", f"case when {_HERE} then nullif(n.promoters, 0) end"),
    Measure("nps_detractors", f"case when {_HERE} then nullif(n.detractors, 0) end"),
    Measure("open_tickets", f"case when {_HERE} then nullif(t.open, 0) end"),
    Measure("open_tasks", "nullif(k.open, 0)"),
)
BY_KEY = {measure.key: measure for measure in MEASURES}

_LOOKS = """
from accounts_account a
left join churn_accountrisk r on r.account_id = a.id
left join health_accounthealth h on h.account_id = a.id
left join lateral (
    select day as last from accounts_dailyrollup d where d.account_id = a.id and d.day <= %(today)s order by d.account_id, d.day desc limit 1
) u on true
left join lateral (
    select count(*) filter (where p.state = 'achieved') as achieved, count(*) filter (where p.state in ('achieved', 'open', 'paused')) as begun,
           greatest(0, (min(p.achieved_at) at time zone 'UTC')::date - a.started_on)::numeric as days_to_value
    from milestones_progress p where p.account_id = a.id
) m on true
left join lateral (
    select count(*) as answers, count(*) filter (where s.score >= 9) as promoters, count(*) filter (where s.score <= 6) as detractors,
           min((s.at at time zone 'UTC')::date) + 90 as falls_out
    from accounts_surveyresponse s where s.account_id = a.id and s.kind = 'nps' and s.at >= (%(today)s::date - 89)::timestamp at time zone 'UTC'
) n on true
left join lateral (select count(*) as open from accounts_ticket s where s.account_id = a.id and s.state <> 'solved') t on true
left join lateral (select count(*) as open from interventions_task s where s.account_id = a.id and s.state = 'open') k on true
"""
# The next day on which one of the windows above opens or closes for the account by time alone.
_WAKES = """
(select min(d) from unnest(array[u.last + 7, u.last + 28, a.renews_on - 90, a.renews_on - 30, a.renews_on + 1, n.falls_out]) d where d > %(today)s)
"""


def _holds() -> str:
    pairs = []
    for measure in MEASURES:
        key = f"'{measure.key} ' || a.currency" if measure.money else f"'{measure.key}'"
        pairs.append(f"{key}, nullif({measure.sql}, 0)")
    # A contract in another currency is ARR beside that of the account's own.
    elsewhere = f"""coalesce((
        select jsonb_object_agg(o.key, o.amount) from (
            select 'arr ' || s.currency as key, sum(s.arr) as amount from accounts_subscription s
            where s.account_id = a.id and s.state = 'active' and s.currency <> a.currency and s.arr > 0 and {_HERE} group by s.currency) o
    ), '{{}}'::jsonb)"""  # noqa: S608 (put together from our own constants)
    # A function takes at most 100 arguments.
    parts = [pairs[start : start + 40] for start in range(0, len(pairs), 40)]
    return " || ".join([*(f"jsonb_strip_nulls(jsonb_build_object({', '.join(part)}))" for part in parts), elsewhere])


def _cells() -> str:
    pairs = ", ".join(f"'{name}', {sql}" for name, sql in CELLS.items())
    return f"jsonb_build_object({pairs})"


# What accounts bring now, of those that fit a condition over `a`.
FACTS = (
    f"select a.id as account_id, coalesce(a.owner_id, 0) as owner_id, {_cells()} as cells, {_holds()} as holds, {_WAKES} as wakes_on {_LOOKS} where "
)
