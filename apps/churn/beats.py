"""Signs of life of a training, while one of its stages takes minutes."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from .models import TrainingRun

log = logging.getLogger(__name__)


class Beats:
    """Within the block a thread with a connection of its own writes `beat_at`, six times for each lease."""

    def __init__(self, run: QuerySet[TrainingRun], clock: Callable[[], datetime]) -> None:
        self._run = run
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="training-beats", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._over.wait(settings.TRAINING_LEASE_SECONDS / 6):
                self._run.all().update(beat_at=self._clock())
        except DatabaseError as error:
            log.warning("a training goes on without signs of life: %s", error)
        finally:
            connection.close()
