"""A process of ours shows every two seconds that it lives: a thread of its own writes one row, so that it is seen also while the work is long."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import DatabaseError, connection

from apps.core import clock
from apps.events import services as events
from apps.events.types import ProcessKind

log = logging.getLogger(__name__)


class Pulse:
    """The pulse of this process, from `start` to `stop`."""

    def __init__(self, kind: ProcessKind, name: str = "", *, queues: Sequence[str] = (), says: Callable[[], dict[str, Any]] = dict) -> None:
        self.kind, self.queues, self.says = kind, queues, says
        self.host, self.pid = socket.gethostname(), os.getpid()
        self.name = name or f"{kind}@{self.host}:{self.pid}"
        self.started_at = clock.now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The process was asked to stop: the row says so, and this thread is over before the process is."""
        self._over.set()
        self._thread.join(timeout=3)

    def beat(self) -> None:
        """One sign of life. A database that does not answer is met again at the next."""
        try:
            events.heartbeats.beat(
                self.name, self.kind, host=self.host, pid=self.pid, started_at=self.started_at, now=clock.now(), queues=self.queues, says=self.says()
            )
        except DatabaseError as error:
            log.warning("no sign of life could be written: %s", str(error).splitlines()[0])
            connection.close()

    def _run(self) -> None:
        while True:
            self.beat()
            if self._over.wait(events.heartbeats.EVERY.total_seconds()):
                break
        try:
            events.heartbeats.farewell(self.name, now=clock.now())
        except DatabaseError as error:
            log.warning("no farewell could be written: %s", str(error).splitlines()[0])
        connection.close()
