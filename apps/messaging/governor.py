"""The contact governor: may this message leave now? One customer, one calm inbox, whatever wants to write to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.accounts.models import Contact

from . import quiet
from .models import Message
from .types import BY_PHONE, Channel, History, Lane, MessageState, Ruling


@dataclass(frozen=True)
class Cap:
    """At most `most` messages in any window of this length, wherever the window begins; `channel` empty: on all channels together."""

    channel: str
    most: int
    window: timedelta
    words: str


DAY = timedelta(days=1)
CAPS = (
    Cap("", 2, DAY, "2 messages in 24 hours"),
    Cap("", 5, 7 * DAY, "5 messages in 7 days"),
    Cap(Channel.EMAIL, 3, 7 * DAY, "3 emails in 7 days"),
)
# WhatsApp's customer service window: so long after their last words one may write freely.
WINDOW = timedelta(hours=24)
LONGEST_WINDOW = max(cap.window for cap in CAPS)


def rule(message: Message, *, now: datetime, contact: Contact, recent: History) -> Ruling:
    """Send now, hold until a moment, or never, and why. Reads nothing but its arguments (`contact.account` is loaded)."""
    if refusal := _refusal(message, contact, recent, now):
        return Ruling(MessageState.SUPPRESSED, refusal)
    if now >= message.expires_at:
        return Ruling(MessageState.EXPIRED, f"Too late: it was worth sending until {message.expires_at:%d %b %H:%M} UTC.{_last_reason(message)}")
    if message.lane == Lane.TRANSACTIONAL:
        return Ruling(MessageState.SENDING)
    moment, reason = now, ""
    # A freed cap may fall into the night and the morning into a full window: both must agree on the moment.
    while True:
        opens, why_quiet = _after_quiet_hours(message, contact, moment)
        free, why_capped = _after_caps(message.channel, recent.contacted, opens)
        reason = why_capped or why_quiet or reason
        if free == moment:
            break
        moment = free
    if moment == now:
        return Ruling(MessageState.SENDING)
    return Ruling(MessageState.HELD, reason, min(moment, message.expires_at))


def _refusal(message: Message, contact: Contact, recent: History, now: datetime) -> str:
    if contact.departed_on is not None and contact.departed_on <= now.date():
        return f"{contact} has left {contact.account}."
    if message.channel == Channel.EMAIL and not message.address:
        return f"{contact} has no email address."
    if message.channel in BY_PHONE and not message.address:
        return f"{contact} has no telephone number."
    if recent.suppressed:
        return f"{message.address} must not be written to: {recent.suppressed}"
    if not recent.allowed:
        return f"{contact} does not want “{message.topic}” by {Channel(message.channel).label}."
    if message.channel == Channel.WHATSAPP and not _may_speak_freely(message, recent, now):
        return (
            f"{contact} has not written by WhatsApp in the last 24 hours: only an approved template may be sent. Give the template its content SID."
        )
    return ""


def _may_speak_freely(message: Message, recent: History, now: datetime) -> bool:
    approved = message.template is not None and bool(message.template.content_sid)
    return approved or (recent.heard_at is not None and now - recent.heard_at < WINDOW)


def _after_quiet_hours(message: Message, contact: Contact, moment: datetime) -> tuple[datetime, str]:
    """In-app waits silently in the inbox, so only what makes a noise respects the night and the weekend."""
    if message.channel == Channel.IN_APP:
        return moment, ""
    zone, note = quiet.zone_of(contact.time_zone, contact.account.time_zone)
    opens = quiet.next_open(moment, zone)
    if opens == moment:
        return moment, ""
    return opens, f"Quiet hours until {opens.astimezone(zone):%a %d %b %H:%M} ({zone.key}). {note}".strip()


def _after_caps(channel: str, contacted: Iterable[tuple[str, datetime]], moment: datetime) -> tuple[datetime, str]:
    """The first moment from `moment` on at which no window would hold more than its cap, were a message sent then."""
    latest, why = moment, ""
    for cap in CAPS:
        if cap.channel and cap.channel != channel:
            continue
        counted = sorted((at for where, at in contacted if not cap.channel or where == cap.channel), reverse=True)
        if len(counted) >= cap.most and counted[cap.most - 1] + cap.window > latest:
            latest = counted[cap.most - 1] + cap.window
            why = f"Already {cap.words}; free from {latest:%a %d %b %H:%M} UTC."
    return latest, why


def _last_reason(message: Message) -> str:
    return f" It waited: {message.reason}" if message.reason else ""
