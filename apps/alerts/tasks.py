from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import in_turns

from . import services
from .escalation import auditing, climbing
from .notifying import sending
from .rules import early, trials, watching, writing


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


@shared_task(name="alerts.watch")
def watch(rest: bool = True) -> int:
    """Settle the marks, in claims of a bounded size, so that several workers share a large import."""
    return in_turns(lambda: early.look(now=clock.now(), actor=Actor.job("alerts.watch")), rest=rest)


@shared_task(name="alerts.mark_by_time")
def mark_by_time() -> int:
    return early.mark_by_time(now=clock.now())


@shared_task(name="alerts.look", time_limit=3600, soft_time_limit=3540)
def look() -> int:
    """Judge the days that are over; most runs find none."""
    return watching.look(now=clock.now(), actor=Actor.job("alerts.look"))


@shared_task(name="alerts.fade_scores")
def fade_scores() -> int:
    return writing.fade(now=clock.now())


@shared_task(name="alerts.try_rule", time_limit=3600, soft_time_limit=3540)
def try_rule(trial_id: int) -> str:
    return trials.work(trial_id, clock=clock.now)


@shared_task(name="alerts.sweep_trials")
def sweep_trials() -> int:
    return trials.sweep(now=clock.now())
