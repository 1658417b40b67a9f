from celery import shared_task

from apps.core import clock, flags
from apps.core.actor import Actor
from apps.core.jobs import in_turns

from . import services

_PER_FILL = 200_000


@shared_task(name="campaigns.refresh_segments")
def refresh_segments(rest: bool = True) -> int:
    """Settle the marks, in claims of a bounded size, so that several workers share a large import."""
    return in_turns(lambda: services.segments.refresh(now=clock.now(), actor=Actor.job("campaigns.refresh_segments")), rest=rest)


@shared_task(name="campaigns.wake_segments")
def wake_segments(rest: bool = True) -> int:
    return in_turns(lambda: services.segments.wake(now=clock.now(), actor=Actor.job("campaigns.wake_segments")), rest=rest)


@shared_task(name="campaigns.fill_segments")
def fill_segments() -> int:
    done, actor = 0, Actor.job("campaigns.fill_segments")
    while done < _PER_FILL and (looked := services.segments.fill(now=clock.now(), actor=actor)):
        done += looked
    return done


@shared_task(name="campaigns.rebuild_segments")
def rebuild_segments() -> int:
    """How many accounts stood where they should not; they are judged anew."""
    return services.segments.rebuild(now=clock.now(), actor=Actor.job("campaigns.rebuild_segments"))


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
