"""The messages of a play as one real person would get them. Nothing is written and nothing is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import Contact, User
from apps.core.errors import Refused
from apps.messaging import services as messaging
from apps.messaging.models import Template
from apps.messaging.services import locales
from apps.messaging.types import Channel

from ..sayings import people, person


@dataclass(frozen=True)
class Written:
    """One message step on one channel for one person; `missing` says which language stands in for theirs."""

    number: int
    step: str
    channel: str
    label: str
    preview: Any = None
    locale: str = ""
    missing: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Previews:
    people: list[Contact]
    reader: Contact | None
    written: list[Written]
    gaps: list[tuple[str, str, int]]


def previews(user: User, steps: Sequence[Any], *, words: str = "", chosen: str = "") -> Previews:
    """Every message step, on its channel or on each that it may choose, for a person of one's own book."""
    asked = [(number, step) for number, step in enumerate(steps, 1) if step.__struct_config__.tag == "message" and _is_written(step)]
    found = people(user, words=words, channel=Channel.EMAIL, locale=locales.house())
    reader = person(user, chosen, found)
    written = [one for number, step in asked for one in _written(number, step, reader)] if reader else []
    return Previews(found, reader, written, _gaps(user, [step for _, step in asked]))


def _is_written(step: Any) -> bool:
    """Whether its channels are ours; a draft may still name others."""
    return bool(step.template) and {step.channel, *step.channels} <= {"auto", *Channel.values}


def _channels(step: Any, there: set[tuple[str, str]]) -> list[str]:
    """The channels that a step may use; of “whatever works best” only those that have words."""
    if step.channel != "auto":
        return [step.channel]
    wanted = step.channels or list(Channel.values)
    return [name for name in wanted if (step.template, name) in there] or wanted[:1]


def _written(number: int, step: Any, reader: Contact) -> list[Written]:
    there = set(Template.objects.filter(key=step.template).values_list("key", "channel"))
    return [_one(number, step, name, reader) for name in _channels(step, there)]


def _one(number: int, step: Any, channel: str, reader: Contact) -> Written:
    label = str(Channel(channel).label) if channel in Channel.values else channel
    try:
        template = messaging.templates.chosen(step.template, channel, reader)
        preview = messaging.preview.of(messaging.templates.draft_of(template), reader)
    except Refused as refusal:
        return Written(number, step.id, channel, label, refused=refusal.message)
    wanted = locales.normal(reader.locale) or locales.normal(reader.account.locale) or locales.house()
    missing = "" if template.locale.split("-")[0] == wanted.split("-")[0] else wanted
    return Written(number, step.id, channel, label, preview, template.locale, missing)


def _gaps(user: User, steps: Sequence[Any]) -> list[tuple[str, str, int]]:
    """(template, language, people) that lack words of their own, over the templates that the play uses."""
    keys = {step.template for step in steps}
    if not keys:
        return []
    who = messaging.translations.readers(user)
    found: dict[tuple[str, str], int] = {}
    newest = messaging.templates.newest().filter(key__in=keys)
    there: dict[str, list[tuple[str, str]]] = {}
    for template in newest:
        there.setdefault(template.key, []).append((template.channel, template.locale))
    for key, written in there.items():
        for gap in messaging.translations.gaps(written, who):
            found[key, gap.locale] = max(found.get((key, gap.locale), 0), gap.people)
    return [(key, locale, count) for (key, locale), count in sorted(found.items(), key=lambda one: (-one[1], one[0]))]
