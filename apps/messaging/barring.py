"""Addresses that must not be written to, barred and opened by hand; why and by whom stays in the history."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events

from . import crossing, guests
from .addresses import plain_number
from .answers import STOPPED
from .models import Message, Suppression
from .recall import cancel_waiting
from .types import BY_PHONE, RECALLABLE, Channel


def bar(*, channel: str, address: str, reason: str, actor: Actor, now: datetime) -> Suppression:
    """Never write to this address again, whatever anybody imports; what waits for it is taken back, and nothing is handed over after this."""
    plain = plain_number(address) if channel in BY_PHONE else address.strip().lower()
    if not plain:
        raise Refused("no_address", "There is no address to bar. Write an email address, or a number in international form.")
    with transaction.atomic():
        theirs = Message.objects.filter(channel=channel, address__iexact=plain)
        for contact_id in sorted({*theirs.order_by().values_list("contact_id", flat=True), *people_at(plain)}):
            crossing.await_handovers(contact_id)
        row, created = Suppression.objects.get_or_create(
            channel=channel, address=plain, defaults={"reason": reason[:120], "actor": str(actor)[:80], "at": now}
        )
        if created:
            said = events.Changed(f"suppression:{row.pk}", "reason", None, row.reason)
            events.record_changes([said], actor=actor, source=actor.kind, now=now)
        waiting = list(theirs.filter(state__in=RECALLABLE).values_list("pk", flat=True))
        cancel_waiting(message_ids=waiting, reason=f"{plain} must not be written to: {row.reason}", actor=actor, now=now)
    return row


def lift(*, suppression: Suppression, reason: str, actor: Actor, now: datetime) -> None:
    """Open the address again. Refused for those who wrote STOP, who alone may write START, and for people who were erased."""
    if not reason.strip():
        raise Refused("no_reason", "Say why the address may be written to again.")
    with transaction.atomic():
        row = Suppression.objects.select_for_update().filter(pk=suppression.pk).first()
        if row is None:
            raise Refused("not_barred", "This address is not barred any more.")
        if row.reason == STOPPED:
            raise Refused("their_own_word", f"{row.address} wrote STOP by {Channel(row.channel).label}; only START from there opens it again.")
        if guests.is_key(row.address):
            raise Refused("their_own_word", "This person, who is no contact, asked never to be invited again, and nobody else can take that back.")
        if row.address.startswith("sha256:"):
            raise Refused("erased", "This person was erased and must not be written to again.")
        said = events.Changed(f"suppression:{row.pk}", "reason", row.reason, f"lifted: {reason.strip()}"[:250])
        events.record_changes([said], actor=actor, source=actor.kind, now=now)
        row.delete()


def people_at(address: str) -> list[int]:
    """Contacts who have this address, as it is written in their row."""
    return list(Contact.objects.filter(Q(email__iexact=address) | Q(phone=address)).values_list("pk", flat=True))
