"""A person says what they take part in. It counts at once, everywhere; nobody chooses for them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import SharingChosen
from apps.messaging import services as messaging
from apps.messaging.models import Consent
from apps.messaging.types import Channel
from apps.milestones import services as milestones

from ..asks import asking
from ..challenges.joining import leave_all
from ..models import Ask, NamedConsent, SharingChoice
from ..types import ASKING, OPEN_ASKS, SURFACE_OF, Surface
from .reading import standings

_SOURCE = "community choices"


def choose(contact: Contact, choices: Mapping[str, bool], *, source: str, actor: Actor, now: datetime) -> int:
    """Write down their word on the surfaces named; those that say the same again are left. Returns how many are new.

    A no takes back what waits and asks, takes them off boards, and nothing of it is handed over after this is committed.
    """
    if unknown := set(choices) - set(Surface.values):
        raise Refused("unknown_surface", f"There is no {', '.join(sorted(unknown))} to take part in; there are {', '.join(Surface.values)}.")
    said = {Surface(name): allowed for name, allowed in choices.items()}
    with transaction.atomic():
        for surface in ASKING:
            if surface in said:
                _bind_messages(contact, surface, said[surface], actor=actor, now=now)
        Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
        before = {one.surface: one for one in standings(contact)}
        fresh = [surface for surface, allowed in said.items() if before[surface].at is None or before[surface].allowed != allowed]
        receipt = {"source": source[:40], "actor": str(actor)[:120], "at": now}
        SharingChoice.objects.bulk_create(SharingChoice(contact=contact, surface=one, allowed=said[one], **receipt) for one in fresh)
        unwanted = [kind for kind, surface in SURFACE_OF.items() if said.get(surface) is False]
        for ask in Ask.objects.filter(contact=contact, kind__in=unwanted, state__in=OPEN_ASKS).order_by("pk"):
            asking.call_off(ask=ask, why=f"{contact} does not want to be asked for it.", actor=actor, now=now)
        if said.get(Surface.BOARDS) is False:
            milestones.forget_recognition(contact=contact, actor=actor, now=now)
            leave_all(contact=contact, actor=actor, now=now)
        if fresh:
            allowed_now = [one.surface.value for one in standings(contact) if one.allowed]
            word = SharingChosen(account_id=contact.account_id, contact_id=contact.pk, surfaces=allowed_now)
            events.publish(word, actor=actor, now=now)
    return len(fresh)


def _bind_messages(contact: Contact, surface: Surface, allowed: bool, *, actor: Actor, now: datetime) -> None:
    """Messages that ask have the surface as their topic: a no is a no there too, so that the governor holds them until the last moment. A yes takes
    back only such a no, never one that was said to a channel by itself."""
    newest = Consent.objects.filter(contact=contact, topic=surface).order_by("channel", "-at", "-id").distinct("channel")
    said = {row.channel: row for row in newest}
    for channel in Channel.values:
        last = said.get(channel)
        if allowed and not (last and not last.allowed and last.source == _SOURCE):
            continue
        messaging.record_consent(contact=contact, channel=channel, topic=surface, allowed=allowed, source=_SOURCE, actor=actor, now=now)


def carry_over(*, kept: Contact, gone: Contact, actor: Actor, now: datetime) -> int:
    """Two rows turned out to be one person: a no of the one counts for the other, unless they said yes later. A yes is never carried over."""
    before = {one.surface: one for one in standings(kept)}
    unwanted: dict[str, bool] = {}
    for one in standings(gone):
        own = before[one.surface].at
        if one.at and not one.allowed and (own is None or own < one.at):
            unwanted[one.surface] = False
    return choose(kept, unwanted, source="merged", actor=actor, now=now) if unwanted else 0


def forget_sharing(*, contact: Contact, actor: Actor, now: datetime) -> None:
    """A person is erased: what they said goes, and they take part in nothing any more."""
    with transaction.atomic():
        leave_all(contact=contact, actor=actor, now=now)
        SharingChoice.objects.filter(contact=contact).delete()
        NamedConsent.objects.filter(contact=contact).delete()
        never = {"allowed": False, "source": "erased", "actor": str(actor)[:120], "at": now}
        SharingChoice.objects.bulk_create(SharingChoice(contact=contact, surface=surface, **never) for surface in Surface)
