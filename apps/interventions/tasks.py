from celery import shared_task

from apps.core import clock

from . import steps


@shared_task(name="interventions.advance")
def advance() -> int:
    return steps.advance(now=clock.now())
