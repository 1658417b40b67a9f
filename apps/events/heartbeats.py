"""Signs of life: each process writes its own row, whoever looks compares its age with the limit."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .models import Heartbeat
from .types import ProcessKind

EVERY = timedelta(seconds=2)
# Longer silence means that a process has died or hangs: three signs missed, and a moment for a busy machine.
SILENT = timedelta(seconds=8)
_KEPT = timedelta(days=1)


def beat(
    name: str,
    kind: ProcessKind,
    *,
    host: str,
    pid: int,
    started_at: datetime,
    now: datetime,
    queues: Sequence[str] = (),
    says: Mapping[str, Any] | None = None,
) -> None:
    """This process lives; what it said before is replaced."""
    row = Heartbeat(name=name, kind=kind, host=host[:100], pid=pid, queues=list(queues), started_at=started_at, at=now, says=dict(says or {}))
    kept = ["kind", "host", "pid", "queues", "started_at", "at", "says", "stopped_at"]
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=kept)


def farewell(name: str, *, now: datetime) -> None:
    """The process was asked to stop: it is not missed, but what only it did is not done."""
    Heartbeat.objects.filter(name=name).update(stopped_at=now)


def forget(*, now: datetime) -> int:
    """Drop the rows of processes that have been silent for a day; returns how many. The newest of each kind stays: it says since when none lives."""
    newest = Heartbeat.objects.order_by("kind", "-at").distinct("kind").values("pk")
    return Heartbeat.objects.filter(at__lt=now - _KEPT).exclude(pk__in=newest).delete()[0]
