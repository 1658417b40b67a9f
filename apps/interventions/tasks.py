from celery import shared_task

from apps.core import clock

from . import rehearsals, steps


@shared_task(name="interventions.advance")
def advance() -> int:
    return steps.advance(now=clock.now())


@shared_task(name="interventions.rehearse", time_limit=3600, soft_time_limit=3540)
def rehearse(rehearsal_id: int) -> str:
    return rehearsals.work(rehearsal_id, clock=clock.now)


@shared_task(name="interventions.sweep_rehearsals")
def sweep_rehearsals() -> int:
    return rehearsals.sweep(now=clock.now())
