"""The one writer of a message's state."""

from typing import Any

from .models import Message, MessageQuerySet
from .types import TRANSITIONS, MessageState


def move(messages: MessageQuerySet, to: MessageState, **values: Any) -> int:
    """Move the chosen messages that may move there, by one conditional UPDATE; returns how many moved.

    The guard of the caller (owner, attempt) belongs into `messages`: whoever lost the row moves nothing.
    """
    froms = [state for state, targets in TRANSITIONS.items() if to in targets]
    return messages.filter(state__in=froms).update(state=to, **values)


def move_one(message: Message, to: MessageState, **values: Any) -> bool:
    """The same for one message, which also shows the new values when it moved."""
    if not move(Message.objects.filter(pk=message.pk), to, **values):
        return False
    for name, value in {"state": to, **values}.items():
        setattr(message, name, value)
    return True
