"""The first look at everybody by a new rule: in batches, each a statement over its accounts, silently, with its progress on the segment's row."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.vocabulary import SegmentChanged

from ..models import Membership, Segment
from . import marking, timing
from .applying import Change, apply
from .compiled import compiled
from .living import Living, live
from .matters import Kind


def fill(*, now: datetime, actor: Actor, batch: int = 5_000) -> int:
    """Look at the next accounts of the first segment that waits for its first look; returns how many were looked at, 0 when nothing is left.

    A segment that refers to others waits until they are filled. Two that fill the same accounts take turns; the second finds nothing to change.
    """
    segments = live()
    waiting = {one.key for one in segments if not one.filled}
    segment = next((one for one in segments if not one.filled and not (one.says.refers_to - {one.key}) & waiting), None)
    if segment is None:
        return 0
    with transaction.atomic():
        row = Segment.objects.get(pk=segment.id)
        ids = list(Account.objects.filter(pk__gt=row.filled_to).order_by("pk").values_list("pk", flat=True)[:batch])
        mine = Segment.objects.filter(pk=segment.id, state="live", current_id=segment.says.version_id, filled_at=None, filled_to=row.filled_to)
        if not ids:
            if mine.update(filled_at=now):
                events.publish(SegmentChanged(segment_id=segment.id, key=segment.key), actor=actor, now=now)
            return 1
        marking.hold(ids)
        changes = differing(segment, ids, now=now)
        done = apply(changes, told=False, actor=actor, now=now)
        timing.keep_for(segment, ids, now=now)
        # Who refers to it and was not begun yet looks at everybody afterwards anyway.
        if done and Segment.objects.filter(pk__in=segment.followers).exclude(filled_at__isnull=True, filled_to=0).exists():
            marking.mark([account for *_, account in done], kinds=Kind.SEGMENTS, now=now)
        mine.update(filled_to=ids[-1])
    return len(ids)


def differing(segment: Living, account_ids: Sequence[int] | None, *, now: datetime) -> list[Change]:
    """Whose membership is not as the rule, as one SQL statement, says; None: of everybody. Whoever is in and no longer fits leaves by the terms of
    leaving."""
    says = segment.says
    fits = matching(says.rule, account_ids, segment_id=segment.id, now=now)
    rows = Membership.objects.open().filter(segment=segment.id)
    if account_ids is not None:
        rows = rows.filter(account__in=account_ids)
    inside = dict(rows.values_list("account_id", "entered_at"))
    out = [key for key in inside if key not in fits and inside[key] + timedelta(days=says.stay_days) <= now]
    if says.leaves is not None and out:
        may = matching(says.leaves, out, segment_id=segment.id, now=now)
        out = [key for key in out if key in may]
    entering = [Change(segment.id, says.version_id, key, True, now) for key in sorted(fits - inside.keys())]
    return entering + [Change(segment.id, says.version_id, key, False, now) for key in sorted(out)]


def matching(rule: object, account_ids: Sequence[int] | None, *, segment_id: int, now: datetime) -> set[int]:
    sql, params = compiled(rule, now, segment_id=segment_id, account_ids=account_ids)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {key for (key,) in cursor.fetchall()}


def begin(segment: Segment) -> None:
    """Have everybody looked at by the rule that the segment has now, in the caller's transaction."""
    Segment.objects.filter(pk=segment.pk).update(filled_at=None, filled_to=0)
    segment.filled_at, segment.filled_to = None, 0
    after_commit("campaigns.fill_segments")
