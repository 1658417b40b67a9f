"""A common budget over live campaigns, moved by what each brings per account written to."""

from collections.abc import Sequence
from datetime import datetime

from ..models import Campaign
from ..types import CampaignState
from .figures import BudgetShare
from .history import incrementals

# So much of the budget is always dealt alike, so that the others can still show what they bring.
KEPT_ALIKE = 0.3


def budget_split(*, now: datetime) -> Sequence[BudgetShare]:
    """How a common budget would be split over the live campaigns by their last frozen read-outs; alike where nothing sure is known.

    A campaign moves the budget by the lower end of its interval per treated account: what it brings for sure. One that does sure harm gets nothing
    of what is moved.
    """
    rows = list(Campaign.objects.filter(state=CampaignState.LIVE).order_by("pk"))
    known = incrementals([row.pk for row in rows])
    sure: dict[int, tuple[float, float]] = {}
    for row in rows:
        day = known.get(row.pk)
        goal = day.figures["whole"]["goal"] if day is not None else None
        if goal is not None and day is not None and day.verdict in ("better", "worse") and goal["difference"] is not None:
            sure[row.pk] = (goal["difference"], goal["low"])
    weights = {key: max(low, 0.0) for key, (_, low) in sure.items()}
    total, count = sum(weights.values()), len(rows)
    found = []
    for row in rows:
        alike = 1 / count
        moved = weights.get(row.pk, 0.0) / total if total else alike
        # Who is not sure yet keeps an even share; only what the sure ones have between them is moved.
        part = len(sure) / count
        share = alike if row.pk not in sure or not total else part * (KEPT_ALIKE / len(sure) + (1 - KEPT_ALIKE) * moved)
        difference, low = sure.get(row.pk, (None, None))
        words = "We cannot tell yet, so its share stays." if row.pk not in sure else f"For sure {100 * (low or 0):+.1f} of 100 accounts written to."
        found.append(BudgetShare(row.pk, row.name, difference, low, share, words))
    return found
