"""What a program says, read strictly: rewards of both sides, when they mature, caps, windows and the words that strangers read."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from apps.core.definitions import Flaws as CoreFlaws
from apps.core.definitions import typed


class Flaws(CoreFlaws):
    kind = "program"


class Part(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    pass


class Promise(Part, frozen=True):
    """What one side gets."""

    unit: Literal["points", "credits", "perks"]
    amount: Annotated[int, Meta(ge=1, le=1_000_000)]
    currency: Annotated[str, Meta(max_length=40)] = ""


class Value(Part, frozen=True):
    """The first value of the friend's account: a milestone reached, or something done. Exactly one of both."""

    milestone: Annotated[str, Meta(max_length=80)] = ""
    activity: Annotated[str, Meta(max_length=160)] = ""


class Words(Part, frozen=True):
    """What the landing page and the invitation say of us, in one language."""

    title: Annotated[str, Meta(min_length=1, max_length=80)]
    text: Annotated[str, Meta(min_length=1, max_length=600)]


Days = Annotated[int, Meta(ge=1, le=365)]


class Definition(Part, frozen=True):
    goes_to: Annotated[str, Meta(pattern=r"^https?://[^\s]{3,400}$")]
    words: Annotated[dict[Annotated[str, Meta(pattern="^[a-z]{2,3}$")], Words], Meta(min_length=1)]
    first_value: Value
    advocate: Promise | None = None
    friend: Promise | None = None
    per_advocate: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    per_month: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    window_days: Days = 30
    hold_days: Annotated[int, Meta(ge=0, le=90)] = 7
    void_days: Annotated[int, Meta(ge=0, le=365)] = 60
    automatic_under: Annotated[int, Meta(ge=0, le=101)] = 30
    invites_per_day: Annotated[int, Meta(ge=0, le=50)] = 10

    def said_in(self, language: str) -> Words:
        """The words in this language, else in English, else those that are there."""
        return self.words.get(language) or self.words.get("en") or next(iter(self.words.values()))

    def promised(self, side: str) -> Promise | None:
        return self.advocate if side == "advocate" else self.friend


def read(said: Any) -> Definition:
    """Raises Flaws with each flaw at its place."""
    found = typed(said, Definition, Flaws)
    if flaws := _problems(found):
        raise Flaws(flaws)
    return found


def plain(definition: Definition) -> dict[str, Any]:
    bare: dict[str, Any] = msgspec.to_builtins(definition)
    return bare


def _problems(said: Definition) -> list[tuple[str, str]]:
    flaws = []
    if not (said.advocate or said.friend):
        flaws.append(("advocate", "At least one side gets something."))
    for side in ("advocate", "friend"):
        promise = said.promised(side)
        if promise is None:
            continue
        if promise.unit == "points" and promise.currency:
            flaws.append((f"{side}.currency", "Points have no currency."))
        if promise.unit == "credits" and not (len(promise.currency) == 3 and promise.currency.isascii() and promise.currency.isupper()):
            flaws.append((f"{side}.currency", "Credits have a currency of three capital letters, such as USD."))
        if promise.unit == "perks" and not promise.currency:
            flaws.append((f"{side}.currency", "Say the key of the perk."))
    if bool(said.first_value.milestone) == bool(said.first_value.activity):
        flaws.append(("first_value", "Name either a milestone or an activity."))
    return flaws
