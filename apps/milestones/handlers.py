"""What milestones do when something was announced."""

from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import call_after_commit
from apps.events.models import Event
from apps.events.vocabulary import (
    AccountEvent,
    AccountsChanged,
    ActivityReceived,
    ImportFinished,
    MilestoneAchieved,
    MilestoneTakenBack,
    RiskLowered,
    RiskRaised,
)

from . import live, services

_ACTOR = Actor.job("milestones.handlers")


def mark_stale(event: ActivityReceived | AccountsChanged, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def mark_all_stale(event: ImportFinished, row: Event) -> None:
    services.mark_all_stale(now=clock.now(), cause=row)


def offer_next(event: MilestoneAchieved, row: Event) -> None:
    services.offer_next(account_ids=[event.account_id], now=clock.now(), actor=Actor.job("milestones.handlers"), cause=row)


def note_risk(event: RiskRaised | RiskLowered, row: Event) -> None:
    """Nothing gets harder for an account while its churn risk is in the highest band."""
    services.note_risk(account_id=event.account_id, at_risk=event.to_band == "high")


def reward(event: MilestoneAchieved, row: Event) -> None:
    """What the rules pay, then a word of congratulation that says how much it was."""
    now = clock.now()
    services.for_milestone(progress_id=event.progress_id, actor=_ACTOR, now=now, event=row)
    services.celebrate(progress_id=event.progress_id, actor=_ACTOR, now=now, event=row)


def take_back_rewards(event: MilestoneTakenBack, row: Event) -> None:
    services.take_back_rewards(
        account_id=event.account_id, milestone_id=event.milestone_id, reason=event.reason, actor=_ACTOR, now=clock.now(), event=row
    )


def reward_acts(event: ActivityReceived, row: Event) -> None:
    services.for_activity(event.account_ids, actor=_ACTOR, now=clock.now(), event=row)


def tell_customers(event: AccountEvent, row: Event) -> None:
    """Their open pages fetch the path anew."""
    call_after_commit(live.hint, event.account_id, event.type)
