"""Word of mouth as staff see it: choices of a person, right moments, asks, challenges, statements."""

from dataclasses import dataclass, field

from apps.accounts.models import Contact
from apps.community.models import NamedConsent, SharingChoice
from apps.community.selectors import standing
from apps.community.types import Surface
from apps.core.reading import Reading
from apps.messaging import selectors as messaging


@dataclass(frozen=True)
class Line:
    """One choice, or one thing that would name somebody, in a word and its tone."""

    tone: str
    word: str
    surface: Surface | None = None
    at: object = None
    source: str = ""
    item: str = ""
    words: str = ""


@dataclass(frozen=True)
class Sharing:
    token: str
    standings: list[Line] = field(default_factory=list)
    named: list[Line] = field(default_factory=list)


def sharing_of(contact: Contact) -> Reading[Sharing]:
    """What a person takes part in, and what may name them."""
    newest = SharingChoice.objects.filter(contact=contact).order_by("surface", "-id").distinct("surface")
    named = NamedConsent.objects.filter(contact=contact).order_by("-asked_at", "-id")
    yield [newest, named]
    said = {row.surface: row for row in newest}
    lines = []
    for surface in Surface:
        one = standing(surface, said.get(surface))
        lines.append(Line("good" if one.allowed else "calm", "yes" if one.allowed else "no", surface, one.at, one.source))
    asked = [
        Line(*(("warn", "asked") if row.allowed is None else ("good", "yes") if row.allowed else ("calm", "no")), item=row.item, words=row.words)
        for row in named
    ]
    return Sharing(messaging.preferences_token(contact.pk), lines, asked)
