"""Languages by their tags, and in which order somebody is addressed in them. Pure, but for the house's own language."""

import re
from collections.abc import Iterable

from django.conf import settings

# A language of two or three letters, then script or region: pt, pt-BR, zh-Hans, es-419.
_TAG = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?")


def house() -> str:
    """The language of the house, in which every template should have words."""
    return normal(settings.LANGUAGE_CODE) or "en"


def normal(word: str) -> str:
    """The tag as it is written in one way only (`pt_br.UTF-8` is `pt-BR`); empty where it names no language."""
    found = _TAG.fullmatch(word.strip().split(".")[0].split("@")[0].replace("_", "-"))
    if found is None:
        return ""
    language, script, region = found.groups()
    return "-".join(part for part in (language.lower(), (script or "").capitalize(), (region or "").upper()) if part)


def widening(word: str) -> list[str]:
    """The tag and the wider ones that stand in for it: pt-BR, pt."""
    parts = normal(word).split("-")
    return ["-".join(parts[:count]) for count in range(len(parts), 0, -1) if parts[0]]


def chain(*wanted: str) -> list[str]:
    """In which languages to look for words, the dearest first; the language of the house comes last."""
    return _once(tag for word in (*wanted, house()) for tag in widening(word))


def serves(tag: str, wanted: str) -> bool:
    """Whether words in `tag` are what a reader of `wanted` asked for."""
    return tag in widening(wanted)


def _once(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tags))
