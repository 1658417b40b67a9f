"""What is announced of messages and of what people allow."""

from dataclasses import dataclass
from typing import ClassVar

from .base import AccountEvent


@dataclass(frozen=True)
class MessageSent(AccountEvent):
    """A message left the platform."""

    type: ClassVar[str] = "message.sent"
    message_id: int
    channel: str


@dataclass(frozen=True)
class MessageNotSent(AccountEvent):
    """A message will not leave, or nobody knows whether it left (`state`); `reason` says why."""

    type: ClassVar[str] = "message.not_sent"
    message_id: int
    channel: str
    state: str
    reason: str


@dataclass(frozen=True)
class MessageReplied(AccountEvent):
    """The customer answered a message."""

    type: ClassVar[str] = "message.replied"
    message_id: int
    contact_id: int
    channel: str


@dataclass(frozen=True)
class ConsentChanged(AccountEvent):
    """A contact allowed or refused a topic on a channel."""

    type: ClassVar[str] = "consent.changed"
    contact_id: int
    channel: str
    allowed: bool
