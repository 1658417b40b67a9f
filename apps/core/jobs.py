"""Starting background work: by name, after commit, and never as the only trace of it."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# After a failure nudges pause this long, so that a dead broker slows one request and not every line of it.
_PAUSE_SECONDS = 5.0
_paused_until = 0.0


def after_commit(task: str, *keys: Any) -> None:
    """Nudge the named task with primary keys once the present transaction is committed.

    A lost nudge loses nothing: the work is a row that the task's sweep finds. So a broker that is down is logged, not raised.
    """
    transaction.on_commit(partial(nudge, task, *keys))


def nudge(task: str, *keys: Any) -> None:
    global _paused_until
    if time.monotonic() < _paused_until:
        return
    try:
        current_app.send_task(task, args=keys, retry=False)
    except (OperationalError, OSError) as error:
        _paused_until = time.monotonic() + _PAUSE_SECONDS
        log.warning("broker did not take %s%r (%s); the sweep will find the row", task, keys, error)


def call_after_commit(function: Callable[..., object], *arguments: Any) -> None:
    """Run a function that must not see uncommitted rows, such as a live hint."""
    transaction.on_commit(partial(function, *arguments))
