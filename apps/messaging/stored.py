"""What the demo shows in place of customers' mailboxes, telephones and browsers: mails that our SMTP server took, and what the console took."""

import uuid
from datetime import datetime

from apps.core.errors import Refused

from . import answers, maildir
from .models import Message
from .rendering import clean
from .types import BY_PHONE, Channel, StoredMail

_PREFIX = "console-"


def newest(limit: int) -> list[StoredMail]:
    """The newest of both kinds, newest first."""
    taken = Message.objects.filter(provider="console").exclude(sent_at=None).select_related("contact", "account__owner").order_by("-sent_at", "-id")
    both = [*maildir.newest(limit), *(_shown(message) for message in taken[:limit])]
    return sorted(both, key=lambda mail: mail.at, reverse=True)[:limit]


def get(key: str) -> StoredMail | None:
    if not key.startswith(_PREFIX):
        return maildir.get(key)
    message = _message(key)
    return _shown(message) if message else None


def reply(key: str, text: str, *, now: datetime) -> None:
    """Answer as the receiver would: a mail by SMTP, a text as words from its number, a call by one key. Refused where that cannot be."""
    if not key.startswith(_PREFIX):
        return maildir.reply(key, text)
    message = _message(key)
    if message is None or message.channel not in BY_PHONE:
        raise Refused("no_reply_address", "This message is gone or cannot be answered. Reload the mailbox.")
    call = uuid.uuid4().hex
    if message.channel == Channel.VOICE:
        if not (len(text) == 1 and text in "0123456789*#"):
            raise Refused("one_key", "A call is answered by one key: a digit, * or #. Press one.")
        answers.pressed(provider="console", event_id=f"{call}:{text}", message=message, digits=text, raw={}, now=now)
        return None
    given = {"provider": "console", "event_id": call, "channel": message.channel, "sender": message.address}
    answers.receive(**given, text=clean(text), raw={}, now=now)
    return None


def _message(key: str) -> Message | None:
    number = key.removeprefix(_PREFIX)
    found = Message.objects.filter(provider="console").exclude(sent_at=None).select_related("contact", "account__owner")
    return found.filter(pk=int(number)).first() if number.isdigit() else None


def _shown(message: Message) -> StoredMail:
    assert message.sent_at is not None
    return StoredMail(
        id=f"{_PREFIX}{message.pk}",
        to=message.address or str(message.contact),
        sender=str(message.account.owner or "your success team"),
        subject=message.subject,
        at=message.sent_at,
        text=message.body,
        html="",
        reply_to=message.address,
        message_id="",
        channel=message.channel,
        parts=message.parts,
    )
