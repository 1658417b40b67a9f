"""The nightly count of everything, held against what was kept from change to change."""

import time
from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor

from .happenings import recount_activity
from .keeping import mend_sums, take_in, tell
from .models import AccountTally, Recount

_RECOUNTED = 5_000
_EXAMPLES = 20


def recount(*, now: datetime, actor: Actor) -> Recount:
    """Count every account anew against what was kept; what differs is put right and told. Marks that stand are work, no difference."""
    began, after, counted = time.monotonic(), 0, 0
    differing: list[int] = []
    while True:
        with transaction.atomic():
            rows = AccountTally.objects.filter(account_id__gt=after, stale_since__isnull=True).exclude(wakes_on__lte=now.date())
            ids = list(rows.order_by("account_id").select_for_update(skip_locked=True).values_list("account_id", flat=True)[:_RECOUNTED])
            if not ids:
                break
            moved, changed = take_in(ids, now)
            tell(moved, actor=actor, now=now)
        counted, after = counted + len(ids), ids[-1]
        differing += changed
    return Recount.objects.create(
        at=now,
        accounts=counted,
        differing=len(differing),
        examples=differing[:_EXAMPLES],
        tallies=mend_sums(),
        days=recount_activity(now=now),
        seconds=round(time.monotonic() - began, 3),
    )
