"""What community does when something was announced."""

from apps.core import clock
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import AccountChurned, AccountsChanged, ActivityReceived, MilestoneAchieved, SharingChosen

from . import services
from .types import Surface

_ACTOR = Actor.job("community.handlers")


def take_referrals(event: AccountsChanged, row: Event) -> None:
    """A source told of accounts or people: one of them may be a friend who signed up."""
    services.referrals.take(event.account_ids, actor=_ACTOR, now=clock.now(), event=row)


def look_at_referrals(event: ActivityReceived | MilestoneAchieved, row: Event) -> None:
    """A friend's account may just have got its first value."""
    accounts = event.account_ids if isinstance(event, ActivityReceived) else [event.account_id]
    services.referrals.look_at_accounts(accounts, actor=_ACTOR, now=clock.now(), event=row)


def void_referrals(event: AccountChurned, row: Event) -> None:
    services.referrals.void_for_leaver(event.account_id, actor=_ACTOR, now=clock.now(), event=row)


def take_back_invites(event: SharingChosen, row: Event) -> None:
    """Who declined to recommend us has nothing sent in their name any more."""
    if Surface.REFERRAL not in event.surfaces:
        services.referrals.take_back(event.contact_id, actor=_ACTOR, now=clock.now())
