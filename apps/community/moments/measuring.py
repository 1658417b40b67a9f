"""What asking brings: favours of accounts that had a moment, asked or held out, compared by what they were drawn for and not by what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count

from apps.experiments import selectors as experiments

from ..models import Ask
from ..types import AskState

WINDOW = timedelta(days=60)
# The first moment of each account in the time, and whether anything was done for us in the 60 days after it.
_BY_ASSIGNMENT = """
with first as (
    select distinct on (account_id) account_id, state = 'held_out' as held_out, found_at from community_moment
    where found_at >= %(since)s and found_at < %(until)s and account_id = any(%(mine)s) order by account_id, found_at, id
)
select held_out, count(*), count(*) filter (where exists (
    select 1 from community_favour f where f.account_id = first.account_id and f.at > first.found_at and f.at <= first.found_at + %(window)s))
from first group by held_out
"""


@dataclass(frozen=True)
class Measured:
    """`effect` compares accounts with a moment by assignment; the steps count asks of the same time."""

    effect: experiments.Effect
    proposed: int
    asked: int
    agreed: int
    done: int


def measured(account_ids: list[int], *, since: datetime, until: datetime) -> Measured:
    """Of moments found in the time; those younger than 60 days are still counted short on both sides alike."""
    with connection.cursor() as cursor:
        said: dict[str, Any] = {"since": since, "until": until, "mine": account_ids, "window": WINDOW}
        cursor.execute(_BY_ASSIGNMENT, said)
        arms = {held_out: experiments.Arm(n, successes) for held_out, n, successes in cursor.fetchall()}
    effect = experiments.effect(arms.get(False, experiments.Arm(0, 0)), arms.get(True, experiments.Arm(0, 0)))
    asks = Ask.objects.filter(account__in=account_ids, proposed_at__gte=since, proposed_at__lt=until)
    by = dict(asks.order_by().values_list("state").annotate(count=Count("id")))
    done, agreed = by.get(AskState.DONE, 0), by.get(AskState.AGREED, 0)
    asked = asks.filter(asked_at__isnull=False).count()
    return Measured(effect, sum(by.values()), asked, agreed + done, done)
