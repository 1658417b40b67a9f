from celery import shared_task

from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import in_turns

from . import services


@shared_task(name="community.find_moments")
def find_moments(rest: bool = True) -> int:
    """Settle the marks, in claims of a bounded size."""
    return in_turns(lambda: services.find_stale(now=clock.now(), actor=Actor.job("community.find_moments")), rest=rest)


@shared_task(name="community.find_all_moments")
def find_all_moments() -> int:
    return services.find_all(now=clock.now(), actor=Actor.job("community.find_all_moments"))


@shared_task(name="community.count_challenges")
def count_challenges() -> int:
    """Count what was done, and close what is over."""
    now = clock.now()
    counted = services.count_challenges(now=now)
    services.close_challenges(actor=Actor.job("community.count_challenges"), now=now)
    return counted


@shared_task(name="community.publish_statements")
def publish_statements() -> int:
    return services.publish_all(now=clock.now())


@shared_task(name="community.mature_referrals")
def mature_referrals() -> int:
    return services.referrals.mature_due(actor=Actor.job("community.mature_referrals"), now=clock.now())


@shared_task(name="community.forget_networks")
def forget_networks() -> int:
    return services.referrals.forget_networks(now=clock.now())
