from celery import shared_task

from apps.core import clock, flags
from apps.core.actor import Actor

from . import services

_PER_RUN = 200_000


@shared_task(name="campaigns.fill_segments")
def fill_segments() -> int:
    """Look at everybody by the rules that are new."""
    done = 0
    while done < _PER_RUN and (looked := services.segments.fill(now=clock.now(), actor=Actor.job("campaigns.fill_segments"))):
        done += looked
    return done


@shared_task(name="campaigns.follow_surveys")
def follow_surveys() -> dict[str, int]:
    return services.surveys.follow(now=clock.now())


@shared_task(name="campaigns.watch_loops")
def watch_loops() -> int:
    return services.surveys.watch_loops(now=clock.now())


@shared_task(name="campaigns.advance", time_limit=3600, soft_time_limit=3540)
def advance() -> int:
    return services.campaigns.advance(now=clock.now(), learned=flags.channels_are_learned())
