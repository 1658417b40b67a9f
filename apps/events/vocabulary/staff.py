"""What is announced of our own people."""

from dataclasses import dataclass
from typing import ClassVar

from .base import DomainEvent


@dataclass(frozen=True)
class RightsChanged(DomainEvent):
    """A member of staff may now do or see something else, or may no longer sign in."""

    type: ClassVar[str] = "staff.rights_changed"
    user_id: int

    @property
    def subject(self) -> str:
        return f"user:{self.user_id}"
