"""The clock of periodic jobs, with a sign of life at its ticks: it is written by the ticking itself, so a clock that hangs falls silent."""

import os
import socket
import time
from typing import Any

from django.db import DatabaseError, connection
from django_celery_beat.schedulers import DatabaseScheduler

from apps.core import clock
from apps.events import services as events
from apps.events.types import ProcessKind


class BeatingScheduler(DatabaseScheduler):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._began, self._beaten = clock.now(), 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        try:
            return float(super().tick(*args, **kwargs))
        finally:
            # Celery makes schedulers also to list their entries; only one that ticks lives.
            self._beat()

    def close(self) -> None:
        super().close()
        if self._beaten:
            self._write(farewell=True)

    def _beat(self) -> None:
        if time.monotonic() - self._beaten >= events.heartbeats.EVERY.total_seconds():
            self._beaten = time.monotonic()
            self._write()

    def _write(self, *, farewell: bool = False) -> None:
        name, now = f"beat@{socket.gethostname()}", clock.now()
        try:
            if farewell:
                events.heartbeats.farewell(name, now=now)
            else:
                events.heartbeats.beat(name, ProcessKind.BEAT, host=socket.gethostname(), pid=os.getpid(), started_at=self._began, now=now)
        except DatabaseError:
            # The database is away: the next tick opens the line anew.
            connection.close()
