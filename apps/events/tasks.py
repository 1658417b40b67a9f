from celery import shared_task

from apps.core import clock

from . import services


@shared_task(name="events.deliver")
def deliver(delivery_ids: list[int]) -> int:
    return sum(services.deliver(key, now=clock.now()) for key in delivery_ids)


@shared_task(name="events.seal")
def seal() -> int:
    return services.seal(now=clock.now())


@shared_task(name="events.sweep")
def sweep() -> int:
    return services.sweep(now=clock.now())
