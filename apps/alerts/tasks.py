from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services
from .escalation import auditing, climbing
from .notifying import sending


@shared_task(name="alerts.escalate")
def escalate() -> int:
    return climbing.advance(now=clock.now())


@shared_task(name="alerts.send_notices")
def send_notices() -> int:
    return sending.advance(clock=clock.now)


@shared_task(name="alerts.sweep_notices")
def sweep_notices() -> int:
    return sending.sweep(now=clock.now())


@shared_task(name="alerts.audit")
def audit() -> int:
    found = auditing.audit(now=clock.now())
    if found:
        # Whoever usually sends may be what stands still.
        sending.advance(clock=clock.now)
    return found


@shared_task(name="alerts.wake")
def wake() -> int:
    return services.wake_due(actor=Actor.job("alerts.wake"), now=clock.now())
