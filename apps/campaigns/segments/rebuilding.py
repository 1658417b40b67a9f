"""The nightly look at everybody: each live segment's rule as one statement over all accounts, held against the memberships that were kept."""

import time
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor

from ..models import Membership, SegmentMark, SegmentRebuild, SegmentWake
from . import filling, marking
from .applying import Change
from .living import Living, live
from .matters import EVERYTHING

_SHOWN = 20


def rebuild(*, now: datetime, actor: Actor, only: Collection[int] | None = None) -> int:
    """Look at every live segment (or only these) whose first look is over; returns how many accounts differed. What differed is written down and
    judged anew, so that it is announced like any change. What waits to be judged anyway does not count as a difference."""
    differing = 0
    for segment in live():
        if not segment.filled or (only is not None and segment.id not in only):
            continue
        began = time.perf_counter()
        changes = filling.differing(segment, None, now=now)
        if changes:
            changes = _still(segment, [change.account_id for change in changes], now=now)
        missing = sum(1 for change in changes if change.enters)
        SegmentRebuild.objects.create(
            segment_id=segment.id,
            at=now,
            members=Membership.objects.open().filter(segment=segment.id).count() + missing - (len(changes) - missing),
            missing=missing,
            surplus=len(changes) - missing,
            examples=[change.account_id for change in changes[:_SHOWN]],
            seconds=round(time.perf_counter() - began, 3),
        )
        differing += len(changes)
    return differing


def _still(segment: Living, account_ids: list[int], *, now: datetime) -> list[Change]:
    """Those that differ while nobody else can move them and nothing waits to."""
    with transaction.atomic():
        held = marking.hold(account_ids)
        waiting = set(SegmentMark.objects.filter(account__in=held, stale_since__isnull=False).values_list("account_id", flat=True))
        waiting |= set(SegmentWake.objects.filter(segment=segment.id, account__in=held, due_at__lte=now).values_list("account_id", flat=True))
        found = filling.differing(segment, [key for key in held if key not in waiting], now=now)
        marking.mark([change.account_id for change in found], kinds=EVERYTHING, now=now)
    return found
