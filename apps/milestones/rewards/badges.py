"""Badges: given once and for good, also when what they were given for changes later."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import BadgeEarned

# One statement finds and gives every badge that is due to these accounts; who has it already is passed over by the key.
_GIVE = """
with due as (
    select b.id as badge_id, b.key, a.id as account_id from milestones_badge b
    cross join unnest(%(accounts)s::bigint[]) as a(id)
    where b.live and case b.given_for
        when 'count' then (select count(*) from milestones_progress p where p.account_id = a.id and p.state = 'achieved') >= b.at_least
        when 'milestone' then exists (
            select 1 from milestones_progress p where p.account_id = a.id and p.milestone_id = b.milestone_id and p.state = 'achieved')
        when 'tier' then exists (
            select 1 from milestones_tierstanding s join milestones_tier mine on mine.key = s.tier
            join milestones_tier asked on asked.key = b.tier where s.account_id = a.id and mine.threshold >= asked.threshold)
        when 'streak' then exists (select 1 from milestones_streak s where s.account_id = a.id and s.step = 'week' and s.best >= b.at_least)
        end
), given as (
    insert into milestones_badgeaward (badge_id, account_id, at) select badge_id, account_id, %(now)s from due
    on conflict (account_id, badge_id) do nothing returning badge_id, account_id
)
select given.account_id, due.key from given join due using (badge_id, account_id) order by 1, 2
"""


def give_due(account_ids: Collection[int], *, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """Give what these accounts have earned; returns how many badges were new."""
    if not account_ids:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_GIVE, {"accounts": sorted(set(account_ids)), "now": now})
            given = cursor.fetchall()
        events.publish_all([BadgeEarned(account_id=account_id, badge=key) for account_id, key in given], actor=actor, now=now, cause=event)
    return len(given)
