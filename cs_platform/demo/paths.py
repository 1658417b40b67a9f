"""The demo company's milestones: put live eight weeks ago, with the history of everybody before taken in, judged as of each day since."""

from datetime import datetime, timedelta

from apps.core.actor import Actor
from apps.core.shares import position
from apps.milestones import library
from apps.milestones import services as milestones
from apps.milestones.models import Milestone, Progress
from apps.milestones.types import ProgressState

ACTOR = Actor.job("demo_world")
# Where everything else of it is reached, so many held the review in which the customer puts a number on the value.
_REVIEWED = 0.6
_SAID = (
    "Review call: about six hours a week less at the telephone.",
    "Review call: invoices are paid nine days sooner than a year ago.",
    "Review call: two no-shows a week instead of seven, some 400 a month.",
)


def open_paths(now: datetime) -> None:
    """What customers had reached before anybody spoke of milestones is history: taken in, and told to nobody."""
    library.ensure(now=now, live=True)
    milestones.evaluate_all(now=now, actor=ACTOR, told=False)
    milestones.judge_pace(now=now, actor=ACTOR)


def live(now: datetime) -> None:
    """Judge everybody as of now; some hold their review."""
    milestones.evaluate_all(now=now, actor=ACTOR)
    review = Milestone.objects.get(key="value-confirmed")
    ready = Progress.objects.filter(milestone=review, state=ProgressState.OPEN, opened_at__lt=now - timedelta(days=20))
    for row in ready.select_related("account").order_by("account_id"):
        share = position("review", row.account_id)
        if share < _REVIEWED and position(f"when:{now.date()}", row.account_id) < 0.15:
            proof = _SAID[int(share / _REVIEWED * len(_SAID))]
            milestones.achieve(account=row.account, milestone=review, proof=proof, at=now, actor=ACTOR, now=now)
    milestones.judge_pace(now=now, actor=ACTOR)
