"""Memberships that begin and end: many at once, by one statement, with the sizes of the segments and the news of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.core.actor import Actor
from apps.core.statements import array_of
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import SegmentEntered, SegmentLeft

from ..models import Segment
from ..types import SegmentState

# A stay that ended at the very moment it began goes on: there can be no second one of that moment.
_APPLY = """
with change as (
    select * from unnest(%(segments)s::bigint[], %(versions)s::bigint[], %(accounts)s::bigint[], %(enters)s::bool[], %(moments)s::timestamptz[])
        as c(segment_id, version_id, account_id, enters, at)
), entered as (
    insert into campaigns_membership as m (segment_id, account_id, version_id, entered_at)
    select segment_id, account_id, version_id, at from change where enters order by segment_id, account_id
    on conflict (segment_id, account_id, entered_at) do update set left_at = null where m.left_at is not null
    returning id, segment_id, account_id
), gone as (
    update campaigns_membership m set left_at = greatest(c.at, m.entered_at)
    from change c where not c.enters and m.segment_id = c.segment_id and m.account_id = c.account_id and m.left_at is null
    returning m.id, m.segment_id, m.account_id
), both_ways as (
    select true as enters, id, segment_id, account_id from entered union all select false, id, segment_id, account_id from gone
), sized as (
    update campaigns_segment s set size = size + d.by
    from (select segment_id, sum(case when enters then 1 else -1 end) as by from both_ways group by 1) d where s.id = d.segment_id
)
select enters, id, segment_id, account_id from both_ways order by segment_id, account_id
"""


@dataclass(frozen=True)
class Change:
    segment_id: int
    version_id: int
    account_id: int
    enters: bool
    at: datetime


def apply(
    changes: Sequence[Change],
    *,
    told: bool,
    actor: Actor,
    now: datetime,
    causes: Mapping[int, Event] | None = None,
) -> list[tuple[bool, int, int]]:
    """Write the changes of accounts that the caller holds; returns those that took place as (enters, segment, account).

    What was judged by a rule that meanwhile is not the segment's any more is left out: the new rule's first look covers it.
    """
    if not changes:
        return []
    # One order for everybody who changes several segments at once; the foreign keys of new memberships are not kept waiting.
    wanted = sorted({change.segment_id for change in changes})
    rows = Segment.objects.filter(pk__in=wanted, state=SegmentState.LIVE).order_by("pk").select_for_update(no_key=True)
    held = {row.pk: row for row in rows}
    valid = [change for change in changes if change.segment_id in held and held[change.segment_id].current_id == change.version_id]
    with connection.cursor() as cursor:
        cursor.execute(
            _APPLY,
            {
                "segments": array_of(change.segment_id for change in valid),
                "versions": array_of(change.version_id for change in valid),
                "accounts": array_of(change.account_id for change in valid),
                "enters": [change.enters for change in valid],
                "moments": [change.at for change in valid],
            },
        )
        done = cursor.fetchall()
    if told:
        said: dict[Event | None, list[SegmentEntered | SegmentLeft]] = {}
        for enters, membership, segment, account in done:
            say = SegmentEntered if enters else SegmentLeft
            news = say(account_id=account, segment_id=segment, segment=held[segment].key, membership_id=membership)
            said.setdefault((causes or {}).get(account), []).append(news)
        for cause, news_of_cause in said.items():
            events.publish_all(news_of_cause, actor=actor, now=now, cause=cause)
    return [(enters, segment, account) for enters, _, segment, account in done]
