"""What community does by the clock."""

from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor

from . import services


@shared_task(name="community.mature_referrals")
def mature_referrals() -> int:
    return services.referrals.mature_due(actor=Actor.job("community.mature_referrals"), now=clock.now())


@shared_task(name="community.forget_networks")
def forget_networks() -> int:
    return services.referrals.forget_networks(now=clock.now())
