"""One pass of every periodic job that is due at a moment: for replays, simulations and tests, without beat and workers."""

import os
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.utils import timezone

from apps.churn.models import TrainingRun
from apps.churn.types import RunState
from apps.core import clock, flags
from apps.events.models import Delivery, JobRun

from .schedule import JOBS

_MOST_ROUNDS = 50


def run(now: datetime, *, only_due: bool = True) -> dict[str, Any]:
    """Run the due jobs in schedule order, then go round until no event, stale score or due step is left; the whole process sees `now`."""
    current_app.loader.import_default_modules()
    before = os.environ.get("CS_CLOCK_SHIFT")
    os.environ["CS_CLOCK_SHIFT"] = str((now - timezone.now()).total_seconds())
    results: dict[str, Any] = {}
    try:
        for job in JOBS:
            if only_due and not _is_due(job.task, job.every, now):
                continue
            results[job.task] = current_app.tasks[job.task].apply(throw=True).result
        _send()
        for run_id in list(TrainingRun.objects.filter(state=RunState.QUEUED).values_list("pk", flat=True)):
            current_app.tasks["churn.train"].apply(args=[run_id], throw=True)
        for _ in range(_MOST_ROUNDS):
            quick = [current_app.tasks[job.task].apply(throw=True).result or 0 for job in JOBS if job.every < 60]
            _send()
            if not any(quick) and not Delivery.objects.due_at_moment(clock.now()).filter(attempts=0).exists():
                break
    finally:
        if before is None:
            del os.environ["CS_CLOCK_SHIFT"]
        else:
            os.environ["CS_CLOCK_SHIFT"] = before
    return results


def _send() -> None:
    """What the job of messages only wakes, done at once."""
    for channel in flags.CHANNELS:
        current_app.tasks["messaging.send"].apply(args=[channel], throw=True)


def _is_due(task: str, every: int, now: datetime) -> bool:
    last = JobRun.objects.filter(name=task).values_list("last_success_at", flat=True).first()
    return last is None or last <= now - timedelta(seconds=every)
