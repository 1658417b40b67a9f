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

# The only moves a message may make; states.move() is the only one that makes them.
TRANSITIONS: dict[MessageState, tuple[MessageState, ...]] = {
    MessageState.QUEUED: (MessageState.SENDING, MessageState.HELD, MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.CANCELLED),
    MessageState.HELD: (MessageState.SENDING, MessageState.HELD, MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.CANCELLED),
    # sending -> suppressed: the customer said no between the claim and the call to the provider.
    MessageState.SENDING: (MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN, MessageState.QUEUED, MessageState.SUPPRESSED),
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
    """What a provider says about one attempt.

    Both only with REFUSED: `retry` when it can heal (451, 429), `suppress` when the address does not exist (550).
    """

    outcome: Outcome
    provider_message_id: str = ""
    code: str = ""
    detail: str = ""
    retry: bool = False
    suppress: bool = False


@dataclass(frozen=True)
class History:
    """What the governor knows about one contact besides the contact: the word given, and when people were reached before.

    `contacted` holds (channel, moment) of everything that reached, or may have reached, the person in the last week.
    """

    allowed: bool = True
    suppressed: str = ""
    contacted: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True)
class Ruling:
    """The governor's answer for one message: sending, held until a moment, suppressed or expired; `reason` in words when not now."""

    state: MessageState
    reason: str = ""
    hold_until: datetime | None = None

    @property
    def send(self) -> bool:
        return self.state == MessageState.SENDING


@dataclass(frozen=True)
class StoredMail:
    """One mail in the demo's mailbox, readable."""

    id: str
    to: str
    sender: str
    subject: str
    at: datetime
    text: str
    html: str
    reply_to: str
    message_id: str
