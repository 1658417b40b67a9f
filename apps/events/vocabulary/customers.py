"""What is announced of customers, their people and what came in about them."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from .base import AccountEvent, DomainEvent


@dataclass(frozen=True)
class ActivityReceived(DomainEvent):
    """New activity was stored: one event per batch, however many accounts it touched and events it held.

    `owner_hours` says how many events of whose accounts fell into which hour (UTC, hours since 1970): [[12, 491204, 3]]; 0 for accounts of nobody.
    """

    type: ClassVar[str] = "activity.received"
    account_ids: list[int]
    count: int
    last_at: str
    source: str
    owner_hours: list[list[int]] = field(default_factory=list)

    @property
    def subject(self) -> str:
        return f"activity:{self.source}"

    @property
    def concerns(self) -> list[str]:
        return [f"account:{account_id}" for account_id in self.account_ids] or [self.subject]

    @classmethod
    def revived(cls, payload: dict[str, Any]) -> Self:
        """Rows from before batches were told as one name one account each."""
        return super().revived({"account_ids": [payload["account_id"]], **payload} if "account_id" in payload else payload)


@dataclass(frozen=True)
class ImportFinished(DomainEvent):
    """A file was imported; accounts touched by it need fresh figures."""

    type: ClassVar[str] = "import.finished"
    run_id: int
    kind: str
    rows: int

    @property
    def subject(self) -> str:
        return f"import:{self.run_id}"


@dataclass(frozen=True)
class StoryChanged(DomainEvent):
    """Something was said or written about accounts: `what` is ticket, survey, note, pulse, promise, invoice, contract or contact."""

    type: ClassVar[str] = "story.changed"
    account_ids: list[int]
    what: str

    @property
    def subject(self) -> str:
        return f"story:{self.what}"

    @property
    def concerns(self) -> list[str]:
        return [f"account:{account}" for account in self.account_ids]


@dataclass(frozen=True)
class MeaningGiven(DomainEvent):
    """An activity name was given a meaning: figures that read meanings need to be made anew."""

    type: ClassVar[str] = "meaning.given"
    name: str
    meaning: str

    @property
    def subject(self) -> str:
        return "meanings"


@dataclass(frozen=True)
class AccountsChanged(DomainEvent):
    """Facts of accounts, or of their people and papers, were created or changed; the history of fields says which and to what."""

    type: ClassVar[str] = "accounts.changed"
    account_ids: list[int]
    fields: list[str]
    source: str

    @property
    def subject(self) -> str:
        return f"account:{self.account_ids[0]}" if len(self.account_ids) == 1 else f"source:{self.source}"


@dataclass(frozen=True)
class AccountChurned(AccountEvent):
    """A customer left."""

    type: ClassVar[str] = "account.churned"
    on: str


@dataclass(frozen=True)
class ContactsMerged(AccountEvent):
    """Two rows turned out to be one person, or that was taken back (`undone`)."""

    type: ClassVar[str] = "contacts.merged"
    contact_id: int
    identity_id: int
    undone: bool


@dataclass(frozen=True)
class PersonErased(AccountEvent):
    """A person's words were erased everywhere; the counts stay."""

    type: ClassVar[str] = "person.erased"
    contact_id: int


@dataclass(frozen=True)
class AccountErased(AccountEvent):
    """An account's words and those of all its people were erased; its numbers stay."""

    type: ClassVar[str] = "account.erased"
