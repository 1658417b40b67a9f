from celery import shared_task

from apps.core import clock, flags
from apps.core.actor import Actor

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


@shared_task(name="campaigns.judge_goals", time_limit=1800, soft_time_limit=1740)
def judge_goals() -> int:
    return services.results.judge_goals(now=clock.now())


@shared_task(name="campaigns.move_shares", time_limit=1800, soft_time_limit=1740)
def move_shares() -> int:
    return services.results.move_all(actor=Actor.job("campaigns.move_shares"), now=clock.now())


@shared_task(name="campaigns.freeze_readouts", time_limit=3600, soft_time_limit=3540)
def freeze_readouts() -> int:
    return services.results.freeze_readouts(now=clock.now())
