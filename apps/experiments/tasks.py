from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services


@shared_task(name="experiments.take_looks")
def take_looks() -> int:
    return services.take_looks(actor=Actor.job("experiments.take_looks"), now=clock.now())


@shared_task(name="experiments.settle_decisions")
def settle_decisions() -> int:
    return services.settle_due(now=clock.now())


@shared_task(name="experiments.keep_holdouts")
def keep_holdouts() -> int:
    now = clock.now()
    ended = services.renew_holdouts(actor=Actor.job("experiments.keep_holdouts"), now=now)
    return ended + services.admit_new(now=now)
