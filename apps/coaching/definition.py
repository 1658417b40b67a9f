"""What a tip says: words by language, for whom, which behaviour it is to move, how long it takes. Read strictly from plain data.

A tip is plain data (JSON), so that a library of tips is a file that people can review; `read` makes it typed or tells every flaw by its place.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from apps.core import definitions

from .behaviours import BEHAVIOURS

# How sure an expert may be before anything is known: nobody is certain, and nothing is hopeless enough to be written down.
_LEAST, _MOST = 0.02, 0.9
ENGLISH = "en"

Line = Annotated[str, Meta(min_length=1, max_length=120)]
Words = Annotated[str, Meta(min_length=1, max_length=600)]
Name = Annotated[str, Meta(min_length=1, max_length=160)]


class Part(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, frozen=True):
    """A part of a definition: unknown names are flaws, what is left out takes its default."""


class Said(Part, frozen=True):
    """One language: what it is called, why it pays, and the steps to take."""

    title: Line
    text: Words
    steps: Annotated[list[Words], Meta(min_length=1, max_length=5)]


class Audience(Part, frozen=True):
    """For whom: an account fits when its value is among those listed; an empty list leaves the matter open."""

    plan: list[Name] = []
    tier: list[Name] = []
    segment: list[Name] = []
    pattern: list[Name] = []


class Target(Part, frozen=True):
    """The behaviour it is to move: activity of these names. It moved when there was `at_least` so much of it in the window, and `rise_percent` more
    than in as many days before."""

    activity: Annotated[list[Name], Meta(min_length=1, max_length=12)]
    at_least: Annotated[int, Meta(ge=1, le=1_000)] = 1
    rise_percent: Annotated[float, Meta(ge=0, le=500)] = 25.0

    def moved(self, before: float, after: float) -> bool:
        return after >= self.at_least and after >= before * (1 + self.rise_percent / 100)


class Definition(Part, frozen=True):
    """A tip. `helps`: the behaviours whose gap it closes; `expects`: the share of accounts with such a gap whom an expert expects it to help."""

    words: dict[str, Said]
    target: Target
    effort_minutes: Annotated[int, Meta(ge=1, le=480)]
    helps: list[Name] = []
    audience: Audience = Audience()
    expects: Annotated[float, Meta(ge=_LEAST, le=_MOST)] = 0.2
    template: Annotated[str, Meta(max_length=60)] = ""
    strategy: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")] = "teach"

    def fits(self, plan: str, tier: str, segment: str, pattern: str) -> str:
        """Why an account of these is not meant, or nothing."""
        audience = self.audience
        for what, allowed, own in (
            ("plan", audience.plan, plan),
            ("tier", audience.tier, tier),
            ("segment", audience.segment, segment),
            ("pattern", audience.pattern, pattern),
        ):
            if allowed and own.lower() not in {name.lower() for name in allowed}:
                return f"meant for {what} {' or '.join(allowed)}"
        return ""

    def said(self, language: str) -> Said:
        """In this language (`de-AT` falls back to `de`), or else in English."""
        wanted = language.lower().replace("_", "-")
        return self.words.get(wanted) or self.words.get(wanted.split("-")[0]) or self.words[ENGLISH]


class Flaws(definitions.Flaws):
    """What is wrong with a tip, as (place, words) pairs; places are paths such as target.activity."""

    kind = "tip"


def read(said: Any) -> Definition:
    """The typed definition of plain data. Raises Flaws."""
    definition = definitions.typed(said, Definition, Flaws)
    if flaws := _problems(definition):
        raise Flaws(flaws)
    return definition


def plain(definition: Definition) -> dict[str, Any]:
    """As JSON keeps it, without what is left at its default."""
    made: dict[str, Any] = msgspec.to_builtins(definition)
    return made


def _problems(definition: Definition) -> list[tuple[str, str]]:
    flaws = []
    if ENGLISH not in definition.words:
        flaws.append(("words", "English (en) is what everybody falls back to; write it first."))
    known = {behaviour.key for behaviour in BEHAVIOURS}
    flaws += [("helps", f"There is no behaviour {name!r}; use some of {', '.join(sorted(known))}.") for name in definition.helps if name not in known]
    return flaws
