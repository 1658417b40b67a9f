"""Reads across messaging's tables, and the signed tokens that stand for a contact."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.core import signing
from django.db.models import Max, Q, QuerySet

from apps.accounts.models import Contact

from . import guests, providers
from .addresses import address_of
from .asking import meaning_of_confirm  # noqa: F401  (part of this module's face)
from .guests import key_of as guest_key  # noqa: F401  (part of this module's face)
from .guests import keys_of as guest_keys  # noqa: F401  (part of this module's face)
from .guests import plain as plain_address  # noqa: F401  (part of this module's face)
from .holding import keeping  # noqa: F401  (part of this module's face)
from .locales import chain  # noqa: F401  (part of this module's face)
from .models import Consent, Hold, Message, MessageQuerySet, ProviderEvent, Suppression, Template
from .outlook import cheapest, confirmed_topics, full_condition, most_a_day, tongues_of, topics_of, usual_prices  # noqa: F401  (of this face)
from .policy import STANDARD, Hours, Policy, current
from .quiet import first_instant, zone_of  # noqa: F401  (part of this module's face)
from .types import CONTACTED, WAITING, Channel, History, HookKind, MessageState, Rival

_INBOX = signing.Signer(salt="messaging.inbox")
_UNSUBSCRIBE = signing.Signer(salt="messaging.unsubscribe")
_HOOK = signing.Signer(salt="messaging.hook")
_PREFERENCES = signing.Signer(salt="messaging.preferences")
# A message counts from when it was sent, which may be a little later than its claim.
_SLACK = timedelta(hours=1)
# A slot is kept for something more important that is due so soon.
_SOON = timedelta(hours=1)


def histories(
    messages: Collection[Message],
    *,
    channel: str,
    now: datetime,
    rules: Policy = STANDARD,
    with_rivals: Callable[[str], bool] | None = None,
    with_reached: bool = True,
) -> dict[int, History]:
    """What the governor needs to know for each of these messages of one channel, by message id, in three queries; one more for rivals, which count
    where their channel is open, and one less where only their word is asked for."""
    people = {message.contact_id for message in messages if not message.guest}
    strangers = {message.guest for message in messages if message.guest}
    topics = {message.topic for message in messages}
    newest = (
        Consent.objects.filter(contact__in=people, channel=channel, topic__in=topics)
        .order_by("contact_id", "topic", "-at", "-id")
        .distinct("contact_id", "topic")
    )
    words = {(contact_id, topic): allowed for contact_id, topic, allowed in newest.values_list("contact_id", "topic", "allowed")}
    addresses = {message.address.lower() for message in messages if message.address}
    barred = _barred(addresses, strangers, channel=channel)
    reached: dict[int | str, list[tuple[str, datetime]]] = defaultdict(list)
    # What went to strangers in somebody's name did not reach that person.
    whom = Q(contact__in=people, guest="") if people else Q(pk__in=[])
    whom |= Q(guest__in=strangers) if strangers else Q(pk__in=[])
    counted = Message.objects.filter(whom, claimed_at__gt=now - rules.longest_window - _SLACK, state__in=CONTACTED)
    # The message itself is no contact yet, even when it is already being sent.
    counted = counted.exclude(pk__in=[message.pk for message in messages])
    columns = ("guest", "contact_id", "channel", "claimed_at", "sent_at")
    for guest, contact_id, where, claimed_at, sent_at in counted.values_list(*columns) if with_reached else ():
        reached[guest or contact_id].append((where, sent_at or claimed_at))
    heard = _heard(people) if channel == Channel.WHATSAPP else {}
    rivals = _rivals(messages, now, with_rivals) if with_rivals else {}
    return {
        message.pk: History(
            # A stranger has no word on topics: theirs is to be written to no more, which `suppressed` knows.
            allowed=bool(message.guest) or words.get((message.contact_id, message.topic), message.topic not in rules.confirmed_topics),
            suppressed=barred.get(message.address.lower(), "") or barred.get(message.guest, ""),
            contacted=tuple(reached[message.whom]),
            heard_at=heard.get(message.contact_id),
            rivals=() if message.guest else tuple(rival for rank, rival in rivals.get(message.contact_id, ()) if rank < message.lane_rank),
        )
        for message in messages
    }


def _rivals(messages: Collection[Message], now: datetime, is_open: Callable[[str], bool]) -> dict[int, list[tuple[int, Rival]]]:
    """What else waits for these contacts, of a higher lane than the least of theirs, by contact with its rank; what is ruled together is no rival."""
    people, least = {message.contact_id for message in messages}, max(message.lane_rank for message in messages)
    if least == 0:
        return {}
    found: dict[int, list[tuple[int, Rival]]] = defaultdict(list)
    soon = {"due_at__lte": now + _SOON, "expires_at__gt": now}
    waiting = Message.objects.filter(contact__in=people, guest="", state__in=WAITING, lane_rank__lt=least, **soon)
    # What belongs to something paused does not leave and needs no slot.
    waiting = waiting.exclude(series__in=Hold.objects.exclude(series="").values("series"))
    for message in waiting.exclude(pk__in=[message.pk for message in messages]).only("contact", "channel", "lane", "lane_rank", "due_at"):
        if is_open(message.channel):
            found[message.contact_id].append((message.lane_rank, Rival(message.channel, message.lane, message.due_at)))
    return found


def _heard(people: Collection[int]) -> dict[int, datetime]:
    """When these contacts last wrote by WhatsApp."""
    mine = ProviderEvent.objects.filter(contact__in=people, kind=HookKind.INBOUND, channel=Channel.WHATSAPP)
    return {row["contact_id"]: row["at"] for row in mine.values("contact_id").annotate(at=Max("received_at")).order_by()}


def _barred(addresses: Collection[str], strangers: Collection[str] = (), *, channel: str) -> dict[str, str]:
    """The addresses that must not be written to, with the reason; also those of people who were erased, known by their fingerprint only, and
    strangers, by theirs."""
    if not addresses and not strangers:
        return {}
    known = {fingerprint(address): address for address in addresses} | {address: address for address in addresses}
    # With a secret of a while ago the same person has another key.
    known |= {key: key for key in strangers} | {key: own for address in addresses if strangers for own, key in guests.earlier_keys(address)}
    found = Suppression.objects.filter(channel=channel, address__in=known).values_list("address", "reason")
    return {known[stored]: reason for stored, reason in found}


def may_be_written_to(contact_ids: Collection[int], *, channel: str, topic: str) -> set[int]:
    """Who of these contacts may be written to on a channel about a topic, as far as their word and the state of their address go."""
    rules = current()
    newest = Consent.objects.filter(contact__in=contact_ids, channel=channel, topic=topic).order_by("contact_id", "-at", "-id").distinct("contact_id")
    words = dict(newest.values_list("contact_id", "allowed"))
    allowed = {key for key in contact_ids if words.get(key, topic not in rules.confirmed_topics)}
    field = "email" if channel == Channel.EMAIL else "phone"
    addresses = dict(Contact.objects.filter(pk__in=allowed).values_list("pk", field))
    barred = _barred({address.lower() for address in addresses.values() if address}, channel=channel)
    return {key for key in allowed if addresses.get(key, "").lower() not in barred}


def words_since(moment: datetime, account: Any) -> QuerySet[Consent]:
    """What people of an account (an id, or OuterRef) said about messages since then."""
    return Consent.objects.filter(at__gte=moment, contact__account=account)


def fingerprint(address: str) -> str:
    """An address that one knows can be recognised by it; none can be read from it."""
    return f"sha256:{hashlib.sha256(f'suppressed:{address.strip().lower()}'.encode()).hexdigest()}"


def inbox_token(contact: Contact) -> str:
    """What the customer's product embeds to show this contact's inbox."""
    return _INBOX.sign(str(contact.pk))


def contact_id_of_inbox(token: str) -> int | None:
    """The contact a token stands for, without a query; None when it was tampered with."""
    try:
        return int(_INBOX.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def contact_of_inbox(token: str, *, now: datetime) -> Contact | None:
    """The contact whose inbox this token opens; someone who has left their company has none."""
    contact = Contact.objects.select_related("account").filter(pk=contact_id_of_inbox(token) or 0).first()
    return contact if contact and not (contact.departed_on and contact.departed_on <= now.date()) else None


def inbox(contact: Contact) -> MessageQuerySet:
    """The in-app messages a contact has, newest first."""
    arrived = [MessageState.SENT, MessageState.REPLIED]
    return Message.objects.filter(contact=contact, channel=Channel.IN_APP, state__in=arrived).order_by("-sent_at", "-id")


def unsubscribe_token(message: Message) -> str:
    """Opaque, unforgeable, the same on every retry, and without an end: an old mail must still let people go."""
    return _UNSUBSCRIBE.sign_object([message.contact_id, message.channel, message.topic])


def meaning_of_unsubscribe(token: str) -> tuple[int, str, str] | None:
    """(contact id, channel, topic), or None when the token is not ours."""
    try:
        contact_id, channel, topic = _UNSUBSCRIBE.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(contact_id), str(channel), str(topic)


def hook_token(message: Message) -> str:
    """What stands in the address that a provider calls about this message: it is found even where our row never learned the provider's id."""
    return _HOOK.sign(str(message.pk))


def message_id_of_hook(token: str) -> int | None:
    """The message that such an address stands for; None when it is not ours."""
    try:
        return int(_HOOK.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def preferences_token(contact_id: int) -> str:
    """What opens a contact's own page of preferences, from any of their messages and without an end."""
    return _PREFERENCES.sign(str(contact_id))


def contact_of_preferences(token: str) -> Contact | None:
    """The contact whose preferences this token opens; None when it is not ours, or nobody's any more."""
    try:
        key = int(_PREFERENCES.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Contact.objects.select_related("account").filter(pk=key).first()


def channels_due(now: datetime) -> list[str]:
    """Channels on which something should leave."""
    waiting = Message.objects.filter(state__in=WAITING, due_at__lte=now)
    return list(waiting.order_by("channel").values_list("channel", flat=True).distinct())


def oldest_due_seconds(now: datetime) -> float:
    """Age of the oldest message that should have left; 0 when nothing waits. The sending queue's lag."""
    oldest = Message.objects.filter(state__in=WAITING, due_at__lte=now).order_by("due_at").values_list("due_at", flat=True).first()
    return (now - oldest).total_seconds() if oldest else 0.0


def drafts(*, now: datetime) -> MessageQuerySet:
    """What leaves at its hour unless its approver stops it before."""
    return Message.objects.filter(state=MessageState.HELD, approver__isnull=False, approved_at=None, due_at__gt=now)


def waiting_for_a_person() -> MessageQuerySet:
    """Messages of which nobody knows whether they arrived."""
    return Message.objects.filter(state=MessageState.UNKNOWN)


def reaches(contact: Contact, *, template_key: str, now: datetime) -> set[str]:
    """The channels with words under this key on which the contact can be reached as of `now`: an address that is not barred, and no word against it.

    In three statements. The inbox and WhatsApp's window are left to the governor.
    """
    found = dict(Template.objects.filter(key=template_key).order_by("version").values_list("channel", "topic"))
    newest = Consent.objects.filter(contact=contact, channel__in=found, at__lte=now).order_by("channel", "topic", "-at", "-id")
    words = {(channel, topic): allowed for channel, topic, allowed in newest.distinct("channel", "topic").values_list("channel", "topic", "allowed")}
    confirmed = current().confirmed_topics
    addresses = {channel: address_of(contact, channel) for channel in found}
    barred = set(Suppression.objects.filter(address__in=_as_stored(addresses.values()), at__lte=now).values_list("channel", "address"))
    return {
        channel
        for channel, topic in found.items()
        if (addresses[channel] or channel in (Channel.IN_APP, Channel.PUSH))
        and words.get((channel, topic), topic not in confirmed)
        and not any((channel, stored) in barred for stored in _as_stored([addresses[channel]]))
    }


def allowed_hours(channel: str) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Of a working day and of a weekend day, the hours (of 24, there) in which the channel may speak, the whole hour long."""
    hours = current().hours_of(channel)
    if hours is None:
        return (True,) * 24, (True,) * 24
    by_day = tuple(_is_open(hour, hours) for hour in range(24))
    working, weekend = (any(day in hours.days for day in days) for days in (range(5), range(5, 7)))
    return by_day if working else (False,) * 24, by_day if weekend else (False,) * 24


def _is_open(hour: int, hours: Hours) -> bool:
    if hours.start == hours.end:
        return True
    begins, ends = time(hour), time(hour, 59)
    quiet = (lambda at: at >= hours.start or at < hours.end) if hours.start > hours.end else (lambda at: hours.start <= at < hours.end)
    return not quiet(begins) and not quiet(ends)


def _as_stored(addresses: Iterable[str]) -> list[str]:
    """As an address may stand in the list of the barred: itself, or its fingerprint."""
    return [stored for address in addresses if address for stored in (address.lower(), fingerprint(address.lower()))]


def telling_providers() -> list[str]:
    """Those that call back when a message arrived: of all others, what left and did not come back is the most that can be known."""
    return [name for name, provider in providers.PROVIDERS.items() if provider.can.tells_status]
