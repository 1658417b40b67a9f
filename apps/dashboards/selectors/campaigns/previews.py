"""Every variant of a campaign as one real person would get it: in their language, with the words of the blocks that are meant for them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.accounts.models import Contact, User
from apps.campaigns import selectors as campaigns_read
from apps.campaigns import services as campaigns
from apps.core.errors import Refused
from apps.messaging import services as messaging
from apps.messaging.models import Template
from apps.messaging.services import locales
from apps.messaging.types import Channel

from ..plays.previews import Previews, Written
from ..sayings import people, person

_MOST_LANGUAGES = 6
# Stands for what only the handing over knows.
_LINK = "#"


def languages(user: User) -> list[str]:
    """The house's language first, then those that most readers of one's own book have."""
    tongues = dict.fromkeys(one.locale.split("-")[0] for one in messaging.translations.readers(user))
    house = locales.house().split("-")[0]
    return [house, *[tag for tag in tongues if tag != house][: _MOST_LANGUAGES - 1]]


def previews(user: User, says: Mapping[str, Any], *, words: str, chosen: str, now: datetime) -> Previews:
    found = people(user, words=words, channel=Channel.EMAIL, locale=locales.house())
    reader = person(user, chosen, found)
    variants = [one for one in says.get("variants") or [] if one.get("template")]
    if reader is None:
        return Previews(found, None, [], [])
    blocks = _blocks(says, reader)
    channels = [one for one in says.get("channels") or ["email"] if one in Channel.values]
    there = set(Template.objects.filter(key__in=[one["template"] for one in variants]).values_list("key", "channel"))
    written = []
    for number, one in enumerate(variants, 1):
        for channel in [name for name in channels if (one["template"], name) in there] or channels[:1]:
            written.append(_one(number, one, channel, reader, blocks))
    return Previews(found, reader, written, [])


def _blocks(says: Mapping[str, Any], reader: Contact) -> dict[str, str]:
    try:
        typed = campaigns.definition.read({"when": {"kind": "manual"}, "blocks": says.get("blocks") or {}})
    except campaigns.definition.Flaws:
        return {}
    return campaigns_read.campaigns.blocks.chosen(typed, [reader]).get(reader.pk, {})


def _one(number: int, variant: Mapping[str, Any], channel: str, reader: Contact, blocks: Mapping[str, str]) -> Written:
    label = f"{variant.get('name') or 'variant'} · {Channel(channel).label}"
    try:
        template = messaging.templates.chosen(variant["template"], channel, reader)
        draft = messaging.templates.draft_of(template)
        draft = replace(draft, examples={**draft.examples, "blocks": dict(blocks), "survey": {"link": _LINK}})
        preview = messaging.preview.of(draft, reader)
    except Refused as refusal:
        return Written(number, variant.get("name", ""), channel, label, refused=refusal.message)
    wanted = locales.normal(reader.locale) or locales.normal(reader.account.locale) or locales.house()
    missing = "" if template.locale.split("-")[0] == wanted.split("-")[0] else wanted
    return Written(number, variant.get("name", ""), channel, label, preview, template.locale, missing)
