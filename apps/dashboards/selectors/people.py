"""The people of an account as they stand to each other: who reports to whom, who decides, who answered last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max, TextField, Value
from django.db.models.functions import Cast, Concat

from apps.accounts.models import Account, Contact
from apps.accounts.types import ContactRole
from apps.core.reading import Reading, asked, gather, nothing
from apps.events import selectors as events
from apps.messaging.models import Consent, Message

MOST = 200
_RANK = {ContactRole.SPONSOR: 0, ContactRole.CHAMPION: 1, ContactRole.ADMIN: 2, ContactRole.DETRACTOR: 3, ContactRole.USER: 4}
_TONE = {ContactRole.CHAMPION: "good", ContactRole.SPONSOR: "info", ContactRole.DETRACTOR: "bad"}


@dataclass
class Person:
    """Somebody at the customer, with whom reports to them below."""

    contact: Any
    tone: str
    two_way: datetime | None
    gone: bool
    refuses: bool
    reports: list["Person"] = field(default_factory=list)

    @property
    def dots(self) -> range:
        return range(self.contact.influence or 0)

    @property
    def silent_dots(self) -> range:
        return range(5 - (self.contact.influence or 0)) if self.contact.influence else range(0)


@dataclass(frozen=True)
class PeopleMap:
    """Whom nobody stands above, most important first; how many there are; how many an email may reach."""

    tops: list[Person]
    here: int
    left: int
    reachable: int
    refusing: int

    @property
    def by_id(self) -> list[Person]:
        return sorted(_all(self.tops), key=lambda person: person.contact.pk)

    @property
    def threads(self) -> int:
        """How many people we really talk with."""
        return sum(1 for person in _all(self.tops) if person.two_way and not person.gone)


def people_map(account: Account, *, now: datetime, past: bool = False) -> Reading[PeopleMap]:
    """As of `now`; in the past without who came later, and with the fields of then."""
    found = account.contacts.order_by("id")[:MOST]
    replies = Message.objects.filter(contact__account=account, replied_at__lte=now).values_list("contact").annotate(last=Max("replied_at")).order_by()
    newest = (
        Consent.objects.filter(contact__account=account, channel="email", topic="success", at__lte=now)
        .order_by("contact_id", "-at", "-id")
        .distinct("contact_id")
        .values_list("contact_id", "allowed")
    )
    history = (
        events.values_before(found.values_list(Concat(Value("contact:"), Cast("pk", TextField()), output_field=TextField())), now)
        if past
        else nothing({})
    )
    _, before = yield from gather(asked(found, replies, newest), history)
    contacts = _taken_back(found, before) if past else list(found)
    replied = dict(replies)
    # By their newest word.
    refusing = {contact_id for contact_id, allowed in newest if not allowed}
    people = {}
    for contact in contacts:
        spoke = contact.last_two_way_at if contact.last_two_way_at and contact.last_two_way_at <= now else None
        gone = contact.departed_on is not None and contact.departed_on <= now.date()
        two_way = max(filter(None, (spoke, replied.get(contact.pk))), default=None)
        people[contact.pk] = Person(contact, _TONE.get(ContactRole(contact.role), "calm"), two_way, gone, contact.pk in refusing)
    here = [person for person in people.values() if not person.gone]
    return PeopleMap(
        tops=_tree(people),
        here=len(here),
        left=len(people) - len(here),
        reachable=sum(1 for person in here if person.contact.email and not person.refuses),
        refusing=sum(1 for person in here if person.refuses),
    )


def _tree(people: dict[int, Person]) -> list[Person]:
    """Whoever reports to nobody we know, or stands in a circle, stands at the top."""
    tops = []
    for key, person in people.items():
        boss, seen = person.contact.reports_to_id, {key}
        while boss in people and boss not in seen:
            seen.add(boss)
            boss = people[boss].contact.reports_to_id
        above = person.contact.reports_to_id
        if above in people and boss not in seen:
            people[above].reports.append(person)
        else:
            tops.append(person)
    for level in (tops, *(person.reports for person in people.values())):
        level.sort(key=lambda person: (person.gone, _RANK[ContactRole(person.contact.role)], -(person.contact.influence or 0), str(person.contact)))
    return tops


def _all(level: list[Person]) -> list[Person]:
    return [one for person in level for one in (person, *_all(person.reports))]


def _taken_back(contacts: Iterable[Contact], before: Mapping[str, Mapping[str, Any]]) -> list[Contact]:
    """The people who were known at a moment, with what was known of them."""
    known = []
    for contact in contacts:
        fields = before.get(f"contact:{contact.pk}", {})
        for name, value in fields.items():
            if name in {"name", "title", "email", "role", "influence", "reports_to_id"}:
                setattr(contact, name, value if value is not None or name in {"influence", "reports_to_id"} else "")
        if contact.role in ContactRole.values and str(contact):
            known.append(contact)
    return known
