from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services

_AT_ONCE = 500
_PER_RUN = 20_000


@shared_task(name="churn.score_stale")
def score_stale() -> int:
    """Settle the marks, in claims of a bounded size, so that several workers share a large import."""
    done = 0
    while done < _PER_RUN and (settled := services.score_stale(now=clock.now(), actor=Actor.job("churn.score_stale"), limit=_AT_ONCE)):
        done += settled
    return done


@shared_task(name="churn.score_all")
def score_all() -> int:
    now = clock.now()
    return services.score_all(as_of=now, now=now, actor=Actor.job("churn.score_all"))


@shared_task(name="churn.train")
def train() -> str:
    now = clock.now()
    return services.train(services.ensure_default(now=now), as_of=now, now=now, actor=Actor.job("churn.train")).reason
