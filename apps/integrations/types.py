"""Limits and words of the Segment-compatible door."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

MAX_BODY = 4 * 1024 * 1024  # on the wire and after inflating: the largest batch an SDK sends (rudder) fits
MAX_MESSAGE = 32 * 1024
MAX_MESSAGES = 2_000  # in a batch; the SDKs send 100 at most unless they are told otherwise
MAX_DEPTH = 32
MAX_AHEAD = timedelta(hours=24)

KINDS = ("track", "identify", "group", "page", "screen", "alias")


class Unacceptable(Exception):
    """The whole request is turned away: HTTP status, a code for programs, a sentence for people."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True)
class Refusal:
    """Why one message of a batch was not stored. `waits_for` is the person whose account is not known yet."""

    position: int
    message_id: str
    field: str
    reason: str
    raw: Any
    waits_for: str = ""


@dataclass
class Verdict:
    """What became of a batch, by position."""

    accepted: int = 0
    duplicate: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        rejected = [{"index": r.position, "messageId": r.message_id, "field": r.field, "reason": r.reason} for r in self.refused]
        return {"success": True, "accepted": self.accepted, "duplicate": self.duplicate, "rejected": rejected}
