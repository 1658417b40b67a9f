from celery import shared_task

from apps.core import clock, flags
from apps.core.actor import Actor
from apps.core.jobs import in_turns

from . import renewals, runs, services
from .models import ChurnDefinition

_AT_ONCE = 500
# A large company learns for a while; a worker that dies meanwhile is noticed by its missing signs of life, long before this.
_TRAINING = 4 * 3600


@shared_task(name="churn.score_stale")
def score_stale(rest: bool = True) -> int:
    """Settle the marks, in claims of a bounded size, so that several workers share a large import."""
    actor = Actor.job("churn.score_stale")
    return in_turns(lambda: services.score_stale(now=clock.now(), actor=actor, limit=_AT_ONCE, share_of=flags.challenger_share), rest=rest)


@shared_task(name="churn.score_all")
def score_all(definition_id: int | None = None, actor: str = "job:churn.score_all") -> int:
    now = clock.now()
    definition = ChurnDefinition.objects.get(pk=definition_id) if definition_id else None
    return services.score_all(definition=definition, as_of=now, now=now, actor=Actor(*actor.split(":", 1)), share_of=flags.challenger_share)


@shared_task(name="churn.train", time_limit=_TRAINING, soft_time_limit=_TRAINING - 60)
def train(run_id: int) -> str:
    return runs.work(run_id, clock=clock.now)


@shared_task(name="churn.sweep_training")
def sweep_training() -> int:
    return runs.sweep(now=clock.now())


@shared_task(name="churn.retrain")
def retrain() -> int:
    return runs.ask_for_due(now=clock.now())


@shared_task(name="churn.look_back")
def look_back() -> int:
    return services.look_back(now=clock.now(), actor=Actor.job("churn.look_back"))


@shared_task(name="churn.call_renewals")
def call_renewals() -> int:
    return renewals.call_renewals(now=clock.now())
