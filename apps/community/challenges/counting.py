"""Counting: from the facts themselves, each once, so that order, repeats and crashes change nothing."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from ..models import Challenge
from ..types import ChallengeState
from .window import closes_at, ends_at, starts_at

# So long after the close what comes late is still told as late.
_TOLD_LATE = timedelta(days=14)
_DONE = """
select e.id, a.source || ':' || a.message_id, a.at, a.received_at > %(closes)s
from community_challengeentry e join accounts_activityevent a on a.account_id = e.account_id and (e.team or a.contact_id = e.contact_id)
where e.challenge_id = %(challenge)s and a.name = %(activity)s and a.at >= %(starts)s and a.at < %(ends)s
"""
_REACHED = """
select e.id, 'progress:' || p.id, p.achieved_at, p.noticed_at > %(closes)s
from community_challengeentry e join milestones_progress p on p.account_id = e.account_id
where e.challenge_id = %(challenge)s and p.milestone_id = %(milestone)s and p.state = 'achieved'
and p.achieved_at >= %(starts)s and p.achieved_at < %(ends)s
"""
_COUNT = """
with facts (entry_id, key, at, late) as ({facts}),
gone as (
    delete from community_challengecount c using community_challengeentry e
    where c.entry_id = e.id and e.challenge_id = %(challenge)s and not exists (select 1 from facts f where f.entry_id = c.entry_id and f.key = c.key)
)
insert into community_challengecount (entry_id, key, at, late) select entry_id, key, at, late from facts order by entry_id, key
on conflict (entry_id, key) do update set at = excluded.at, late = excluded.late
where (community_challengecount.at, community_challengecount.late) is distinct from (excluded.at, excluded.late)
"""
_SUM = """
with sums as (
    select e.id, count(c.id) filter (where not c.late) as count, count(c.id) filter (where c.late) as late,
        (select n.at from community_challengecount n where n.entry_id = e.id and not n.late
            order by n.at, n.key offset %(before)s limit 1) as reached_at
    from community_challengeentry e left join community_challengecount c on c.entry_id = e.id
    where e.challenge_id = %(challenge)s group by e.id
)
update community_challengeentry e set count = s.count, late = s.late, reached_at = s.reached_at from sums s
where s.id = e.id and (e.count, e.late, e.reached_at) is distinct from (s.count, s.late, s.reached_at)
"""


def count(challenge: Challenge) -> int:
    """Bring everybody's count in line with the facts; returns how many changed."""
    facts = _DONE if challenge.activity else _REACHED
    said: dict[str, Any] = {
        "challenge": challenge.pk,
        "activity": challenge.activity,
        "milestone": challenge.milestone_id,
        "starts": starts_at(challenge),
        "ends": ends_at(challenge),
        "closes": closes_at(challenge),
        "before": challenge.target - 1,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        Challenge.objects.select_for_update().get(pk=challenge.pk)
        cursor.execute(_COUNT.format(facts=facts), said)
        cursor.execute(_SUM, said)
        return int(cursor.rowcount)


def count_all(*, now: datetime) -> int:
    """Those that are open, and those that closed lately, so that latecomers are told that they are late."""
    rows = Challenge.objects.exclude(state=ChallengeState.DRAFT).exclude(closed_at__lt=now - _TOLD_LATE).order_by("pk")
    return sum(count(row) for row in rows if starts_at(row) <= now)
