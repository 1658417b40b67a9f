from celery import shared_task

from apps.core import clock

from . import services
from .webhooks import dispatch

# Shorter than a supervisor's patience, were it not for an attempt that is under way: that one is made again if it is cut.
_SECONDS = 8.0


@shared_task(name="integrations.forget_calls")
def forget_calls() -> int:
    return services.forget_calls(now=clock.now())


@shared_task(name="integrations.send_webhooks")
def send_webhooks() -> int:
    return dispatch.pump(clock=clock.now, seconds=_SECONDS)


@shared_task(name="integrations.sweep_webhooks")
def sweep_webhooks() -> int:
    return dispatch.sweep(now=clock.now())


@shared_task(name="integrations.forget_deliveries")
def forget_deliveries() -> int:
    return dispatch.forget(now=clock.now())
