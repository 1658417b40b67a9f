from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import renewals, services
from .models import ChurnDefinition

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
def score_all(definition_id: int | None = None, actor: str = "job:churn.score_all") -> int:
    now = clock.now()
    definition = ChurnDefinition.objects.get(pk=definition_id) if definition_id else None
    return services.score_all(definition=definition, as_of=now, now=now, actor=Actor(*actor.split(":", 1)))


@shared_task(name="churn.train")
def train(definition_id: int | None = None, actor: str = "job:churn.train") -> str:
    now = clock.now()
    definition = ChurnDefinition.objects.get(pk=definition_id) if definition_id else services.ensure_default(now=now)
    return services.train(definition, as_of=now, now=now, actor=Actor(*actor.split(":", 1))).reason


@shared_task(name="churn.call_renewals")
def call_renewals() -> int:
    return renewals.call_renewals(now=clock.now())
