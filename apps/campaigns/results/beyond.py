"""What campaigns and plays brought beyond what those held out did: outcomes and revenue, for many of them in one statement."""

# ruff: noqa: S608 (the statements are put together from constants of this package)

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from apps.experiments.selectors import Arm, Mean, difference, mismatch, strata

from ..types import AttributedOutcome
from .figures import Incremental
from .touches import OUTCOMES

_FEW = 20
# Accounts by what they were drawn for, the first time in the period that they were; only those whose window is over.
_SIDES = """
with outcomes as materialized (
    select o.* from ({outcomes}) o where (%(book)s::bigint[] is null or o.account_id = any(%(book)s))
), drawn as (
    select 'campaign:' || o.campaign_id as source, r.account_id, bool_or(r.state = 'held_out') as held, least(o.frozen_at, o.due_at) as at,
           coalesce((v.definition ->> 'holdout_percent')::float, 10) as percent
    from campaigns_recipient r join campaigns_occurrence o on o.id = r.occurrence_id join campaigns_campaignversion v on v.id = o.version_id
    where r.state <> 'excluded' and o.frozen_at >= %(since)s and o.frozen_at <= %(now)s
      and (%(campaign)s::bigint is null or o.campaign_id = %(campaign)s) and (%(book)s::bigint[] is null or r.account_id = any(%(book)s))
    group by o.id, v.id, r.account_id
    union all
    select 'play:' || e.play_id, e.account_id, e.arm = 'held_out', e.entered_at, coalesce((v.definition ->> 'holdout_percent')::float, 10)
    from interventions_enrolment e join interventions_playversion v on v.id = e.version_id
    where e.state <> 'candidate' and e.entered_at >= %(since)s and e.entered_at <= %(now)s and %(campaign)s::bigint is null
      and (%(book)s::bigint[] is null or e.account_id = any(%(book)s))
), first as (
    select distinct on (source, account_id) * from drawn order by source, account_id, at
), judged as (
    select f.source, f.percent, f.held, count(o.id) as n, coalesce(sum(o.arr), 0) as arr
    from first f left join outcomes o on o.account_id = f.account_id and o.at > f.at and o.at <= f.at + %(window)s
    where f.at + %(window)s <= %(now)s
    group by f.source, f.percent, f.held, f.account_id
)
select source, percent, held, count(*), sum(n)::float, sum(n * n)::float, count(*) filter (where n > 0), max(n),
       sum(arr)::float, sum(arr * arr)::float
from judged group by source, percent, held
"""


def incrementals(outcome: AttributedOutcome, asked: Mapping[str, Any], *, campaign_id: int | None = None) -> dict[str, Incremental | str]:
    """By source what it brought, or why nothing can be said of it."""
    with connection.cursor() as cursor:
        cursor.execute(_SIDES.replace("{outcomes}", OUTCOMES[outcome]), {**asked, "campaign": campaign_id})
        rows = cursor.fetchall()
    by_source: dict[str, dict[float, dict[bool, Sequence[Any]]]] = defaultdict(lambda: defaultdict(dict))
    for source, percent, held, *figures in rows:
        by_source[source][percent][held] = figures
    found: dict[str, Incremental | str] = {}
    for source, cells in by_source.items():
        whole = [(sides[False], sides[True], percent) for percent, sides in cells.items() if len(sides) == 2]
        if not whole:
            found[source] = "Nobody was held out whose window is over."
        elif source.startswith("campaign:") and _broken(cells):
            found[source] = "The two sides have other sizes than they were drawn for, so something is broken."
        else:
            found[source] = _brought([(one, other) for one, other, _ in whole], with_arr=outcome != AttributedOutcome.MILESTONE)
    return found


def _broken(cells: Mapping[float, Mapping[bool, Sequence[Any]]]) -> bool:
    for percent, sides in cells.items():
        counts = [sides[side][0] if side in sides else 0 for side in (False, True)]
        if 0 < percent < 100 and mismatch.sequential_p(counts, [1 - percent / 100, percent / 100]) < mismatch.WHILE_RUNNING:
            return True
    return False


def _brought(cells: Sequence[tuple[Sequence[Any], Sequence[Any]]], *, with_arr: bool) -> Incremental:
    treated, held = (sum(cell[side][0] for cell in cells) for side in (0, 1))
    if max(side[4] for cell in cells for side in cell) <= 1:
        effect = strata.stratified([(Arm(one[0], one[3]), Arm(other[0], other[3])) for one, other in cells])
        per, low, high = effect.difference or 0.0, effect.low, effect.high
    else:
        per, low, high = _means(cells, 1) or (0.0, -1.0, 1.0)
    sure = (low > 0 or high < 0) and min(treated, held) >= _FEW
    money = _means(cells, 5) if with_arr else None
    arr, arr_low, arr_high = (treated * value for value in money) if money else (None, None, None)
    outcomes, least, most = treated * per, treated * low, treated * high
    words = f"{outcomes:+,.0f} because of it (95 % sure of {least:+,.0f} to {most:+,.0f}), of {treated:,} treated against {held:,} held out."
    if not sure:
        words = f"We cannot tell yet: {least:+,.0f} to {most:+,.0f}, of {treated:,} treated against {held:,} held out."
    return Incremental(treated, held, outcomes, least, most, arr, arr_low, arr_high, sure, words)


def _means(cells: Sequence[tuple[Sequence[Any], Sequence[Any]]], place: int) -> tuple[float, float, float] | None:
    """Difference per account with its ends, from the sums that stand at `place`: of outcomes 1 and 2, of revenue 5 and 6."""
    parts = []
    for one, other in cells:
        between = difference(Mean(other[0], other[place], other[place + 1]), Mean(one[0], one[place], one[place + 1]))
        if between is not None:
            parts.append((between, one[0] + other[0]))
    whole = strata.combined(parts)
    return (whole.effect, *whole.interval()) if whole is not None else None
