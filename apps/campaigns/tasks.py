from celery import shared_task

from apps.core import clock, flags

from . import services


@shared_task(name="campaigns.advance", time_limit=3600, soft_time_limit=3540)
def advance() -> int:
    return services.campaigns.advance(now=clock.now(), learned=flags.channels_are_learned())


@shared_task(name="campaigns.follow_surveys")
def follow_surveys() -> dict[str, int]:
    return services.surveys.follow(now=clock.now())


@shared_task(name="campaigns.watch_loops")
def watch_loops() -> int:
    return services.surveys.watch_loops(now=clock.now())
