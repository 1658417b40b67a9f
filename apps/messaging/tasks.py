import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from celery import shared_task
from django.db import DatabaseError, connection

from apps.core import clock, flags
from apps.core.jobs import nudge

from . import costs, doubts, resting, selectors, services
from . import dispatch as sending

# Short enough that a worker asked to stop has finished before its supervisor loses patience; the next nudge goes on.
_SECONDS = 8.0


# Senders of one channel at the same time, in all processes together: a slow provider takes no more hands than these from the others.
_SENDERS = 2


@shared_task(name="messaging.dispatch")
def dispatch() -> int:
    """Wake the senders of every open channel that has something due; returns how many. Each channel is a task of its own, so that a slow one never
    stops another."""
    due = [channel for channel in selectors.channels_due(clock.now()) if flags.channel_is_open(channel)]
    for channel in due:
        nudge("messaging.send", channel)
    return len(due)


@shared_task(name="messaging.send")
def send(channel: str) -> int:
    """Send what a channel has until nothing is due or the time is up. The kill switch is asked again before every claim."""
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    until = time.monotonic() + _SECONDS
    total = 0
    with _place(channel) as have:
        while have and time.monotonic() < until and flags.channel_is_open(channel):
            looked_at = sending.one_round(channel, owner=owner, clock=clock.now, is_open=flags.channel_is_open)
            total += looked_at
            if not looked_at:
                break
    return total


@contextmanager
def _place(channel: str) -> Iterator[bool]:
    """One of the places of a channel's senders, or False where all are taken. The lock is the session's: whoever is killed gives it back at once."""
    with connection.cursor() as cursor:
        for number in range(_SENDERS):
            cursor.execute("select pg_try_advisory_lock(hashtext(%s), %s)", [f"messaging.send:{channel}", number])
            if cursor.fetchone()[0]:
                break
        else:
            number = -1
    try:
        yield number >= 0
    finally:
        if number >= 0:
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtext(%s), %s)", [f"messaging.send:{channel}", number])


@shared_task(name="messaging.sweep")
def sweep() -> int:
    return sending.sweep(now=clock.now())


@shared_task(name="messaging.reconcile")
def reconcile() -> int:
    return doubts.reconcile(now=clock.now())


@shared_task(name="messaging.close_digests")
def close_digests() -> int:
    return services.close_digests(now=clock.now())


@shared_task(name="messaging.forget_guests")
def forget_guests() -> int:
    return services.forget_guests(now=clock.now())


@shared_task(name="messaging.learn_prices")
def learn_prices() -> int:
    return costs.learn(now=clock.now())


@shared_task(name="messaging.watch")
def watch() -> int:
    return resting.watch(now=clock.now())
