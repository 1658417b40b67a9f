"""What the community does when something was announced."""

from apps.accounts.models import Identity
from apps.core import clock
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent, AccountsChanged, ContactsMerged, MessageNotSent, ReferralChanged, StoryChanged

from . import services

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
