"""Each web process watches the system: it shows that it lives, looks at what is urgent, tells its pages, and raises alerts with its fellows by turns.

The web process does it because it is what people look at: where worker or clock have stopped, they could not tell of it themselves.
"""

import logging
import os
import threading
import time
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from apps.core import clock
from apps.dashboards import alarms, hub, vitals
from apps.dashboards.lines import Line
from apps.dashboards.system import counted
from apps.events import services as events
from apps.events.types import ProcessKind

from .pulse import Pulse

log = logging.getLogger(__name__)

_ALARMS_EVERY = 15.0
_FORGET_EVERY = 3600.0
_started_in: int | None = None
_lock = threading.Lock()


def start() -> None:
    """Begin once per process; a process that was forked after the start begins its own."""
    global _started_in
    with _lock:
        if not settings.SYSTEM_WATCH or _started_in == os.getpid():
            return
        _started_in = os.getpid()
    Pulse(ProcessKind.WEB, says=_open_pages).start()
    threading.Thread(target=_run, name="watch", daemon=True).start()


def _open_pages() -> dict[str, Any]:
    """What this process's live line says of itself: open pages, how long a hint takes to it, and what slow pages were not sent."""
    return {"sockets": hub.sockets(), "push_lag": hub.push_lag(), "dropped": Line.skipped}


def _run() -> None:
    alarms_at = time.monotonic() + _ALARMS_EVERY
    forget_at = 0.0
    while True:
        try:
            vitals.look(clock.now())
            counted.flush()
            if time.monotonic() >= alarms_at:
                alarms_at = time.monotonic() + _ALARMS_EVERY
                alarms.watch(clock.now())
            if time.monotonic() >= forget_at:
                forget_at = time.monotonic() + _FORGET_EVERY
                events.heartbeats.forget(now=clock.now())
        except DatabaseError as error:
            log.warning("the watch could not look: %s", str(error).splitlines()[0])
            connection.close()
        except Exception:
            # A watch that ends unseen is worse than one that says each time what is wrong with it.
            log.exception("the watch broke, and goes on")
        time.sleep(vitals.EVERY.total_seconds())
