"""The rows behind figures of people, words exchanged, messages, health and milestones (ties.py), as they were known at a moment, newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from apps.accounts.models import Account, Contact, Note
from apps.core.reading import Reading, gather
from apps.core.reading import asked as ask
from apps.events.models import Change
from apps.health.models import HealthScore
from apps.messaging.models import Message
from apps.milestones.models import Progress

from .records import as_they_were
from .registry import Feature
from .types import Fact

_MOST = 100
_LEADS = ("champion", "sponsor")
# The moment of a message that makes it count, by figure.
_OF_MESSAGE = {"sent_28": "sent_at", "opened_28": "read_at", "replied_28": "replied_at"}


@dataclass(frozen=True)
class Asked:
    """`seen` is the last known instant, `last` its day; 28 days begin at `since`."""

    account: Account
    feature: Feature
    seen: datetime
    last: date
    since: datetime
    midnight: datetime


def behind(asked: Asked) -> Reading[list[Fact]]:
    return (yield from READERS[asked.feature.source](asked))


def _people(asked: Asked) -> Reading[list[Fact]]:
    found = yield from _contacts(asked)
    if asked.feature.key == "leads_left_90":
        first = asked.last - timedelta(days=asked.feature.window)
        kept = [person for person in found if person.role in _LEADS and person.departed_on and first < person.departed_on <= asked.last]
        return [Fact("contact", person.pk, person.departed_on, str(person), f"{person.get_role_display()} · left") for person in kept]
    here = [person for person in found if person.departed_on is None or person.departed_on > asked.last]
    wanted = [person for person in here if asked.feature.key != "leads" or person.role in _LEADS]
    return [Fact("contact", person.pk, None, str(person), str(person.get_role_display())) for person in wanted]


def _contacts(asked: Asked) -> Reading[list[Any]]:
    """People that were heard of by then; those who came with the account itself count from its beginning."""
    people = Contact.objects.filter(account=asked.account).order_by("-departed_on", "name", "id")[:_MOST]
    found = yield from as_they_were(people, asked.seen)
    until = max(asked.seen, asked.account.created_at + timedelta(days=1))
    subjects = [f"contact:{person.pk}" for person in found]
    born = Change.objects.filter(subject__in=subjects, field="", at__gt=until).values_list("subject")
    yield born
    later = {subject for (subject,) in born}
    return [person for person in found if f"contact:{person.pk}" not in later]


def _words(asked: Asked) -> Reading[list[Fact]]:
    written = Note.objects.filter(account=asked.account, kind__in=("call", "meeting", "email"), at__lte=asked.seen, created_at__lte=asked.seen)
    notes = written.order_by("-at", "-id")[:_MOST]
    replied = Message.objects.filter(account=asked.account, replied_at__lte=asked.seen).select_related("contact")
    replies = replied.order_by("-replied_at", "-id")[:_MOST]
    people, _ = yield from gather(_contacts(asked), ask(notes, replies))
    spoken = [person for person in people if person.last_two_way_at and person.last_two_way_at <= asked.seen]
    facts = [Fact("note", note.pk, note.at, f"{note.get_kind_display().capitalize()}: {note}") for note in notes]
    facts += [Fact("message", message.pk, message.replied_at, f"Reply to “{message.subject}”", str(message.contact)) for message in replies]
    facts += [Fact("contact", person.pk, person.last_two_way_at, f"Last words with {person}", "as the contact's record says") for person in spoken]
    return sorted(facts, key=lambda fact: str(fact.at), reverse=True)


def _messages(asked: Asked) -> Reading[list[Fact]]:
    """Messages of save plays are left out, as the figure does."""
    moment = _OF_MESSAGE[asked.feature.key]
    within = {f"{moment}__gte": asked.since, f"{moment}__lte": asked.seen}
    sent = Message.objects.filter(account=asked.account, sent_at__lte=asked.seen)
    rows = sent.filter(**within).exclude(lane="save").select_related("contact")
    rows = rows.order_by(f"-{moment}", "-id")[:_MOST]
    yield rows
    return [Fact("message", row.pk, getattr(row, moment), row.subject or str(row), f"{row.channel} to {row.contact}") for row in rows]


def _health(asked: Asked) -> Reading[list[Fact]]:
    told = HealthScore.objects.filter(account=asked.account, as_of__lt=asked.midnight, created_at__lte=asked.seen)
    rows = told.order_by("-as_of", "-id")[:_MOST]
    yield rows
    return [Fact("health", row.pk, row.as_of, f"Health {row.score:.0f} of 100") for row in rows if row.score is not None]


def _milestones(asked: Asked) -> Reading[list[Fact]]:
    known = Progress.objects.filter(account=asked.account, achieved_at__lte=asked.seen, noticed_at__lte=asked.seen)
    rows = known.select_related("milestone").order_by("-achieved_at", "-id")[:_MOST]
    yield rows
    return [Fact("milestone", row.pk, row.achieved_at, f"Reached “{row.milestone}”", row.get_via_display()) for row in rows]


READERS: dict[str, Callable[[Asked], Reading[list[Fact]]]] = {
    "contacts": _people,
    "calls, meetings and replies": _words,
    "messages": _messages,
    "health": _health,
    "milestones": _milestones,
}
