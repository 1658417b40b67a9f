"""Reading what milestones are worth from the accounts that could be followed, and which order holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from . import rules
from .models import MilestoneValue, OrderReading
from .pathways import values
from .pathways.values import Value

# Early is within four weeks of the start, staying is being active a quarter later. Who began longer ago than two years knew another product.
EARLY_DAYS, STAY_DAYS, _STILL_DAYS, _OLDEST_DAYS = 28, 90, 28, 730
_ACCOUNTS = """
with followed as (
    select id, started_on, churned_on from accounts_account
    where started_on between greatest(%(today)s::date - %(oldest)s, (select min(day) from accounts_dailyrollup)) and %(today)s::date - %(whole)s
      and (churned_on is null or churned_on > started_on + %(early)s)
), did as (
    select r.account_id, sum(r.count) filter (where r.day < f.started_on + %(early)s) as busy,
        bool_or(r.day > f.started_on + %(whole)s - %(still)s) as late
    from accounts_dailyrollup r join followed f on f.id = r.account_id
    where r.day >= f.started_on and r.day <= f.started_on + %(whole)s group by r.account_id
)
select f.id, coalesce(d.busy, 0)::float8, coalesce(d.late, false) and (f.churned_on is null or f.churned_on > f.started_on + %(whole)s)
from followed f left join did d on d.account_id = f.id order by f.id
"""
_EARLY = """
select p.account_id, p.milestone_id, (p.achieved_at at time zone 'utc')::date - a.started_on
from milestones_progress p join accounts_account a on a.id = p.account_id join milestones_milestone m on m.id = p.milestone_id and m.state = 'live'
where p.state = 'achieved' and p.account_id = any(%(accounts)s)
  and (p.achieved_at at time zone 'utc')::date between a.started_on and a.started_on + %(early)s - 1
"""


@dataclass(frozen=True)
class Followed:
    """Accounts as rows: which milestones each reached early (columns), whether it stayed, how much it did; and the days of those completions."""

    early: values.Numbers
    stayed: values.Numbers
    activity: values.Numbers
    milestones: list[int]
    days: dict[int, list[int]]


def followed(*, now: datetime) -> Followed:
    """Two statements over all accounts that began long enough ago and were still customers after the early time."""
    asked: dict[str, Any] = {"today": now.date(), "early": EARLY_DAYS, "whole": EARLY_DAYS + STAY_DAYS, "still": _STILL_DAYS, "oldest": _OLDEST_DAYS}
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, asked)
        accounts = cursor.fetchall()
        cursor.execute(_EARLY, {"accounts": [row[0] for row in accounts], "early": EARLY_DAYS})
        reached = cursor.fetchall()
    places = {row[0]: place for place, row in enumerate(accounts)}
    milestones = sorted({row[1] for row in reached})
    columns = {key: place for place, key in enumerate(milestones)}
    early, days = np.zeros((len(accounts), len(milestones))), {key: list[int]() for key in milestones}
    for account_id, milestone_id, day in reached:
        early[places[account_id], columns[milestone_id]] = 1.0
        days[milestone_id].append(day)
    return Followed(early, np.array([float(row[2]) for row in accounts]), np.array([row[1] for row in accounts], dtype=np.float64), milestones, days)


def read_order(*, now: datetime) -> OrderReading:
    """Read anew what milestones are worth. With too few accounts the reading says so and holds nothing."""
    least, seen = rules.current().least_accounts, followed(now=now)
    count, stayed = len(seen.stayed), int(seen.stayed.sum())
    found: Sequence[Value] = []
    refused = ""
    if count < least:
        refused = f"{count:,} accounts could be followed for {EARLY_DAYS + STAY_DAYS} days; {least:,} are needed before an order is learned."
    elif not 0 < stayed < count:
        refused = "All of them stayed or none did, so nothing tells milestones apart."
    elif not (found := values.values(seen.early, seen.stayed, seen.activity, seen.milestones)):
        refused = f"No milestone was reached early by {values.LEAST_EACH} accounts and left by as many."
    with transaction.atomic():
        reading = OrderReading.objects.create(as_of=now, accounts=count, stayed=stayed, early_days=EARLY_DAYS, stay_days=STAY_DAYS, refused=refused)
        MilestoneValue.objects.bulk_create(
            MilestoneValue(
                reading=reading,
                milestone_id=one.milestone,
                points=one.points,
                low=one.low,
                high=one.high,
                shrunk=one.shrunk,
                reached=one.reached,
                usual_week=int(np.median(seen.days[one.milestone])) // 7 + 1,
            )
            for one in found
        )
    return reading


def newest_reading() -> OrderReading | None:
    return OrderReading.objects.order_by("-as_of", "-id").first()


def read_order_if_old(*, now: datetime, after: timedelta = timedelta(days=7)) -> OrderReading | None:
    """For the job: once a week is enough, as a reading follows accounts over a quarter."""
    last = newest_reading()
    return None if last is not None and last.as_of > now - after else read_order(now=now)
