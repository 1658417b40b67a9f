from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices


class Channel(TextChoices):
    EMAIL = "email", "email"
    IN_APP = "in_app", "in-app"


class Lane(TextChoices):
    """Priority and rules: transactional mail is exempt from quiet hours and caps, but counted."""

    TRANSACTIONAL = "transactional", "transactional"
    SAVE = "save", "save play"
    NURTURE = "nurture", "nurture"


class MessageState(TextChoices):
    QUEUED = "queued", "queued"
    HELD = "held", "held by the governor"
    SENDING = "sending", "being sent"
    SENT = "sent", "sent"
    REPLIED = "replied", "replied"
    SUPPRESSED = "suppressed", "not sent"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "nobody knows"
    EXPIRED = "expired", "too late to send"
    CANCELLED = "cancelled", "cancelled"


WAITING = (MessageState.QUEUED, MessageState.HELD)
# What counts against a frequency cap: everything that reached, or may have reached, the person.
CONTACTED = (MessageState.SENDING, MessageState.SENT, MessageState.REPLIED, MessageState.UNKNOWN)

# The only moves a message may make; services.move() is the only one that makes them.
TRANSITIONS: dict[MessageState, tuple[MessageState, ...]] = {
    MessageState.QUEUED: (MessageState.SENDING, MessageState.HELD, MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.CANCELLED),
    MessageState.HELD: (MessageState.SENDING, MessageState.HELD, MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.CANCELLED),
    MessageState.SENDING: (MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN, MessageState.QUEUED),
    MessageState.UNKNOWN: (MessageState.SENT, MessageState.FAILED, MessageState.QUEUED, MessageState.REPLIED),
    MessageState.SENT: (MessageState.REPLIED,),
}


class Outcome(TextChoices):
    """What one attempt told us: accepted, definitely refused, or nobody knows."""

    OK = "ok", "accepted"
    REFUSED = "refused", "refused"
    AMBIGUOUS = "ambiguous", "ambiguous"


@dataclass(frozen=True)
class Result:
    """What a provider says about one attempt. `retry` only with REFUSED: the refusal can heal (451, 429)."""

    outcome: Outcome
    provider_message_id: str = ""
    code: str = ""
    detail: str = ""
    retry: bool = False


@dataclass(frozen=True)
class Ruling:
    """The governor's answer for one message: send now, hold until a moment, or not at all; `reason` in words when not now."""

    send: bool
    hold_until: datetime | None = None
    reason: str = ""
