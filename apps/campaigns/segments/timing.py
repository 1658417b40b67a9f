"""When time alone could next move an account in or out: one row per segment and account of which that is so."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from apps.core.statements import array_of

from . import grammar as g
from .deciding import decide
from .facts import load
from .living import Living

# Leaves whose answer time alone can change.
_ALWAYS = (g.Last, g.Sequence, g.Coaching, g.Revenue, g.Renewal, g.Survey, g.Ticket, g.Consent, g.In)
_WITHIN = (g.Did, g.Play, g.Milestone)

_KEEP = """
with judged as (
    select * from unnest(%(segments)s::bigint[], %(accounts)s::bigint[], %(due)s::timestamptz[]) as j(segment_id, account_id, due_at)
), over as (
    delete from campaigns_segmentwake w using judged j where w.segment_id = j.segment_id and w.account_id = j.account_id and j.due_at is null
)
insert into campaigns_segmentwake as w (segment_id, account_id, due_at)
select segment_id, account_id, due_at from judged where due_at is not null order by segment_id, account_id
on conflict (segment_id, account_id) do update set due_at = excluded.due_at where w.due_at <> excluded.due_at
"""
_STAYS = """
select segment_id, account_id, entered_at from campaigns_membership
where segment_id = any(%(segments)s::bigint[]) and account_id = any(%(accounts)s::bigint[]) and left_at is null
"""


def is_timed(segment: Living) -> bool:
    """Whether time alone can move anybody."""
    says = segment.says
    return says.stay_days > 0 or any(
        isinstance(leaf, (*_ALWAYS, *_WITHIN)) or (isinstance(leaf, g.Field) and leaf.name.endswith("_days")) for leaf in says.all_leaves
    )


def keep(due: Sequence[tuple[int, int, datetime | None]]) -> None:
    """Write down when to look again, for (segment, account, moment) of accounts that the caller holds; no moment: never."""
    if not due:
        return
    with connection.cursor() as cursor:
        segments, accounts = array_of(one for one, _, _ in due), array_of(one for _, one, _ in due)
        cursor.execute(_KEEP, {"segments": segments, "accounts": accounts, "due": [one for _, _, one in due]})


def keep_for(segment: Living, account_ids: Sequence[int], *, now: datetime) -> None:
    """The same for accounts whose memberships of this segment are right as of now."""
    if not is_timed(segment):
        keep([(segment.id, account, None) for account in account_ids])
        return
    facts = load(dict.fromkeys(account_ids, now), segment.says.all_leaves)
    inside = stays([segment.id], account_ids)
    keep([(segment.id, account, decide(segment.says, one, inside.get((segment.id, account)), segment.id)[1]) for account, one in facts.items()])


def stays(segment_ids: Sequence[int], account_ids: Sequence[int]) -> Mapping[tuple[int, int], datetime]:
    """Since when these accounts are in these segments."""
    if not account_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STAYS, {"segments": array_of(segment_ids), "accounts": array_of(account_ids)})
        return {(segment, account): entered for segment, account, entered in cursor.fetchall()}
