"""What the community does when something was announced."""

from apps.accounts.models import Identity
from apps.core import clock
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import (
    AccountChurned,
    AccountEvent,
    AccountsChanged,
    ActivityReceived,
    ContactsMerged,
    MessageNotSent,
    MilestoneAchieved,
    ReferralChanged,
    SharingChosen,
    StoryChanged,
)

from . import services
from .types import Surface

_ACTOR = Actor.job("community.handlers")


def look_again(event: AccountEvent, row: Event) -> None:
    """Something that may make a moment, or end one."""
    services.mark_stale([event.account_id], now=clock.now(), cause=row)


def look_at_changed(event: AccountsChanged | StoryChanged, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def carry_choices_over(event: ContactsMerged, row: Event) -> None:
    """A no that somebody said under another id is theirs still."""
    identity = Identity.objects.select_related("contact", "merged").filter(pk=event.identity_id, undone_at=None).first()
    if identity and identity.merged and not event.undone:
        services.carry_over(kept=identity.contact, gone=identity.merged, actor=_ACTOR, now=clock.now())


def note_not_sent(event: MessageNotSent, row: Event) -> None:
    services.note_not_sent(message_id=event.message_id, reason=event.reason, actor=_ACTOR, now=clock.now())


def note_referral(event: ReferralChanged, row: Event) -> None:
    """A referral that holds is a favour, asked for or not."""
    if event.state == "approved":
        services.note_referral(account_id=event.account_id, referral_id=event.referral_id, at=row.at, actor=_ACTOR, now=clock.now())


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
