"""The demo company's figures: taken in, reckoned, and told back over its weeks."""

from datetime import datetime, timedelta

from apps.core.actor import Actor
from apps.metrics import services

ACTOR = Actor.job("demo_world")


def write(*, now: datetime) -> int:
    """Take in everybody; returns how many accounts brought something to the figures."""
    services.wake(now=now)
    counted = 0
    # What was announced in the past's last minute marks a little later.
    while settled := services.refresh(now=now + timedelta(minutes=2), actor=ACTOR):
        counted += settled
    # Of a company that was emptied at one stroke sums may be left.
    services.mend_sums()
    services.reckon_sums(now=now, actor=ACTOR)
    services.reckon_house(now=now, actor=ACTOR)
    services.recount_activity(now=now)
    services.tell_back(now=now)
    services.close_day(now=now)
    services.tell_moved(now=now, actor=ACTOR)
    return counted
