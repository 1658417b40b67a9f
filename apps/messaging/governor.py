"""The contact governor: may this message leave now? One customer, one calm inbox, whatever wants to write to them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from apps.accounts.models import Contact

from . import costs, quiet
from .models import Message
from .policy import STANDARD, Policy
from .types import BY_PHONE, Channel, History, Lane, MessageState, Ruling, WhenCapped

# WhatsApp's customer service window: so long after their last words one may write freely.
WINDOW = timedelta(hours=24)
# How soon what lost its slot to a more important message asks again.
_AFTER_YOU = timedelta(minutes=1)
# How soon what belongs to something paused is looked at again, where nobody asks before.
_STILL_PAUSED = timedelta(minutes=30)
_NOTHING: Mapping[str, Decimal] = MappingProxyType({})


def rule(
    message: Message, *, now: datetime, contact: Contact, recent: History, policy: Policy = STANDARD, spent: Mapping[str, Decimal] = _NOTHING
) -> Ruling:
    """Send now, hold until a moment, or never, and why. Reads nothing but its arguments (`contact.account` is loaded)."""
    if refusal := _refusal(message, contact, recent, now):
        return Ruling(MessageState.SUPPRESSED, refusal)
    if now >= message.expires_at:
        return Ruling(MessageState.EXPIRED, f"Too late: it was worth sending until {message.expires_at:%-d %b %H:%M} UTC.{_last_reason(message)}")
    if recent.paused:
        return Ruling(MessageState.HELD, recent.paused, min(now + _STILL_PAUSED, message.expires_at))
    if message.lane == Lane.TRANSACTIONAL:
        moment, reason = _after_urgent_hours(message, contact, now, policy)
    else:
        if other := _instead_of_waiting(message, contact, recent, now, policy):
            return other
        moment, reason = _after_all(message, contact, recent, now, policy)
        if moment == now:
            moment, reason = _after_rivals(message, recent, now, policy)
        if moment == now:
            moment, reason = costs.after_budget(message, spent, now, policy)
    if moment == now:
        return Ruling(MessageState.SENDING)
    return Ruling(MessageState.HELD, reason, min(moment, message.expires_at))


def _after_all(message: Message, contact: Contact, recent: History, now: datetime, policy: Policy) -> tuple[datetime, str]:
    """A freed cap may fall into the night and the morning into a full window: both must agree on the moment."""
    moment, reason = now, ""
    while True:
        opens, why_quiet = _after_quiet_hours(message.channel, contact, moment, policy)
        free, why_capped = _after_caps(message.channel, recent.contacted, opens, policy)
        reason = why_capped or why_quiet or reason
        if free == moment:
            return moment, reason
        moment = free


def _after_urgent_hours(message: Message, contact: Contact, now: datetime, policy: Policy) -> tuple[datetime, str]:
    hours = policy.hours_of(message.channel)
    return _after_quiet_hours(message.channel, contact, now, policy) if hours and hours.urgent_waits else (now, "")


def _instead_of_waiting(message: Message, contact: Contact, recent: History, now: datetime, policy: Policy) -> Ruling | None:
    """What the policy wants done with a message over a cap, asked at an hour when it could leave."""
    # A stranger has no inbox with us.
    waits = policy.when_capped == WhenCapped.HOLD or bool(message.guest and policy.when_capped == WhenCapped.IN_APP)
    if waits or _after_quiet_hours(message.channel, contact, now, policy)[0] > now:
        return None
    free, why = _after_caps(message.channel, recent.contacted, now, policy)
    if free == now:
        return None
    if policy.when_capped == WhenCapped.DROP:
        return Ruling(MessageState.SUPPRESSED, f"{why} The contact policy drops what is over a cap.")
    inbox_is_free = _after_caps(Channel.IN_APP, recent.contacted, now, policy)[0] == now
    if message.channel != Channel.IN_APP and inbox_is_free:
        return Ruling(MessageState.HELD, f"{why} Moved to the inbox.", now, move_to=Channel.IN_APP)
    return None


def _after_rivals(message: Message, recent: History, now: datetime, policy: Policy) -> tuple[datetime, str]:
    """Where a free slot is left and something more important waits for it, the slot is kept for that."""
    if not recent.rivals:
        return now, ""
    taken = [*recent.contacted, *((rival.channel, now) for rival in recent.rivals)]
    if _after_caps(message.channel, taken, now, policy)[0] == now:
        return now, ""
    first = min(recent.rivals, key=lambda rival: rival.due_at)
    return max(now, first.due_at) + _AFTER_YOU, f"The slot goes to a {Lane(first.lane).label} message ({Channel(first.channel).label}) first."


def _refusal(message: Message, contact: Contact, recent: History, now: datetime) -> str:
    if contact.departed_on is not None and contact.departed_on <= now.date():
        return f"{contact} has left {contact.account}."
    if message.guest:
        return _refusal_of_stranger(message, recent)
    if message.channel == Channel.EMAIL and not message.address:
        return f"{contact} has no email address."
    if message.channel in BY_PHONE and not message.address:
        return f"{contact} has no telephone number."
    if message.promotion and recent.keeps:
        return f"No promotions: {recent.keeps}"
    if recent.suppressed:
        return f"{message.address} must not be written to: {recent.suppressed}"
    if not recent.allowed:
        return f"{contact} does not want “{message.topic}” by {Channel(message.channel).label}."
    if message.channel == Channel.WHATSAPP and not _may_speak_freely(message, recent, now):
        return (
            f"{contact} has not written by WhatsApp in the last 24 hours: only an approved template may be sent. Give the template its content SID."
        )
    return ""


def _refusal_of_stranger(message: Message, recent: History) -> str:
    """Without their address, which nobody keeps."""
    if recent.suppressed:
        return f"The person invited must not be written to: {recent.suppressed}"
    return "" if message.address else "The address of the person invited is forgotten already."


def _may_speak_freely(message: Message, recent: History, now: datetime) -> bool:
    approved = message.template is not None and bool(message.template.content_sid)
    return approved or (recent.heard_at is not None and now - recent.heard_at < WINDOW)


def _after_quiet_hours(channel: str, contact: Contact, moment: datetime, policy: Policy) -> tuple[datetime, str]:
    """By the standard the inbox has no hours: what waits there makes no noise."""
    hours = policy.hours_of(channel)
    if hours is None:
        return moment, ""
    zone, note = quiet.zone_of(contact.time_zone, contact.account.time_zone)
    opens = quiet.next_open(moment, zone, start=hours.start, end=hours.end, days=hours.days)
    if opens == moment:
        return moment, ""
    return opens, f"Quiet hours until {opens.astimezone(zone):%a %-d %b %H:%M} ({zone.key}). {note}".strip()


def _after_caps(channel: str, contacted: Iterable[tuple[str, datetime]], moment: datetime, policy: Policy = STANDARD) -> tuple[datetime, str]:
    """The first moment from `moment` on at which no window would hold more than its cap, were a message sent then."""
    latest, why = moment, ""
    contacted = list(contacted)
    for cap in policy.caps:
        if not cap.counts(channel):
            continue
        counted = sorted((at for where, at in contacted if cap.counts(where)), reverse=True)
        if len(counted) >= cap.most and counted[cap.most - 1] + cap.window > latest:
            latest = counted[cap.most - 1] + cap.window
            why = f"Already {cap.words}; free from {latest:%a %-d %b %H:%M} UTC."
    return latest, why


def _last_reason(message: Message) -> str:
    return f" It waited: {message.reason}" if message.reason else ""
