"""Memberships that follow what changed: marked accounts at once, due ones as of the instant they were due, in the order of what refers to what."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events.models import Event

from ..models import SegmentMark, SegmentWake
from . import marking, timing
from .applying import Change, apply
from .deciding import decide
from .facts import load, look_inside
from .grammar import In
from .living import Living, live

_DUE = """
select segment_id, account_id, due_at from campaigns_segmentwake where due_at <= %(now)s order by due_at, account_id limit %(limit)s
"""


def refresh(*, now: datetime, actor: Actor, limit: int = 1_000) -> int:
    """Settle up to `limit` marks: judge each account by the live segments that look at what changed; returns how many were settled.

    The marks stay locked from claim to commit: others skip them, and a mark that arrives meanwhile waits and is kept.
    """
    with transaction.atomic():
        marks = SegmentMark.objects.filter(stale_since__isnull=False).order_by("stale_since", "account_id").select_for_update(skip_locked=True)
        claimed = list(marks.values_list("account_id", "kinds", "stale_cause_id")[:limit])
        if not claimed:
            return 0
        segments = live()
        kinds = {account: bits for account, bits, _ in claimed}
        wanted = {one.id: {account for account, bits in kinds.items() if bits & one.matters} for one in segments}
        causes = Event.objects.in_bulk({cause for _, _, cause in claimed if cause})
        because = {account: causes[cause] for account, _, cause in claimed if cause in causes}
        _judge(segments, wanted, dict.fromkeys(kinds, now), actor=actor, now=now, causes=because)
        SegmentMark.objects.filter(pk__in=list(kinds)).update(kinds=0, stale_since=None, stale_cause=None)
    return len(claimed)


def wake(*, now: datetime, actor: Actor, limit: int = 1_000) -> int:
    """Judge whom time alone could have moved, each as of the instant at which that was due; returns how many were. Others' are skipped."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DUE, {"now": now, "limit": limit})
            first: dict[int, datetime] = {}
            for _, account, due_at in cursor.fetchall():
                first.setdefault(account, due_at)
        if not first:
            return 0
        held = marking.hold(sorted(first), wait=False)
        # Read again under the lock: somebody may have taken them meanwhile. An account with several instants takes them one after the other.
        rows = SegmentWake.objects.filter(account__in=held, due_at__lte=now).order_by("account_id", "due_at")
        segments = live()
        known = {one.id for one in segments}
        moments: dict[int, datetime] = {}
        wanted: dict[int, set[int]] = {}
        for account, group in groupby(rows.values_list("account_id", "segment_id", "due_at"), key=lambda row: row[0]):
            due = list(group)
            moments[account] = due[0][2]
            for _, segment, due_at in due:
                if segment in known and due_at == moments[account]:
                    wanted.setdefault(segment, set()).add(account)
        SegmentWake.objects.filter(account__in=held, due_at__lte=now).exclude(segment__in=known).delete()
        _judge(segments, wanted, moments, actor=actor, now=now, causes={})
    return len(moments)


def _judge(
    segments: list[Living],
    wanted: dict[int, set[int]],
    moments: Mapping[int, datetime],
    *,
    actor: Actor,
    now: datetime,
    causes: Mapping[int, Event],
) -> None:
    """Level by level: what a segment's change means for those that refer to it is seen in the next level."""
    asked = [one for one in segments if wanted.get(one.id)]
    first = {one.id: frozenset(wanted[one.id]) for one in asked}
    accounts = sorted(set().union(*first.values()))
    # Who is inside what they refer to is read level by level.
    leaves = [leaf for one in asked for leaf in one.says.all_leaves if not isinstance(leaf, In)]
    known = load({account: moments[account] for account in accounts}, leaves)
    inside = dict(timing.stays([one.id for one in asked], accounts))
    due: list[tuple[int, int, datetime | None]] = []
    for _, group in groupby(segments, key=lambda one: one.level):
        level = [one for one in group if wanted.get(one.id)]
        if not level:
            continue
        leaves = [leaf for one in level for leaf in one.says.all_leaves]
        brought = sorted(set().union(*(wanted[one.id] - first.get(one.id, frozenset()) for one in level)))
        facts = known | load({account: moments[account] for account in brought}, leaves)
        inside.update(timing.stays([one.id for one in level], brought))
        look_inside({account: facts[account] for one in level for account in wanted[one.id] if account in facts}, leaves)
        changes: dict[bool, list[Change]] = {True: [], False: []}
        for one in level:
            timed = timing.is_timed(one)
            for account in wanted[one.id]:
                if account not in facts:
                    continue
                entered_at = inside.get((one.id, account))
                stays, next_at = decide(one.says, facts[account], entered_at, one.id)
                if stays != (entered_at is not None):
                    changes[one.filled].append(Change(one.id, one.says.version_id, account, stays, moments[account]))
                # What was due is over, also where the rule is another one by now.
                if timed or moments[account] < now:
                    due.append((one.id, account, next_at if timed else None))
        done = [row for told, rows in changes.items() for row in apply(rows, told=told, actor=actor, now=now, causes=causes)]
        followers = {one.id: one.followers for one in level}
        for _, segment, account in done:
            for follower in followers[segment]:
                wanted.setdefault(follower, set()).add(account)
    timing.keep(due)
