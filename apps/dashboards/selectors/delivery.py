"""The delivery inspector: what was decided lately across a book, whom or what one looks for, and how a contact may be reached."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Q, Value
from django.db.models.functions import Coalesce

from apps.accounts.models import Contact
from apps.core.reading import Reading
from apps.core.search import find
from apps.messaging import services as messaging
from apps.messaging.models import Consent, Decision, Message, PushSubscription, Suppression
from apps.messaging.types import BY_PHONE, Channel, MessageState

PAGE = 40
STORIES = 12
# How far back rare kinds of decisions are looked for.
REACH = 100_000
_FOUND = 8
# Among how many of a book's newest messages words of a subject are looked for.
_AMONG = 2_000
_WEEK = timedelta(days=7)
# What happens to every message, and needs nobody's eye.
_ROUTINE = Q(state=MessageState.SENDING) | Q(state=MessageState.QUEUED, reason="")


@dataclass(frozen=True)
class Troubles:
    """What a person should look at in a book: three counts of now, one of the last week."""

    unknown: int
    failed: int
    held: int
    returned: int


def troubles(user: Any, *, now: datetime) -> Reading[Troubles]:
    mine = Message.objects.for_user(user).order_by()
    late = Q(claimed_at__gt=now - _WEEK)
    counts = [
        mine.filter(state=MessageState.UNKNOWN),
        mine.filter(late, state=MessageState.FAILED),
        mine.filter(state=MessageState.HELD),
        mine.filter(late, state=MessageState.RETURNED),
    ]
    asked = [rows.annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values_list("n") for rows in counts]
    yield asked
    unknown, failed, held, returned = (next((n for (n,) in rows), 0) for rows in asked)
    return Troubles(unknown, failed, held, returned)


def decisions(user: Any, *, state: str, channel: str, still: bool, everything: bool, before: int) -> Reading[list[Decision]]:
    """The newest decisions of a book, one more than a page has. `still`: only those that stand; `everything`: also the steps of every message."""
    rows = Decision.objects.for_user(user).select_related("message__contact", "account")
    if before:
        rows = rows.filter(pk__lt=before)
    if state:
        rows = rows.filter(state=state)
    elif not everything:
        rows = rows.exclude(_ROUTINE)
    if channel or still:
        newest = Decision.objects.order_by().annotate(one=Value(1)).values("one").annotate(top=Coalesce(Max("pk"), Value(0)) - REACH).values("top")
        rows = rows.filter(pk__gt=newest)
    if channel:
        rows = rows.filter(message__channel=channel)
    if still:
        rows = rows.filter(message__state=F("state"))
    found = rows.order_by("-id")[: PAGE + 1]
    yield found
    return list(found)


@dataclass(frozen=True)
class Hits:
    contacts: list[Contact]
    messages: list[Message]
    more: bool

    def __bool__(self) -> bool:
        return bool(self.contacts or self.messages)


def search(user: Any, words: str) -> Hits:
    """Contacts by name, address or id; messages by number, provider's id, address, or words of a recent subject. One's own book only."""
    words = words.replace("\0", "").strip()[:200]
    if not words:
        return Hits([], [], False)
    people, more = find(Contact.objects.for_user(user).select_related("account"), ["name", "email", "external_id"], words)
    contacts = list(people.order_by("name", "id")[:_FOUND])
    mine = Message.objects.for_user(user).select_related("contact", "account")
    number = words.removeprefix("#")
    plain = "".join(letter for letter in words if letter not in " -()./")
    known = Q(provider_message_id=words) | Q(channel__in=BY_PHONE, address=plain)
    if number.isascii() and number.isdigit() and len(number) < 18:
        known |= Q(pk=int(number))
    messages = list(mine.filter(known).order_by("-id")[:_FOUND])
    if len(messages) < _FOUND:
        newest = Message.objects.for_user(user).order_by("-id").values("pk")[:_AMONG]
        said = mine.filter(pk__in=newest, subject__icontains=words).exclude(pk__in=[row.pk for row in messages])
        messages += list(said.order_by("-id")[: _FOUND - len(messages)])
    return Hits(contacts, messages, more)


def messages_of(contact: Contact, *, channel: str, state: str, before: int) -> Reading[list[Message]]:
    """A contact's messages, newest first, one more than a page tells."""
    rows = Message.objects.filter(contact=contact).select_related("template", "cause")
    if channel:
        rows = rows.filter(channel=channel)
    if state:
        rows = rows.filter(state=state)
    if before:
        rows = rows.filter(pk__lt=before)
    found = rows.order_by("-id")[: STORIES + 1]
    yield found
    return list(found)


@dataclass(frozen=True)
class Word:
    """What a contact said about one topic on one channel; without a word of theirs it is a yes by default."""

    topic: str
    allowed: bool
    source: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Reach:
    """One channel to a contact: where it leads, whether it is barred, and what they want there."""

    channel: Channel
    address: str
    barred: str
    barred_at: datetime | None
    words: tuple[Word, ...]
    refused: int

    @property
    def tone(self) -> str:
        if self.barred or not self.address:
            return "bad" if self.barred else "calm"
        return "warn" if self.refused else "good"

    @property
    def word(self) -> str:
        if self.barred:
            return "barred"
        if not self.address:
            return "no address"
        return "open" if not self.refused else "no to all" if self.refused == len(self.words) else f"no to {self.refused} of {len(self.words)}"


def reaches(contact: Contact, topics: Sequence[str]) -> Reading[list[Reach]]:
    """Every channel to a contact as it stands now."""
    phone = "".join(letter for letter in contact.phone if letter not in " -()./\u00a0")
    newest = Consent.objects.filter(contact=contact).order_by("channel", "topic", "-at", "-id").distinct("channel", "topic")
    bars = Suppression.objects.filter(address__in={contact.email.lower(), phone} - {""})
    browsers = PushSubscription.objects.filter(contact=contact, ended_at=None)
    yield newest, bars, browsers
    said: Mapping[str, dict[str, Consent]] = defaultdict(dict)
    for row in newest:
        said[row.channel][row.topic] = row
    barred = {(row.channel, row.address): row for row in bars}
    many = len(browsers)
    where = {Channel.EMAIL: contact.email, **dict.fromkeys(BY_PHONE, phone), Channel.IN_APP: "their inbox in your product"}
    where[Channel.PUSH] = f"{many} browser{'' if many == 1 else 's'}" if many else ""
    return [_reach(channel, where[channel], barred.get((channel, where[channel].lower())), said[channel], topics) for channel in Channel]


def _reach(channel: Channel, address: str, bar: Suppression | None, said: Mapping[str, Consent], topics: Sequence[str]) -> Reach:
    words = tuple(
        Word(topic, said[topic].allowed, said[topic].source, said[topic].at) if topic in said else Word(topic, True)
        for topic in sorted({*topics, *said})
    )
    refused = sum(not word.allowed for word in words)
    return Reach(channel, address, bar.reason if bar else "", bar.at if bar else None, words, refused)


def words_of(contact: Contact) -> Reading[list[Consent]]:
    """Who said yes or no, when and how: the newest words of a contact."""
    found = Consent.objects.filter(contact=contact).order_by("-at", "-id")[:12]
    yield found
    return list(found)


def topics() -> list[str]:
    return messaging.topics()
