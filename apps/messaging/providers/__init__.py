"""Who carries messages: for each channel the providers of MESSAGE_PROVIDERS in the order of preference.

A provider answers with one of three outcomes: ok, refused, ambiguous; and says what it can do about doubt (Ability). A new one is one module here and
one line below (docs/messaging.md).
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Protocol, runtime_checkable

from django.conf import settings

from apps.messaging.models import Message
from apps.messaging.types import Ability, Channel, Result

from . import console, email, in_app, mail_service, push, twilio


class Provider(Protocol):
    @property
    def channels(self) -> Collection[Channel]: ...

    @property
    def can(self) -> Ability: ...

    def missing(self, channel: str) -> str:
        """What is not set up, in one line that names the environment variable; empty when it can carry this channel."""
        ...

    def deliver(self, message: Message) -> Result: ...

    def look_up(self, message: Message) -> Result | None:
        """Whether the provider has a message whose sending was left in doubt; None: it does not know (yet). Only where `can.looks_up`."""
        ...


@runtime_checkable
class TellsPrice(Protocol):
    """A provider that can be asked what it charged."""

    def price_of(self, message: Message) -> tuple[Decimal, str] | None:
        """The amount and its currency; None: not known yet."""
        ...


PROVIDERS: dict[str, Provider] = {
    "smtp": email.Email(),
    "anymail": mail_service.MailService(),
    "inbox": in_app.InApp(),
    "twilio": twilio.Twilio(),
    "webpush": push.WebPush(),
    "console": console.Console(),
}


def chain(channel: str) -> list[str]:
    """Names of those who carry this channel, the preferred one first."""
    return list(settings.MESSAGE_PROVIDERS.get(channel, ()))


def who_tell_prices() -> dict[str, TellsPrice]:
    """Those who can be asked what they charged, by name."""
    return {name: provider for name, provider in PROVIDERS.items() if isinstance(provider, TellsPrice)}


def of(name: str) -> Provider:
    return PROVIDERS[name]
