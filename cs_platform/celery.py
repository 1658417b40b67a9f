"""The Celery application. Periodic jobs record their last success here, once for all."""

import logging
import os
import time
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger, task_failure, task_prerun, task_success

from .log import Discreet

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_platform.settings.dev")

app = Celery("cs_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_began: dict[str, float] = {}


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
