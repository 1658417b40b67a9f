"""What recipients do with a message: they read it, and they answer."""

from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import MessageReplied

from . import rendering
from .models import Message
from .states import move_one
from .types import MessageState

_BETWEEN_REPLIES = "\n\n----\n\n"


def record_reply(*, token: str, text: str, actor: Actor | None = None, now: datetime) -> Message:
    """The customer answered. The same words to the same message count once, however often the mail comes; other words are added."""
    words = rendering.clean(text).strip()
    if not words:
        raise Refused("empty_reply", "The reply has no text. Write a few words and send it again.")
    with transaction.atomic():
        message = Message.objects.select_for_update(of=("self",)).filter(reply_token=token).first()
        if message is None or message.guest:
            # What went to a stranger in somebody's name is no conversation with that person.
            raise Refused("unknown_token", "This reply address belongs to no message. Write to your contact person directly.")
        said = message.reply.split(_BETWEEN_REPLIES) if message.reply else []
        if words in said:
            return message
        message.reply = _BETWEEN_REPLIES.join([*said, words])
        message.replied_at = message.replied_at or now
        Message.objects.filter(pk=message.pk).update(reply=message.reply, replied_at=message.replied_at)
        # Not yet `sent`: the sender records that in a moment and moves it on to `replied` itself.
        by = actor or Actor.contact(message.contact_id)
        move_one(message, MessageState.REPLIED, now=now, actor=by, why="They answered.")
        events.publish(
            MessageReplied(account_id=message.account_id, message_id=message.pk, contact_id=message.contact_id, channel=message.channel),
            actor=by,
            now=now,
            cause=message.cause,
        )
    return message


def mark_read(*, message: Message, now: datetime) -> None:
    """The recipient opened it; only the first time counts."""
    if Message.objects.filter(pk=message.pk, read_at=None).update(read_at=now):
        message.read_at = now
