"""What is announced of the lines to other systems."""

from dataclasses import dataclass
from typing import ClassVar

from .base import DomainEvent


@dataclass(frozen=True)
class ApiKeyChanged(DomainEvent):
    """A key to the API was made, rotated or revoked (`change`)."""

    type: ClassVar[str] = "api_key.changed"
    key: str
    change: str
    scopes: list[str]

    @property
    def subject(self) -> str:
        return f"api_key:{self.key}"


@dataclass(frozen=True)
class ProviderChanged(DomainEvent):
    """Something is the matter with a provider of messages, or it is over (`ill`). `matter`: rest, calls (wrongly signed), silence; `words` say it."""

    type: ClassVar[str] = "provider.changed"
    provider: str
    matter: str
    ill: bool
    words: str

    @property
    def subject(self) -> str:
        return f"provider:{self.provider}"


@dataclass(frozen=True)
class WebhookChanged(DomainEvent):
    """An outgoing webhook was made, changed, rotated, switched off, switched on, or given up by the platform for a `reason` (`change`)."""

    type: ClassVar[str] = "webhook.changed"
    webhook_id: int
    name: str
    change: str
    reason: str

    @property
    def subject(self) -> str:
        return f"webhook:{self.webhook_id}"
