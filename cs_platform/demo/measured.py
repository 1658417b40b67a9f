"""What the demo company's campaigns have changed: the read-out of every day of the last two weeks, kept by the product's services."""

from datetime import datetime, timedelta

from apps.campaigns.models import FrozenReadout
from apps.campaigns.services import results

_DAYS = 14


def write(*, now: datetime) -> int:
    """Call it when the campaigns have gone out. Returns how many days are kept."""
    for back in range(_DAYS, -1, -1):
        moment = now - timedelta(days=back)
        results.judge_goals(now=moment)
        results.freeze_readouts(now=moment)
    return FrozenReadout.objects.count()
