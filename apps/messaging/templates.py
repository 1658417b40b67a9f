"""Templates: which words somebody gets, and how the next version of them is written."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused

from . import lint, locales
from .models import Template
from .types import Channel, Draft, Trouble


class NotWritten(Refused):
    """The words have errors, each with its field and line; nothing was saved."""

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self.troubles = list(troubles)
        errors = [trouble for trouble in self.troubles if trouble.error]
        first = errors[0]
        more = f" And {len(errors) - 1} more." if len(errors) > 1 else ""
        super().__init__(first.code, f"Nothing was saved. {first.field.capitalize()}, line {first.line}: {first.words}{more}")


def chosen(key: str, channel: str, contact: Contact) -> Template:
    """The newest words of a key and channel in the language that this person reads best."""
    return chosen_in(key, channel, contact.locale, contact.account.locale)


def chosen_in(key: str, channel: str, *wanted: str) -> Template:
    """The same by languages, the dearest first, for whom no contact stands; the only place where it is decided."""
    tags = locales.chain(*wanted)
    found = {template.locale: template for template in newest().filter(key=key, channel=channel, locale__in=tags)}
    for tag in tags:
        if tag in found:
            return found[tag]
    others = list(newest().filter(key=key, channel=channel).values_list("locale", flat=True))
    there = f" It is there in {', '.join(others)}, and not in {tags[-1]}, which stands in for every language." if others else ""
    raise Refused("no_template", f"There is no {Channel(channel).label} template {key!r}{there and ' for ' + tags[0]}.{there} Create it first.")


def newest() -> QuerySet[Template]:
    """The newest version of every key, channel and language."""
    return Template.objects.order_by("key", "channel", "locale", "-version").distinct("key", "channel", "locale")


def draft_of(template: Template) -> Draft:
    """The words of a version, to begin the next one with."""
    return Draft(
        key=template.key,
        channel=template.channel,
        locale=template.locale,
        subject=template.subject,
        body=template.body,
        topic=template.topic,
        content_sid=template.content_sid,
        content_variables=template.content_variables,
        examples=template.examples,
    )


def tidied(draft: Draft) -> Draft:
    """With one kind of line break and one way to write the language."""
    body = draft.body.replace("\r\n", "\n").replace("\r", "\n")
    return replace(draft, locale=locales.normal(draft.locale) or draft.locale, subject=draft.subject.strip(), body=body)


def check(draft: Draft) -> list[Trouble]:
    """Everything that is wrong with a draft, errors first; also what only the other languages show."""
    draft = tidied(draft)
    found = lint.troubles(draft)
    if any(trouble.error for trouble in found) or draft.locale == locales.house():
        return found
    house = newest().filter(key=draft.key, channel=draft.channel, locale=locales.house()).first()
    if house is None:
        told = f"There are no words in {locales.house()}, which stand in for every other language: readers of those get nothing."
        found.append(Trouble("locale", 1, "no_fallback", told, error=False))
    elif house.body == draft.body:
        found.append(Trouble("body", 1, "untranslated", f"These are still the words in {locales.house()}.", error=False))
    return found


def write(draft: Draft, *, actor: Actor, now: datetime, seen: int | None = None) -> Template:
    """Save the words as the next version and return it; the same words again are no new version. `seen` is the version the writer began with.

    Raises NotWritten with every error, Conflict where somebody else has saved meanwhile.
    """
    draft = tidied(draft)
    found = lint.troubles(draft)
    if any(trouble.error for trouble in found):
        raise NotWritten(found)
    try:
        with transaction.atomic():
            before = newest().filter(key=draft.key, channel=draft.channel, locale=draft.locale).first()
            version = before.version if before else 0
            if seen is not None and seen != version:
                raise _meanwhile(draft, version)
            if before and draft_of(before) == draft:
                return before
            return Template.objects.create(**vars(draft), version=version + 1, created_at=now, created_by=str(actor))
    except IntegrityError as error:
        # Two writers at once: the unique constraint refuses the second.
        raise _meanwhile(draft, 0) from error


def _meanwhile(draft: Draft, version: int) -> Conflict:
    what = f"{draft.key} for {draft.channel} in {draft.locale}"
    told = f"Somebody else has saved {what}. Nothing was saved. Look at theirs; saving once more puts yours over it."
    return Conflict(told, fields={}, version=version)
