"""What milestones do when something was announced."""

from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import call_after_commit
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent, AccountsChanged, ActivityReceived, ImportFinished, MilestoneAchieved, RiskLowered, RiskRaised

from . import live, services


def mark_stale(event: ActivityReceived | AccountsChanged, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def mark_all_stale(event: ImportFinished, row: Event) -> None:
    services.mark_all_stale(now=clock.now(), cause=row)


def offer_next(event: MilestoneAchieved, row: Event) -> None:
    services.offer_next(account_ids=[event.account_id], now=clock.now(), actor=Actor.job("milestones.handlers"), cause=row)


def note_risk(event: RiskRaised | RiskLowered, row: Event) -> None:
    """Nothing gets harder for an account while its churn risk is in the highest band."""
    services.note_risk(account_id=event.account_id, at_risk=event.to_band == "high")


def tell_customers(event: AccountEvent, row: Event) -> None:
    """Their open pages fetch the path anew."""
    call_after_commit(live.hint, event.account_id, event.type)
