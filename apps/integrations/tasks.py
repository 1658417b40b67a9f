from celery import shared_task

from apps.core import clock

from . import services


@shared_task(name="integrations.forget_calls")
def forget_calls() -> int:
    return services.forget_calls(now=clock.now())
