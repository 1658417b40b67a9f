from celery import shared_task

from apps.core import clock

from . import services


@shared_task(name="campaigns.follow_surveys")
def follow_surveys() -> dict[str, int]:
    return services.surveys.follow(now=clock.now())


@shared_task(name="campaigns.watch_loops")
def watch_loops() -> int:
    return services.surveys.watch_loops(now=clock.now())
