"""What came of offers: reached in time or not, each counted once. An outcome follows the facts, so corrected facts correct it.

In time is by when the account's cohort would be stuck, counted from the offer: offered + (stuck - opened). A pause moves stuck, and so gives its
time back. Reached late stays a failure, as somebody who needed twice the time found it hard.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from .models import WinningRules
from .rules import kept

# Where a milestone has no stuck time: as definitions have it.
USUAL_STUCK = timedelta(days=28)
_DUE = "c.at + coalesce(p.stuck_at - greatest(p.opened_at, m.live_at), %(usual)s)"
_THESE = "(%(accounts)s::bigint[] is null or c.account_id = any(%(accounts)s))"
# A success that the facts no longer bear waits again, and is settled by what is known now.
_NOT_REACHED = f"""
with wrong as (
    select c.id, c.learned_at from milestones_difficultychoice c join milestones_progress p on p.id = c.progress_id
    where c.reached and {_THESE} and (p.state <> 'achieved' or p.achieved_at <> c.ended_at)
      and not exists (select 1 from milestones_difficultychoice n where n.progress_id = c.progress_id and n.id > c.id)
    order by c.id for update of c
)
update milestones_difficultychoice c set reached = null, ended_at = null, due_at = null, learned_at = null, void = false
from wrong where c.id = wrong.id
returning wrong.learned_at is not null
"""  # noqa: S608 (put together from our own constants)
# What came to light later: it had been reached before its time was over.
_REACHED = f"""
with wrong as (
    select c.id, c.learned_at, p.achieved_at, p.achieved_at < c.at as void
    from milestones_difficultychoice c join milestones_progress p on p.id = c.progress_id
    where not c.reached and {_THESE} and p.state = 'achieved' and p.achieved_at <= c.ended_at
    order by c.id for update of c
)
update milestones_difficultychoice c set reached = true, ended_at = wrong.achieved_at, learned_at = null, void = wrong.void
from wrong where c.id = wrong.id returning wrong.learned_at is not null
"""  # noqa: S608
_SETTLE = f"""
with over as (
    select c.id,
        p.state = 'achieved' and p.achieved_at <= {_DUE} as reached,
        least({_DUE}, case p.state when 'achieved' then p.achieved_at when 'dropped' then %(now)s end) as ended,
        {_DUE} as due, p.state = 'achieved' and p.achieved_at < c.at as void
    from milestones_difficultychoice c join milestones_progress p on p.id = c.progress_id join milestones_milestone m on m.id = p.milestone_id
    where c.ended_at is null and {_THESE}
      and (p.state in ('achieved', 'dropped') or (p.state in ('open', 'locked') and {_DUE} <= %(now)s))
    order by c.id for update of c
)
update milestones_difficultychoice c set reached = over.reached, ended_at = over.ended, due_at = over.due, void = over.void
from over where c.id = over.id
"""  # noqa: S608


def settle(*, now: datetime, account_ids: Sequence[int] | None = None) -> int:
    """Note what came of offers, for these accounts or for all; returns how many outcomes are new or corrected."""
    asked: dict[str, Any] = {"now": now, "usual": USUAL_STUCK, "accounts": None if account_ids is None else list(account_ids)}
    with transaction.atomic(), connection.cursor() as cursor:
        corrected = []
        for statement in (_NOT_REACHED, _REACHED):
            cursor.execute(statement, asked)
            corrected += [learned for (learned,) in cursor.fetchall()]
        if any(corrected):
            kept()
            WinningRules.objects.filter(pk=1).update(relearn=True)
        cursor.execute(_SETTLE, asked)
        return int(cursor.rowcount) + len(corrected)
