from dataclasses import dataclass
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class DomainEvent:
    type: ClassVar[str]

    @property
    def subject(self) -> str:
        raise NotImplementedError

    @property
    def concerns(self) -> list[str]:
        """The subjects whose pages show something else now."""
        return [self.subject]

    @classmethod
    def revived(cls, payload: dict[str, Any]) -> Self:
        """The event of a stored row, also of an older version's: fields that are no longer known are left out."""
        return cls(**{name: value for name, value in payload.items() if name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class AccountEvent(DomainEvent):
    type: ClassVar[str] = ""
    account_id: int

    @property
    def subject(self) -> str:
        return f"account:{self.account_id}"
