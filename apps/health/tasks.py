from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import in_turns

from . import services

# Small, so that a claim is less than a turn.
_AT_ONCE = 200


@shared_task(name="health.score_stale")
def score_stale(rest: bool = True) -> int:
    """Settle the marks, in claims of a bounded size, so that several workers share a large import."""
    return in_turns(lambda: services.score_stale(now=clock.now(), actor=Actor.job("health.score_stale"), limit=_AT_ONCE), rest=rest)


@shared_task(name="health.score_day")
def score_day() -> int:
    return services.score_day(now=clock.now(), actor=Actor.job("health.score_day"))


@shared_task(name="health.backtest_asked")
def backtest_asked() -> int:
    """Try the versions somebody asked about on the own history."""
    return services.backtest_asked(now=clock.now(), actor=Actor.job("health.backtest_asked"))
