"""A few customers are reached by telephone: a text, a WhatsApp and a call, which the console takes, so that they can be read beside the mailbox."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zlib import crc32

from django.conf import settings

from apps.accounts.models import Account, Contact
from apps.core.actor import Actor
from apps.messaging import dispatch
from apps.messaging import services as messaging
from apps.messaging.types import Channel, Lane

ACTOR = Actor.job("demo_world")
KEY = "renewal-call"
_TEXT = "{{ account.name }}: your renewal is near and we want it to be easy. Reply with a time that suits you and I will call. {{ csm.name }}"
_SPOKEN = "Hello {{ contact.first_name }}. This is about the renewal of {{ account.name }}.\n\nPress 1 and {{ csm.name }} will call you back today."
# Numbers of the fictional kind: 555-0100 to 555-0199 belong to nobody, whatever the area.
_WORDS = ((Channel.SMS, _TEXT, ""), (Channel.WHATSAPP, _TEXT, "HX" + "0" * 32), (Channel.VOICE, _SPOKEN, ""))


def numbers(keys: Iterable[str]) -> dict[str, str]:
    """The numbers of people, by their keys: every third has one, and no two the same."""
    places = {key: crc32(key.encode()) for key in keys}
    owners = {f"+1{201 + place % 780}5550{100 + place // 780 % 100}": key for key, place in places.items() if place % 3 == 0}
    return {key: number for number, key in owners.items()}


def write(*, now: datetime) -> int:
    """One contact for each channel, of the largest accounts; returns how many were reached. Nobody where no console stands in for the carriers."""
    if any("console" not in settings.MESSAGE_PROVIDERS[channel] for channel, *_ in _WORDS):
        return 0
    largest = Account.objects.at_risk().order_by("-arr", "pk")[:30]
    people = Contact.objects.filter(account__in=largest, departed_on=None).select_related("account__owner").order_by("-account__arr", "pk")
    for number, (contact, (channel, body, content_sid)) in enumerate(zip(people, _WORDS, strict=False)):
        contact.phone = f"+1202555010{number}"
        contact.save(update_fields=["phone"])
        messaging.write_template(key=KEY, channel=channel, subject="Your renewal", body=body, content_sid=content_sid, actor=ACTOR, now=now)
        messaging.compose(
            contact=contact,
            channel=channel,
            template_key=KEY,
            lane=Lane.TRANSACTIONAL,
            idem_key=f"demo:{KEY}:{contact.external_id}",
            context={},
            due_at=now,
            expires_at=now + timedelta(days=1),
            actor=ACTOR,
            now=now,
        )
        dispatch.one_round(channel, owner="demo_world", clock=lambda: now)
    return len(_WORDS)
