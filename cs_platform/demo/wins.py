"""What the demo company's customers go for next, how hard it is for them, and what came of it."""

from datetime import datetime

from apps.core.actor import Actor
from apps.milestones import services as milestones

ACTOR = Actor.job("demo_world")
_AT_ONCE = 500


def begin(now: datetime) -> None:
    """Read what milestones are worth from those who came before, and give everybody a next one."""
    milestones.read_order(now=now)
    _offer(now)


def live(now: datetime) -> None:
    """See what came of the offers, learn from it, and offer the next ones."""
    milestones.settle_outcomes(now=now)
    milestones.learn_outcomes(now=now)
    milestones.read_order_if_old(now=now)
    _offer(now)


def _offer(now: datetime) -> None:
    while milestones.offer_waiting(now=now, actor=ACTOR, limit=_AT_ONCE) == _AT_ONCE:
        pass
