from apps.core import clock
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import ActivityReceived, MilestoneAchieved, MilestoneTakenBack

from . import services

_ACTOR = Actor.job("milestones.handlers")


def reward(event: MilestoneAchieved, row: Event) -> None:
    """What the rules pay, then a word of congratulation that says how much it was."""
    now = clock.now()
    services.for_milestone(progress_id=event.progress_id, actor=_ACTOR, now=now, event=row)
    services.celebrate(progress_id=event.progress_id, actor=_ACTOR, now=now, event=row)


def take_back_rewards(event: MilestoneTakenBack, row: Event) -> None:
    services.take_back(account_id=event.account_id, milestone_id=event.milestone_id, reason=event.reason, actor=_ACTOR, now=clock.now(), event=row)


def reward_acts(event: ActivityReceived, row: Event) -> None:
    services.for_activity(event.account_ids, actor=_ACTOR, now=clock.now(), event=row)
