from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services

_AT_ONCE = 200
_PER_RUN = 5_000


@shared_task(name="coaching.refit", time_limit=1800, soft_time_limit=1740)
def refit() -> str:
    return str(services.refit(now=clock.now()))


@shared_task(name="coaching.recommend", time_limit=1800, soft_time_limit=1740)
def recommend() -> int:
    """Slates for everybody whose turn it is, in claims of a bounded size."""
    now = clock.now()
    ids = services.turn_of(now=now, limit=_PER_RUN)
    batches = [ids[place : place + _AT_ONCE] for place in range(0, len(ids), _AT_ONCE)]
    return sum(len(services.recommend(batch, now=now, actor=Actor.job("coaching.recommend"))) for batch in batches)


@shared_task(name="coaching.read_tips")
def read_tips() -> int:
    """Which open tips are out of date, and what came of those whose window is over."""
    now = clock.now()
    return services.end_stale(now=now) + services.read_due(now=now)


@shared_task(name="coaching.read_outcomes")
def read_outcomes() -> int:
    return services.read_outcomes(actor=Actor.job("coaching.read_outcomes"), now=clock.now())


@shared_task(name="coaching.ask_how_it_went")
def ask_how_it_went() -> int:
    return services.ask_how_it_went(actor=Actor.job("coaching.ask_how_it_went"), now=clock.now())
