"""Who carries a message, by channel. A provider answers with one of three outcomes: ok, refused, ambiguous."""

from typing import Protocol

from apps.messaging.models import Message
from apps.messaging.types import Channel, Result

from . import email, in_app


class Provider(Protocol):
    within_transaction: bool

    def deliver(self, message: Message) -> Result: ...


_PROVIDERS: dict[str, Provider] = {Channel.EMAIL: email.Email(), Channel.IN_APP: in_app.InApp()}


def of(channel: str) -> Provider:
    return _PROVIDERS[channel]
