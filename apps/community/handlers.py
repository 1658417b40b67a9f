"""What the community does when something was announced."""

from apps.core import clock
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent, AccountsChanged, MessageNotSent, ReferralChanged, StoryChanged

from . import services

_ACTOR = Actor.job("community.handlers")


def look_again(event: AccountEvent, row: Event) -> None:
    """Something that may make a moment, or end one."""
    services.mark_stale([event.account_id], now=clock.now(), cause=row)


def look_at_changed(event: AccountsChanged | StoryChanged, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def note_not_sent(event: MessageNotSent, row: Event) -> None:
    services.note_not_sent(message_id=event.message_id, reason=event.reason, actor=_ACTOR, now=clock.now())


def note_referral(event: ReferralChanged, row: Event) -> None:
    """A referral that holds is a favour, asked for or not."""
    if event.state == "approved":
        services.note_referral(account_id=event.account_id, referral_id=event.referral_id, at=row.at, actor=_ACTOR, now=clock.now())
