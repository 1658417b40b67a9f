"""A contact's word: on which topics and channels they may be written to, and which addresses never again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import ConsentChanged

from . import asking, crossing, policy, selectors
from .models import Consent, Message, Suppression, Template
from .recall import cancel_waiting
from .types import BY_PHONE, RECALLABLE, Channel


def topics() -> list[str]:
    """What a contact can say no to."""
    return sorted({"success", *Template.objects.order_by().values_list("topic", flat=True).distinct()})


@dataclass(frozen=True)
class Choice:
    """One topic on one channel, and whether the contact wants it now; `asks` where a yes counts only once they confirmed it by a link."""

    topic: str
    channel: Channel
    allowed: bool
    asks: bool = False

    @property
    def name(self) -> str:
        """Of its box in a form."""
        return f"{self.channel.value}:{self.topic}"


def choices(contact: Contact) -> list[Choice]:
    """Everything that the contact can say yes or no to: each topic on each channel that reaches them, in the order of topics."""
    newest = Consent.objects.filter(contact=contact).order_by("channel", "topic", "-at", "-id").distinct("channel", "topic")
    said = {(row.channel, row.topic): row.allowed for row in newest}
    asks = policy.current().confirmed_topics
    reach = {Channel.EMAIL: bool(contact.email), **dict.fromkeys(BY_PHONE, bool(contact.phone))}
    channels = [channel for channel in Channel if reach.get(channel, True)]
    every = [(topic, channel) for topic in sorted({*topics(), *asks}) for channel in channels]
    return [Choice(topic, channel, said.get((channel, topic), topic not in asks), topic in asks) for topic, channel in every]


def choose(contact: Contact, wanted: Collection[str], *, source: str, now: datetime) -> int:
    """Say yes to the choices named and no to all others; returns how many words changed. A yes that has to be confirmed is asked for by a message."""
    changed = 0
    with transaction.atomic():
        crossing.await_handovers(contact.pk)
        for choice in choices(contact):
            wants = choice.name in wanted
            if wants and choice.asks and not choice.allowed:
                asking.ask_consent(contact=contact, channel=choice.channel, topic=choice.topic, source=source, now=now)
            elif wants != choice.allowed:
                changed += record_consent(contact=contact, channel=choice.channel, topic=choice.topic, allowed=wants, source=source, now=now)
    return changed


def unsubscribe(*, token_or_contact: str | Contact, channel: str = "", topic: str = "success", source: str, now: datetime) -> None:
    """No more messages on this topic and channel; a signed token brings both with it. Doing it twice changes nothing more."""
    if isinstance(token_or_contact, str):
        meaning = selectors.meaning_of_unsubscribe(token_or_contact)
        if meaning is None:
            raise Refused("bad_token", "This link is not complete. Use the link exactly as it stands in the email.")
        contact_id, channel, topic = meaning
        contact = Contact.objects.filter(pk=contact_id).first()
        if contact is None:
            raise Refused("bad_token", "This link belongs to nobody we know any more. You get no messages from us.")
    else:
        contact = token_or_contact
    record_consent(contact=contact, channel=channel, topic=topic, allowed=False, source=source, now=now)


def record_consent(
    *, contact: Contact, channel: str, topic: str, allowed: bool, source: str, wording: str = "", actor: Actor | None = None, now: datetime
) -> bool:
    """Write down the contact's word as a receipt; a no takes back what waits, and nothing is handed over after it. True when it changed anything.

    `wording`: what they were asked. `actor`: who wrote it down, where it was not the contact.
    """
    who = actor or Actor.contact(contact.pk)
    with transaction.atomic():
        if not allowed:
            crossing.await_handovers(contact.pk)
        waiting = Message.objects.filter(contact=contact, channel=channel, topic=topic, state__in=RECALLABLE).order_by("pk")
        # Messages first, then the contact, as the claim does.
        ids = [] if allowed else [row.pk for row in waiting.select_for_update(of=("self",))]
        Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
        newest = Consent.objects.filter(contact=contact, channel=channel, topic=topic).order_by("-at", "-id").first()
        # Nothing said counts as a yes, but for topics that want one in words.
        changed = (newest.allowed if newest else not (allowed and topic in policy.current().confirmed_topics)) != allowed
        if changed:
            receipt = {"source": source[:120], "wording": wording[:500], "actor": str(who)[:80], "at": now}
            Consent.objects.create(contact=contact, channel=channel, topic=topic, allowed=allowed, **receipt)
            word = ConsentChanged(account_id=contact.account_id, contact_id=contact.pk, channel=Channel(channel).value, allowed=allowed)
            events.publish(word, actor=who, now=now)
        cancel_waiting(message_ids=ids, reason=f"{contact} does not want “{topic}” by {Channel(channel).label}.", actor=who, now=now)
    return changed


def confirm_consent(token: str, *, now: datetime) -> None:
    """The contact pressed the button behind the link: their yes is written down with what they were asked. Pressing twice changes nothing more."""
    meaning = asking.meaning_of_confirm(token, now=now)
    contact = Contact.objects.filter(pk=meaning[0]).first() if meaning else None
    if meaning is None or contact is None:
        raise Refused("bad_token", "This link is not complete, or older than a week. Ask for a new one.")
    _, channel, topic, source = meaning
    asked = asking.wording(contact, topic, channel)
    record_consent(contact=contact, channel=channel, topic=topic, allowed=True, source=f"confirmed by link, {source}", wording=asked, now=now)


def suppress_for_good(addresses: Iterable[str], *, now: datetime) -> int:
    """Never write to these addresses again, and forget them: only their fingerprints stay. Returns how many are newly barred."""
    named = {address.strip().lower() for address in addresses if address.strip()}
    with transaction.atomic():
        Suppression.objects.filter(address__in=named).delete()
        rows = [
            Suppression(channel=channel, address=selectors.fingerprint(address), reason="The person was erased.", at=now)
            for address in sorted(named)
            for channel in Channel.values
        ]
        return len(Suppression.objects.bulk_create(rows, ignore_conflicts=True))
