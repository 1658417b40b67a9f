from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services


@shared_task(name="alerts.wake")
def wake() -> int:
    return services.wake_due(actor=Actor.job("alerts.wake"), now=clock.now())
