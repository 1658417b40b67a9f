"""Who did it: every change leaves its actor."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Actor:
    """A person, a job or a key, stored as text such as `user:3`, `job:churn.score_stale`, `contact:12`, `key:web-app`."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

    @classmethod
    def user(cls, user: Any) -> "Actor":
        return cls("user", str(user.pk))

    @classmethod
    def job(cls, name: str) -> "Actor":
        return cls("job", name)

    @classmethod
    def contact(cls, contact_id: int) -> "Actor":
        return cls("contact", str(contact_id))

    @classmethod
    def source(cls, name: str) -> "Actor":
        return cls("source", name)

    @classmethod
    def of_key(cls, name: str) -> "Actor":
        return cls("key", name)
