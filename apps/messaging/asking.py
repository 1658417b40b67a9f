"""Double opt-in: a yes that counts only once the contact has confirmed it by a link that we sent them."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit

from . import languages
from .addresses import address_of
from .models import Message
from .states import begin
from .types import LANE_RANKS, Channel, Lane

_CONFIRM = signing.Signer(salt="messaging.confirm")
_ACTOR = Actor.job("messaging.asking")
LIFE = timedelta(days=7)
# Nobody can say no to being asked, but nobody is asked twice a day.
TOPIC = "confirmation"
# Where a link can be sent and followed; the other channels are confirmed by one of these.
_BY = (Channel.EMAIL, Channel.SMS)


def wording(contact: Contact, topic: str, channel: str) -> str:
    """What the contact is asked, in their language, and what their receipt keeps."""
    return languages.about(languages.for_mail(contact), "confirm_button", topic_name=topic, channel=channel)


def ask_consent(*, contact: Contact, channel: str, topic: str, source: str, now: datetime) -> Message:
    """Send the link by which the contact confirms; asked again on the same day it is the same message. Refused where nothing reaches them."""
    asked = [one for one in (Channel(channel), Channel.EMAIL, Channel.SMS) if one in _BY and address_of(contact, one)]
    if not asked:
        raise Refused("unreachable", f"{contact} has neither an email address nor a telephone number to confirm by. Add one first.")
    by = asked[0]
    link = f"{settings.BASE_URL.rstrip('/')}{reverse('confirm', args=[confirm_token(contact, channel, topic, source, now=now)])}"
    language = languages.for_mail(contact)
    with transaction.atomic():
        message, created = Message.objects.get_or_create(
            idem_key=f"confirm:{contact.pk}:{channel}:{topic}:{now:%Y-%m-%d}",
            defaults={
                "account_id": contact.account_id,
                "contact": contact,
                "channel": by,
                "lane": Lane.TRANSACTIONAL,
                "lane_rank": LANE_RANKS[Lane.TRANSACTIONAL],
                "topic": TOPIC,
                "address": address_of(contact, by),
                "locale": language,
                "subject": languages.about(language, "ask_subject", topic_name=topic, channel=channel)[:250],
                "body": languages.about(language, "ask_words", topic_name=topic, channel=channel, link=link),
                "due_at": now,
                "expires_at": now + LIFE,
                "reply_token": secrets.token_hex(16),
                "created_at": now,
            },
        )
        if created:
            begin(message, now=now, actor=_ACTOR, why=f"To confirm a wish from: {source}.")
            after_commit("messaging.send", by)
    return message


def confirm_token(contact: Contact, channel: str, topic: str, source: str, *, now: datetime) -> str:
    """What stands in the link: who was asked what and when, and where the wish came from."""
    return _CONFIRM.sign_object([contact.pk, channel, topic, source[:60], int(now.timestamp())])


def meaning_of_confirm(token: str, *, now: datetime) -> tuple[int, str, str, str] | None:
    """(contact id, channel, topic, source); None where the link is not ours or older than a week."""
    try:
        contact_id, channel, topic, source, at = _CONFIRM.unsign_object(token)
        return (int(contact_id), str(channel), str(topic), str(source)) if now.timestamp() - int(at) < LIFE.total_seconds() else None
    except (signing.BadSignature, ValueError, TypeError):
        return None
