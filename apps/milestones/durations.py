"""How long accounts take from the opening of a milestone to reaching it, by cohort.

P50, P75 and P90 are of those who reached it after it opened to them; who had done it all when it opened (`already`) took no time and is not
among them. Quantiles of completions alone flatter, as those who take long are still on their way. So each cohort also tells how many are
(`under_way`) and how many customers left without (`left`), and which share of all who began was there by P75 and by P90: the product-limit estimate
(Kaplan and Meier 1958), which counts whoever is under way or left as not yet there for as long as they were seen.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

COHORTS = ("plan", "segment", "tier")

_COUNTS = """
with d as (
    select p.milestone_id, a.{cohort} as cohort, p.state = 'achieved' as there, p.state <> 'achieved' and a.churned_on is not null as gone,
        p.achieved_at = p.opened_at as already,
        extract(epoch from coalesce(p.achieved_at, least(a.churned_on::timestamp at time zone 'UTC', %(now)s)) - p.opened_at)::float8 / 86400 as days
    from milestones_progress p join accounts_account a on a.id = p.account_id
    where p.opened_at is not null and p.opened_at <= %(now)s and p.state in ('achieved', 'open', 'paused') {which}
        and (p.achieved_at is null or p.achieved_at >= p.opened_at)
)
select milestone_id, case when grouping(cohort) = 1 then null else cohort end, count(*) filter (where there and not already),
    count(*) filter (where already), count(*) filter (where not there and not gone), count(*) filter (where gone),
    percentile_cont(array[0.5, 0.75, 0.9]) within group (order by days) filter (where there and not already)
from d group by grouping sets ((milestone_id), (milestone_id, cohort)) order by 1, 2 nulls first
"""
_BY_DAY = """
select p.milestone_id, a.{cohort}, p.state = 'achieved' as there,
    floor(extract(epoch from
        coalesce(p.achieved_at, least(a.churned_on::timestamp at time zone 'UTC', %(now)s)) - p.opened_at) / 86400)::int, count(*)
from milestones_progress p join accounts_account a on a.id = p.account_id
where p.opened_at is not null and p.opened_at <= %(now)s and p.state in ('achieved', 'open', 'paused') {which}
    and (p.achieved_at is null or p.achieved_at > p.opened_at)
group by 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Durations:
    """Days; None where nobody is there yet. `cohort` is empty for everybody. `share_p75` and `share_p90`: 0 to 1 of all who began."""

    milestone_id: int
    cohort: str
    completions: int
    p50: float | None
    p75: float | None
    p90: float | None
    already: int
    under_way: int
    left: int
    share_p75: float | None
    share_p90: float | None


def durations(milestone_id: int | None = None, *, by: str = "plan", now: datetime) -> list[Durations]:
    """Every milestone's (or one's) durations: everybody first, then each cohort by plan, segment or tier. Two statements."""
    if by not in COHORTS:
        raise ValueError(f"Cohorts are by {', '.join(COHORTS)}, not by {by!r}.")
    which = "and p.milestone_id = %(milestone)s" if milestone_id is not None else ""
    parameters = {"now": now, "milestone": milestone_id}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(cohort=by, which=which), parameters)
        counted = cursor.fetchall()
        cursor.execute(_BY_DAY.format(cohort=by, which=which), parameters)
        lives = _lives(cursor.fetchall())
    found = []
    for milestone, cohort, completions, already, under_way, left, quantiles in counted:
        p50, p75, p90 = quantiles or (None, None, None)
        mine = lives.get((milestone, cohort), {})
        shares = [None if days is None else reached_by(mine, days) for days in (p75, p90)]
        # An empty word is a cohort of its own only where it is asked for by name; everybody is told first.
        if cohort == "":
            continue
        found.append(Durations(milestone, cohort or "", completions, p50, p75, p90, already, under_way, left, *shares))
    return found


def _lives(rows: list[tuple[Any, ...]]) -> dict[tuple[int, str | None], dict[int, list[int]]]:
    """By milestone and cohort (None: everybody): day -> [reached on it, seen no longer than it]."""
    found: dict[tuple[int, str | None], dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for milestone, cohort, there, day, count in rows:
        for key in {(milestone, None), (milestone, cohort)}:
            found[key][max(day, 0)][0 if there else 1] += count
    return found


def reached_by(lives: Mapping[int, list[int]], days: float) -> float:
    """The share (0 to 1) of all who began that is there by so many days: product limit over whole days."""
    at_risk, still = sum(sum(pair) for pair in lives.values()), 1.0
    for day in sorted(lives):
        if day > days:
            break
        there, gone = lives[day]
        if at_risk:
            still *= 1 - there / at_risk
        at_risk -= there + gone
    return 1 - still
