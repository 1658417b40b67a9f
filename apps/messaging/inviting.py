"""Words to a stranger in a contact's name: through the governor like every message, and never again once they say so."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.events.models import Event

from . import crossing, guests, rendering, selectors, templates
from .models import Message, Suppression
from .recall import cancel_waiting
from .states import begin
from .types import LANE_RANKS, RECALLABLE, Channel, Lane, MessageState

# No contact can be asked about it, so no word of theirs stops or allows it.
TOPIC = "invitation"
NEVER = "They want no invitations, from nobody."
# A message of which nobody knows whether it left keeps its address so long, for the person who finds out.
KEPT_IN_DOUBT = timedelta(days=7)


def compose_to_guest(
    *,
    sender: Contact,
    address: str,
    template_key: str,
    locale: str,
    idem_key: str,
    context: Mapping[str, Any],
    due_at: datetime,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
    cause: Event | None = None,
) -> Message:
    """Queue a mail to somebody who is no contact; the same `idem_key` gives the first message again.

    The hours are the sender's, the caps and the no are the stranger's. Refused where the stranger said never, or no address can be read.
    """
    if found := Message.objects.filter(idem_key=idem_key).first():
        return found
    try:
        validate_email(address.strip())
    except ValidationError as error:
        raise Refused("no_address", "This is no email address.") from error
    if reason := barred(address):
        raise Refused("barred", f"This person must not be written to: {reason}")
    template = templates.chosen_in(template_key, Channel.EMAIL, locale)
    values = rendering.merged(rendering.values_of(sender), context)
    subject, body = rendering.render(template, values)
    with transaction.atomic():
        message, created = Message.objects.get_or_create(
            idem_key=idem_key,
            defaults={
                "account_id": sender.account_id,
                "contact": sender,
                "guest": guests.key_of(address),
                "channel": Channel.EMAIL,
                "lane": Lane.NURTURE,
                "lane_rank": LANE_RANKS[Lane.NURTURE],
                "topic": TOPIC,
                "template": template,
                "locale": template.locale,
                "address": address.strip(),
                "subject": subject,
                "body": body,
                "due_at": due_at,
                "expires_at": expires_at,
                "reply_token": secrets.token_hex(16),
                "cause": cause,
                "created_at": now,
            },
        )
        if created:
            begin(message, now=now, actor=actor)
            if due_at <= now:
                after_commit("messaging.send", Channel.EMAIL)
    return message


def barred(address: str) -> str:
    """Why this address must not be written to by an invitation; empty where nothing speaks against it."""
    stored = [address.strip().lower(), selectors.fingerprint(address), *guests.keys_of(address)]
    return Suppression.objects.filter(channel=Channel.EMAIL, address__in=stored).values_list("reason", flat=True).first() or ""


def never_again(token: str, *, now: datetime) -> None:
    """A stranger pressed the button: no invitation reaches them any more, from nobody. Pressing twice changes nothing more."""
    key = guests.key_of_never(token)
    if key is None:
        raise Refused("bad_token", "This link is not complete. Use the link exactly as it stands in the email.")
    bar_guest(key, reason=NEVER, now=now)


def bar_guest(key: str, *, reason: str, now: datetime) -> None:
    """Write to this stranger no more; what waits is taken back, and nothing is handed over after this."""
    actor = Actor("guest", key[-12:])
    with transaction.atomic():
        theirs = Message.objects.filter(guest=key)
        for contact_id in sorted(set(theirs.order_by().values_list("contact_id", flat=True))):
            crossing.await_handovers(contact_id)
        Suppression.objects.get_or_create(channel=Channel.EMAIL, address=key, defaults={"reason": reason[:120], "actor": str(actor), "at": now})
        waiting = list(theirs.filter(state__in=RECALLABLE).values_list("pk", flat=True))
        cancel_waiting(message_ids=waiting, reason=f"The person invited must not be written to: {reason}", actor=actor, now=now)


def forget_guests(*, now: datetime) -> int:
    """The daily job: addresses of strangers whose message has been in doubt for a week. Returns how many were forgotten."""
    doubtful = Message.objects.filter(state=MessageState.UNKNOWN, claimed_at__lt=now - KEPT_IN_DOUBT)
    return doubtful.exclude(guest="").exclude(address="").update(address="")
