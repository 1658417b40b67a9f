from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import in_turns

from . import services


@shared_task(name="metrics.refresh")
def refresh(rest: bool = True) -> int:
    """Take in what changed, in claims of a bounded size, so that several workers share a large import."""
    return in_turns(lambda: services.refresh(now=clock.now(), actor=Actor.job("metrics.refresh")), rest=rest)


@shared_task(name="metrics.tell")
def tell() -> int:
    return services.tell_moved(now=clock.now(), actor=Actor.job("metrics.tell"))


@shared_task(name="metrics.wake")
def wake() -> int:
    return services.wake(now=clock.now())


@shared_task(name="metrics.reckon_sums")
def reckon_sums() -> list[str]:
    return services.reckon_sums(now=clock.now(), actor=Actor.job("metrics.reckon_sums"))


@shared_task(name="metrics.reckon_offered")
def reckon_offered() -> list[str]:
    return services.reckon_offered(now=clock.now(), actor=Actor.job("metrics.reckon_offered"))


@shared_task(name="metrics.reckon_house")
def reckon_house() -> int:
    return services.reckon_house(now=clock.now(), actor=Actor.job("metrics.reckon_house"))


@shared_task(name="metrics.close_day")
def close_day() -> int:
    return services.close_day(now=clock.now())


@shared_task(name="metrics.tell_back")
def tell_back() -> int:
    return services.tell_back(now=clock.now())


@shared_task(name="metrics.recount_activity")
def recount_activity() -> int:
    return services.recount_activity(now=clock.now())


@shared_task(name="metrics.recount")
def recount() -> int:
    """How many accounts brought something else than was kept; they are put right."""
    return services.recount(now=clock.now(), actor=Actor.job("metrics.recount")).differing
