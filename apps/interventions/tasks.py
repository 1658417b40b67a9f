from celery import shared_task

from apps.core import clock

from . import escalation, steps


@shared_task(name="interventions.advance")
def advance() -> int:
    return steps.advance(now=clock.now())


@shared_task(name="interventions.escalate")
def escalate() -> int:
    return escalation.advance(now=clock.now())
