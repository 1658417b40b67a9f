from celery import shared_task

from apps.core import clock, flags
from apps.core.actor import Actor

from . import auditing, escalation, fits, rehearsals, services, steps


@shared_task(name="interventions.advance")
def advance() -> int:
    return steps.advance(now=clock.now(), learned=flags.channels_are_learned())


@shared_task(name="interventions.look")
def look() -> int:
    return fits.look_at_all(reaches=flags.play_reaches, actor=Actor.job("interventions.look"), now=clock.now())


@shared_task(name="interventions.judge_windows")
def judge_windows() -> int:
    return services.judge_windows(actor=Actor.job("interventions.judge_windows"), now=clock.now())


@shared_task(name="interventions.audit")
def audit() -> int:
    return auditing.audit(actor=Actor.job("interventions.audit"), now=clock.now())


@shared_task(name="interventions.escalate")
def escalate() -> int:
    return escalation.advance(now=clock.now())


@shared_task(name="interventions.rehearse", time_limit=3600, soft_time_limit=3540)
def rehearse(rehearsal_id: int) -> str:
    return rehearsals.work(rehearsal_id, clock=clock.now)


@shared_task(name="interventions.sweep_rehearsals")
def sweep_rehearsals() -> int:
    return rehearsals.sweep(now=clock.now())
