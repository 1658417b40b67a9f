"""The Celery application. Periodic jobs record their last success here, once for all; workers show that they live."""

import logging
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from celery import Celery
from celery.signals import (
    after_setup_logger,
    after_setup_task_logger,
    before_task_publish,
    task_failure,
    task_prerun,
    task_success,
    worker_init,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)

from . import collector
from .log import Discreet

if TYPE_CHECKING:
    from .pulse import Pulse

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_platform.settings.dev")

app = Celery("cs_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_began: dict[str, float] = {}
_pulses: list["Pulse"] = []
# More tasks in hand than these are not named one by one.
_MOST_NAMED = 20


@after_setup_logger.connect
@after_setup_task_logger.connect
def log_discreetly(logger: logging.Logger, **_: object) -> None:
    for handler in logger.handlers:
        handler.setFormatter(Discreet(within=handler.formatter))


def _is_periodic(name: str) -> bool:
    from .schedule import JOBS

    return any(job.task == name for job in JOBS)


@task_prerun.connect
def note_start(task_id: str, task: Any, **_: object) -> None:
    from apps.core import clock
    from apps.events import services

    if _is_periodic(task.name):
        _began[task_id] = time.monotonic()
        services.record_start(task.name, now=clock.now())


@task_success.connect
def note_success(sender: Any, result: object, **_: object) -> None:
    from apps.core import clock
    from apps.events import services

    if _is_periodic(sender.name):
        seconds = time.monotonic() - _began.pop(sender.request.id, time.monotonic())
        services.record_success(sender.name, now=clock.now(), seconds=seconds, result="" if result is None else str(result))


@task_failure.connect
def note_failure(task_id: str, exception: Exception, sender: Any, **_: object) -> None:
    from apps.core import clock
    from apps.events import services

    if _is_periodic(sender.name):
        _began.pop(task_id, None)
        services.record_failure(sender.name, now=clock.now(), error=repr(exception))


@before_task_publish.connect
def note_sending(headers: dict[str, Any], **_: object) -> None:
    """So that one who looks into a queue sees how long its oldest task has waited."""
    headers["cs_sent"] = time.time()


@worker_init.connect
def settle_collector(**_: object) -> None:
    """Before the hands are forked, so that each has it."""
    collector.settle()


@worker_ready.connect
def begin_pulse(sender: Any, **_: object) -> None:
    from apps.events.types import ProcessKind

    from .pulse import Pulse

    queues = sorted(sender.app.amqp.queues.consume_from)
    pulse = Pulse(ProcessKind.WORKER, str(sender.hostname), queues=queues, says=lambda: _in_hand(sender))
    _pulses.append(pulse)
    pulse.start()


def _in_hand(consumer: Any) -> dict[str, Any]:
    """What the worker is at, and since when."""
    from celery.worker import state

    tasks = sorted(((task.time_start, task.name) for task in list(state.active_requests) if task.time_start), key=lambda one: one[0])
    doing = [{"task": name, "since": datetime.fromtimestamp(at, UTC).isoformat()} for at, name in tasks[:_MOST_NAMED]]
    return {"hands": consumer.controller.concurrency, "busy": len(tasks), "doing": doing, "done": sum(state.total_count.values())}


@worker_shutting_down.connect
@worker_shutdown.connect
def end_pulse(**_: object) -> None:
    while _pulses:
        _pulses.pop().stop()
