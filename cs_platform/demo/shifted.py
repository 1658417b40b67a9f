"""The clock of the past."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Handlers read the clock themselves; this is the clock they read."""
    before = os.environ.get("CS_CLOCK_SHIFT")
    os.environ["CS_CLOCK_SHIFT"] = str((moment - timezone.now()).total_seconds())
    try:
        yield
    finally:
        os.environ.pop("CS_CLOCK_SHIFT")
        if before is not None:
            os.environ["CS_CLOCK_SHIFT"] = before
