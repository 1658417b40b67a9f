"""Templates as the pages of words show them: what there is, who wrote it, what is missing, and whom a draft can be tried on."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q

from apps.accounts.models import Contact, User
from apps.messaging import services as messaging
from apps.messaging.models import Template
from apps.messaging.services import locales
from apps.messaging.types import BY_PHONE, Channel

PAGE_SIZE = 40
MOST_VERSIONS = 50
FOUND = 6
_HANDS = {"job": "the product", "key": "key {}", "source": "source {}"}


@dataclass
class Row:
    """One key: its newest words per channel and language, the last change, and who would have read languages that are missing."""

    key: str
    newest: list[Template]
    by: str = ""
    gaps: list[Any] = field(default_factory=list)

    @property
    def changed(self) -> Template:
        return max(self.newest, key=lambda template: (template.created_at is not None, template.created_at or 0, template.pk))

    @property
    def channels(self) -> list[tuple[str, list[Template]]]:
        """Label of each channel with its languages, the house's first."""
        groups: dict[str, list[Template]] = {}
        for template in sorted(self.newest, key=lambda one: (one.locale != locales.house(), one.locale)):
            groups.setdefault(template.channel, []).append(template)
        return [(str(channel.label), groups[channel]) for channel in Channel if channel in groups]

    @property
    def missing(self) -> list[tuple[str, int, str]]:
        """Language, the most people of one channel, and the channels in words."""
        languages: dict[str, list[Any]] = defaultdict(list)
        for gap in self.gaps:
            languages[gap.locale].append(gap)
        told = [(name, max(gap.people for gap in found), _labels(gap.channel for gap in found)) for name, found in languages.items()]
        return sorted(told, key=lambda one: (-one[1], one[0]))


def _labels(channels: Iterable[str]) -> str:
    return ", ".join(str(Channel(channel).label) for channel in channels)


def listing(user: User, *, words: str, number: int) -> Page:
    """Keys that hold the words, a page of Rows, by key."""
    keys = Template.objects.order_by("key").values_list("key", flat=True).distinct()
    if words:
        keys = keys.filter(Q(key__icontains=words) | Q(subject__icontains=words))
    page: Page = Paginator(keys, PAGE_SIZE).get_page(number)
    named = list(page.object_list)
    found: dict[str, list[Template]] = {key: [] for key in named}
    for template in messaging.templates.newest().filter(key__in=named):
        found[template.key].append(template)
    rows = [Row(key, newest) for key, newest in found.items()]
    by = hands(row.changed.created_by for row in rows)
    who = messaging.translations.readers(user)
    for row in rows:
        row.by = by[row.changed.created_by]
        row.gaps = messaging.translations.gaps([(one.channel, one.locale) for one in row.newest], who)
    page.object_list = rows
    return page


def of_key(user: User, key: str) -> Row:
    """One key with what it lacks; without words where there is none yet."""
    row = Row(key, list(messaging.templates.newest().filter(key=key)))
    row.gaps = messaging.translations.gaps([(one.channel, one.locale) for one in row.newest], messaging.translations.readers(user))
    return row


def versions(key: str, channel: str, locale: str) -> list[tuple[Template, str]]:
    """The versions of one language, newest first, each with who wrote it."""
    found = list(Template.objects.filter(key=key, channel=channel, locale=locale).order_by("-version")[:MOST_VERSIONS])
    by = hands(template.created_by for template in found)
    return [(template, by[template.created_by]) for template in found]


def hands(actors: Iterable[str]) -> dict[str, str]:
    """Who did it, in words."""
    asked = set(actors)
    numbers = [int(actor.partition(":")[2]) for actor in asked if actor.startswith("user:") and actor[5:].isdigit()]
    people = {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=numbers)} if numbers else {}
    return {actor: people.get(actor) or _hand(actor) for actor in asked}


def _hand(actor: str) -> str:
    kind, _, name = actor.partition(":")
    return _HANDS.get(kind, "somebody who left" if actor else "").format(name)


def people(user: User, *, words: str, channel: str, locale: str) -> list[Contact]:
    """Whom of one's own book a draft can be tried on: those found by the words, or somebody who would get it in this language."""
    book = Contact.objects.for_user(user).filter(departed_on=None).select_related("account__owner")
    for word in words.split()[:5]:
        book = book.filter(Q(name__icontains=word) | Q(email__icontains=word))
    if words.strip():
        return list(book.order_by("name", "pk")[:FOUND])
    reached = book.exclude(email="") if channel == Channel.EMAIL else book.exclude(phone="") if channel in BY_PHONE else book
    language = locale.split("-")[0]
    readers = reached.filter(Q(locale__istartswith=language) | Q(locale="", account__locale__istartswith=language))
    return list(readers.order_by("pk")[:FOUND]) or list(reached.order_by("pk")[:FOUND]) or list(book.order_by("pk")[:FOUND])


def person(user: User, number: str, among: Collection[Contact]) -> Contact | None:
    """The one that was chosen, in one's own book; else the first of those found."""
    chosen = next((one for one in among if str(one.pk) == number), None)
    if chosen is None and not among and number.isascii() and number.isdigit() and len(number) < 19:
        chosen = Contact.objects.for_user(user).select_related("account__owner").filter(pk=int(number)).first()
    return chosen or next(iter(among), None)
