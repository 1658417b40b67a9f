from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices


class Channel(TextChoices):
    EMAIL = "email", "email"
    IN_APP = "in_app", "in-app"
    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"
    VOICE = "voice", "voice call"
    PUSH = "push", "push"


# Channels that reach a telephone number.
BY_PHONE = (Channel.SMS, Channel.WHATSAPP, Channel.VOICE)


class Lane(TextChoices):
    """Priority and rules: transactional mail is exempt from quiet hours and caps, but counted."""

    TRANSACTIONAL = "transactional", "transactional"
    SAVE = "save", "save play"
    NURTURE = "nurture", "nurture"
    BROADCAST = "broadcast", "broadcast"


# Who goes first where several wait for one free slot.
LANE_RANKS = {lane: rank for rank, lane in enumerate(Lane)}


class MessageState(TextChoices):
    QUEUED = "queued", "queued"
    HELD = "held", "held by the governor"
    SENDING = "sending", "being sent"
    SENT = "sent", "sent"
    DELIVERED = "delivered", "delivered"
    RETURNED = "returned", "came back"
    REPLIED = "replied", "replied"
    SUPPRESSED = "suppressed", "not sent"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "nobody knows"
    EXPIRED = "expired", "too late to send"
    CANCELLED = "cancelled", "cancelled"
    GATHERED = "gathered", "waits for its digest"
    MERGED = "merged", "sent in a digest"


WAITING = (MessageState.QUEUED, MessageState.HELD)
# What can be taken back without asking whether somebody has begun to hand it over.
RECALLABLE = (*WAITING, MessageState.GATHERED)
# What counts against a frequency cap: everything that reached, or may have reached, the person.
CONTACTED = (MessageState.SENDING, MessageState.SENT, MessageState.DELIVERED, MessageState.REPLIED, MessageState.UNKNOWN)
# What nobody sends any more unless a person asks for it.
DEAD = (MessageState.FAILED, MessageState.EXPIRED)
# What will not leave any more, or has left: the address of somebody who is no contact is forgotten then.
OVER = (
    *(MessageState.SENT, MessageState.DELIVERED, MessageState.REPLIED, MessageState.RETURNED, MessageState.FAILED, MessageState.EXPIRED),
    *(MessageState.SUPPRESSED, MessageState.CANCELLED),
)
# What certainly left the house and did not come back.
LEFT = (MessageState.SENT, MessageState.DELIVERED, MessageState.REPLIED)

# The only moves a message may make; states.move() is the only one that makes them.
TRANSITIONS: dict[MessageState, tuple[MessageState, ...]] = {
    MessageState.QUEUED: (MessageState.SENDING, MessageState.HELD, MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.CANCELLED),
    MessageState.HELD: (MessageState.SENDING, MessageState.HELD, MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.CANCELLED),
    # sending -> suppressed or cancelled: the customer said no, or we took it back, between the claim and the call to the provider.
    MessageState.SENDING: (
        *(MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN, MessageState.QUEUED, MessageState.SUPPRESSED, MessageState.CANCELLED),
    ),
    MessageState.GATHERED: (MessageState.MERGED, MessageState.QUEUED, MessageState.CANCELLED),
    MessageState.UNKNOWN: (
        *(MessageState.SENT, MessageState.DELIVERED, MessageState.RETURNED, MessageState.FAILED, MessageState.QUEUED, MessageState.REPLIED),
    ),
    MessageState.SENT: (MessageState.DELIVERED, MessageState.RETURNED, MessageState.REPLIED),
    MessageState.DELIVERED: (MessageState.RETURNED, MessageState.REPLIED),
    MessageState.RETURNED: (MessageState.DELIVERED, MessageState.REPLIED),
    # A person gives what is dead another try.
    MessageState.FAILED: (MessageState.QUEUED,),
    MessageState.EXPIRED: (MessageState.QUEUED,),
}


class WhenCapped(TextChoices):
    """What becomes of a message that would exceed a cap."""

    HOLD = "hold", "wait until a slot is free"
    DROP = "drop", "do not send it"
    IN_APP = "in_app", "move it to the inbox where that is free, else wait"


class Outcome(TextChoices):
    """What one attempt told us: accepted, definitely refused, or nobody knows."""

    OK = "ok", "accepted"
    REFUSED = "refused", "refused"
    AMBIGUOUS = "ambiguous", "ambiguous"


@dataclass(frozen=True)
class Result:
    """What a provider says about one attempt.

    Only with REFUSED: `retry` when it can heal (451, 429), `suppress` when the address does not exist (550), `wait` seconds that the provider asked
    for. `trouble`: the provider itself is ill, whatever the message. `parts` is how many the carrier counts (SMS).
    """

    outcome: Outcome
    provider_message_id: str = ""
    code: str = ""
    detail: str = ""
    retry: bool = False
    suppress: bool = False
    trouble: bool = False
    wait: float = 0.0
    parts: int | None = None


@dataclass(frozen=True)
class Ability:
    """What a provider can do about doubt. `within_transaction`: the row itself is the delivery. `key_life`: for so long the same message again is
    no second one, because the provider knows its key; None: it always would be. `looks_up`: it can be asked whether it has a message.
    `tells_status`: it calls back when a message arrived or did not."""

    within_transaction: bool = False
    key_life: timedelta | None = None
    looks_up: bool = False
    tells_status: bool = False


class Told(TextChoices):
    """What a provider told us afterwards, in the order of what it means: later ones outweigh earlier ones, in whatever order they come."""

    ACCEPTED = "accepted", "accepted"
    SENT = "sent", "sent"
    RETURNED = "returned", "came back"
    DELIVERED = "delivered", "delivered"
    READ = "read", "read"


class HookKind(TextChoices):
    """What a provider called us for."""

    STATUS = "status", "status"
    INBOUND = "inbound", "words from a customer"
    KEYPRESS = "keypress", "a key pressed in a call"


@dataclass(frozen=True)
class Rival:
    """A more important message that waits for the same person and will be due within the hour."""

    channel: str
    lane: str
    due_at: datetime


@dataclass(frozen=True)
class History:
    """What the governor knows about one contact besides the contact: the word given, and when people were reached before.

    `contacted` holds (channel, moment) of everything that reached, or may have reached, the person in the longest window; `heard_at` when they last
    wrote on this channel; `rivals` what goes first where a slot is free; `keeps` why promotions do not leave to their account now; `paused` why the
    message's series does not.
    """

    allowed: bool = True
    suppressed: str = ""
    contacted: tuple[tuple[str, datetime], ...] = ()
    heard_at: datetime | None = None
    rivals: tuple[Rival, ...] = ()
    keeps: str = ""
    paused: str = ""


@dataclass(frozen=True)
class Ruling:
    """The governor's answer for one message: sending, held until a moment, suppressed or expired; `reason` in words when not now. `move_to`: the
    channel on which it waits from now on."""

    state: MessageState
    reason: str = ""
    hold_until: datetime | None = None
    move_to: str = ""

    @property
    def send(self) -> bool:
        return self.state == MessageState.SENDING


@dataclass(frozen=True)
class StoredMail:
    """One message as the demo shows it to its receiver; `parts` as the carrier counts a text."""

    id: str
    to: str
    sender: str
    subject: str
    at: datetime
    text: str
    html: str
    reply_to: str
    message_id: str
    channel: str = Channel.EMAIL
    parts: int | None = None

    @property
    def label(self) -> str:
        return str(Channel(self.channel).label)


@dataclass(frozen=True)
class Draft:
    """The words of a template before they are a version."""

    key: str
    channel: str
    locale: str
    subject: str
    body: str
    topic: str = "success"
    content_sid: str = ""
    content_variables: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a draft and where; an error keeps it from being saved, a warning does not."""

    field: str
    line: int
    code: str
    words: str
    error: bool = True

    @property
    def told(self) -> str:
        """With its line, where there can be several."""
        return f"Line {self.line}: {self.words}" if self.field == "body" else self.words
