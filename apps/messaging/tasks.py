import os
import socket
import time
import uuid

from celery import shared_task

from apps.core import clock, flags

from . import dispatch as sending

# Short enough that a worker asked to stop has finished before its supervisor loses patience; the next nudge goes on.
_SECONDS = 8.0


@shared_task(name="messaging.dispatch")
def dispatch() -> int:
    """Send until nothing is due or the time is up. The kill switches are asked again before every claim."""
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    until = time.monotonic() + _SECONDS
    total = 0
    while time.monotonic() < until:
        looked_at = sum(sending.one_round(channel, owner=owner, clock=clock.now) for channel in flags.CHANNELS if flags.channel_is_open(channel))
        total += looked_at
        if not looked_at:
            break
    return total


@shared_task(name="messaging.sweep")
def sweep() -> int:
    return sending.sweep(now=clock.now())
