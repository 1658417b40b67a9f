"""Starting background work: by name, after commit, and never as the only trace of it."""

import logging
import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import current_app, current_task
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# Seconds that a backlog may keep a worker from what came meanwhile.
TURN = 0.3
# After a failure nudges pause this long, so that a dead broker slows one request and not every line of it.
_PAUSE_SECONDS = 5.0
_paused_until = 0.0


def after_commit(task: str, *keys: Any) -> None:
    """Nudge the named task with primary keys once the present transaction is committed.

    A lost nudge loses nothing: the work is a row that the task's sweep finds. So a broker that is down is logged, not raised.
    """
    transaction.on_commit(partial(nudge, task, *keys))


def nudge(task: str, *keys: Any, patient: bool = False) -> None:
    """Have a worker take this up; a `patient` one goes behind everything that waits."""
    global _paused_until
    if time.monotonic() < _paused_until:
        return
    try:
        priority = {"priority": settings.CELERY_BROKER_TRANSPORT_OPTIONS["priority_steps"][-1]} if patient else {}
        # Written out here: Celery's own way of it costs more than the sending.
        current_app.send_task(task, args=keys, retry=False, argsrepr=repr(keys), **priority)
    except (OperationalError, OSError) as error:
        _paused_until = time.monotonic() + _PAUSE_SECONDS
        log.warning("broker did not take %s%r (%s); the sweep will find the row", task, keys, error)


def turn_after_commit(task: str) -> None:
    """Nudge a task that works on a backlog `in_turns`, for one turn: what is left after it is for the task's periodic run."""
    after_commit(task, False)


def call_after_commit(function: Callable[..., object], *arguments: Any) -> None:
    """Run a function that must not see uncommitted rows, such as a live hint."""
    transaction.on_commit(partial(function, *arguments))


def in_turns(work: Callable[[], int], *, rest: bool) -> int:
    """Work on a backlog, a claim at a time, until nothing is left; returns how much was done.

    A worker does so for one turn: if there is more, and the task is to see to the `rest`, it gets another behind everything that waits, so that
    a large import never stands in front of a single event.
    """
    task, done = current_task, 0
    in_worker = task and not task.request.called_directly and not task.request.is_eager
    until = time.monotonic() + (TURN if in_worker else math.inf)
    while did := work():
        done += did
        if time.monotonic() >= until:
            if rest:
                nudge(task.name, patient=True)
            break
    return done
