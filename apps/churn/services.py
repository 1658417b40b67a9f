from collections.abc import Sequence
from datetime import datetime

from apps.events.models import Event


def mark_stale(account_ids: Sequence[int], *, now: datetime, cause: Event | None = None) -> None: ...


def mark_all_stale(*, now: datetime, cause: Event | None = None) -> None: ...
