"""At boot: a provider that is named but half configured is refused in one line, before a customer waits for its messages."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from . import providers
from .types import Channel


@register()
def providers_are_set_up(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for channel, names in settings.MESSAGE_PROVIDERS.items():
        for name in names:
            if name not in providers.PROVIDERS:
                known = ", ".join(providers.PROVIDERS)
                found.append(Error(f"PROVIDERS_{channel.upper()} names {name!r}, which is no provider; use some of: {known}.", id="messaging.E001"))
            elif channel not in providers.of(name).channels:
                can = ", ".join(Channel(one).value for one in providers.of(name).channels)
                found.append(Error(f"PROVIDERS_{channel.upper()} names {name!r}, which carries only: {can}.", id="messaging.E002"))
            elif missing := providers.of(name).missing(channel):
                found.append(Error(f"{name} carries {channel} but is half configured: {missing}.", id="messaging.E003"))
    return found
