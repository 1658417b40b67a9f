from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services


@shared_task(name="coaching.read_outcomes")
def read_outcomes() -> int:
    return services.read_outcomes(actor=Actor.job("coaching.read_outcomes"), now=clock.now())


@shared_task(name="coaching.ask_how_it_went")
def ask_how_it_went() -> int:
    return services.ask_how_it_went(actor=Actor.job("coaching.ask_how_it_went"), now=clock.now())
