"""What a milestone says: words, value, criteria, needs, audience, variants, days. Read strictly from plain data.

A definition is plain data (JSON); `read` makes it typed or tells every flaw by its place. docs/milestones.md says how it is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from apps.core import definitions

from .types import STANDARD

EASIEST, HARDEST = 0.7, 1.3
_DEEPEST = 6

Key = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", description="Lower-case letters, digits, - and _.")]
MilestoneKey = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,59}$", description="Lower-case letters, digits, - and _.")]
Language = Annotated[str, Meta(pattern="^[a-z]{2}(-[A-Za-z]{2,4})?$")]
Short = Annotated[str, Meta(min_length=1, max_length=120)]
Long = Annotated[str, Meta(min_length=1, max_length=1_000)]
Hint = Annotated[str, Meta(max_length=500)]

# What a customer's own figures can be compared by: the column or formula over accounts_account `a`, and the fields whose change moves it.
METRICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "seats": ("a.seats", ("seats",)),
    "seats_used": ("a.seats_used", ("seats_used",)),
    "seats_used_percent": ("100.0 * a.seats_used / nullif(a.seats, 0)", ("seats", "seats_used")),
    "arr": ("a.arr", ("arr",)),
}
AUDIENCE = ("tier", "segment", "plan", "stage")


class Part(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, frozen=True):
    """A part of a definition: unknown names are flaws, what is left out takes its default."""


class Manual(Part, kw_only=True, frozen=True):
    """Only a person or another system can say that it is reached; `proof` says what must be shown."""

    proof: Annotated[str, Meta(min_length=1, max_length=300)]


class Criterion(Part, kw_only=True, frozen=True):
    """Exactly one of: `all`, `any` (of parts), `count`, `sum`, `milestone`, `trait`, `metric` or `manual`.

    `count`: so many events of this name; `sum`: so much of their values. `within_days`: within so many days (UTC) that end with the day on which it
    is reached; without it, ever. `trait` compares with `is`; `metric` (of METRICS) with `at_least` or `at_most`.
    """

    all: Annotated[list[Criterion], Meta(min_length=1, max_length=20)] | None = None
    any: Annotated[list[Criterion], Meta(min_length=1, max_length=20)] | None = None
    count: Annotated[str, Meta(min_length=1, max_length=160)] | None = None
    sum: Annotated[str, Meta(min_length=1, max_length=160)] | None = None
    milestone: MilestoneKey | None = None
    trait: Annotated[str, Meta(min_length=1, max_length=150)] | None = None
    metric: str | None = None
    manual: Manual | None = None
    at_least: Annotated[float, Meta(ge=0, le=1e12)] | None = None
    at_most: Annotated[float, Meta(ge=0, le=1e12)] | None = None
    within_days: Annotated[int, Meta(ge=1, le=730)] | None = None
    equals: str | float | bool | None = field(name="is", default=None)

    def __post_init__(self) -> None:
        given = [name for name in _KINDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"A criterion says exactly one of {', '.join(_KINDS)}, not {' and '.join(given) or 'nothing'}.")
        if problem := self._misfit(given[0]):
            raise ValueError(problem)

    def _misfit(self, kind: str) -> str:
        """Why this criterion says nothing, or nothing."""
        more = {name for name in ("at_least", "at_most", "within_days", "equals") if getattr(self, name) is not None}
        allowed = {"count": {"at_least", "within_days"}, "sum": {"at_least", "within_days"}, "metric": {"at_least", "at_most"}, "trait": {"equals"}}
        if unfit := sorted(more - allowed.get(kind, set())):
            return f"{kind} takes no {unfit[0].replace('equals', 'is')}."
        if kind in ("count", "sum") and not (self.at_least or 0) > 0:
            return f"{kind} needs at_least, over 0."
        if kind == "count" and self.at_least != int(self.at_least or 0):
            return "count is compared with a whole number."
        if kind == "trait" and self.equals is None:
            return "trait needs is: the value it must have."
        if kind == "metric" and self.metric not in METRICS:
            return f"There is no metric {self.metric!r}; use one of {', '.join(METRICS)}."
        if kind == "metric" and len(more) != 1:
            return "metric needs at_least or at_most, one of them."
        return ""

    @property
    def name(self) -> str:
        """The activity it counts."""
        return self.count or self.sum or ""

    def leaves(self) -> Iterator[Criterion]:
        """Its parts that have no parts, from the left."""
        if self.all is None and self.any is None:
            yield self
        for part in self.all or self.any or ():
            yield from part.leaves()

    def asked(self, factor: float = 1.0) -> float:
        """How many or how much is asked of those whose variant has this factor; a count is a whole number, rounded and at least 1."""
        assert self.at_least is not None
        if self.count is not None:
            return float(max(1, math.floor(self.at_least * factor + 0.5)))
        return self.at_least * factor


_KINDS = ("all", "any", "count", "sum", "milestone", "trait", "metric", "manual")


class Words(Part, kw_only=True, frozen=True):
    """What customers read of it, in one language."""

    name: Short
    text: Long
    hint: Hint = ""


class Audience(Part, kw_only=True, frozen=True):
    """Whose path it is on: each list names what the account's field may be; no list says nothing."""

    tier: Annotated[list[str], Meta(min_length=1, max_length=50)] | None = None
    segment: Annotated[list[str], Meta(min_length=1, max_length=50)] | None = None
    plan: Annotated[list[str], Meta(min_length=1, max_length=50)] | None = None
    stage: Annotated[list[str], Meta(min_length=1, max_length=3)] | None = None

    @property
    def lists(self) -> dict[str, list[str]]:
        return {name: values for name in AUDIENCE if (values := getattr(self, name)) is not None}


class Variant(Part, kw_only=True, frozen=True):
    """How hard it is for some: a factor of every counted threshold; a hint of its own by language."""

    key: Key
    factor: Annotated[float, Meta(ge=EASIEST, le=HARDEST)]
    hint: dict[Language, Hint] = {}


_USUAL = Variant(key=STANDARD, factor=1.0)


class Days(Part, kw_only=True, frozen=True):
    """When somebody is behind and stuck, in days after it opened: typed values that hold until 20 completions are known."""

    behind: Annotated[float, Meta(gt=0, le=1_500)] = 14
    stuck: Annotated[float, Meta(gt=0, le=3_000)] = 28


class Definition(Part, kw_only=True, frozen=True):
    """A whole version of a milestone."""

    words: Annotated[dict[Language, Words], Meta(min_length=1, max_length=60)]
    value: Annotated[str, Meta(min_length=1, max_length=500)]
    criteria: Criterion
    needs: Annotated[list[MilestoneKey], Meta(max_length=20)] = []
    audience: Audience | None = None
    visible: bool = True
    variants: Annotated[list[Variant], Meta(min_length=1, max_length=7)] = field(default_factory=lambda: [_USUAL])
    days: Days = field(default_factory=Days)

    @property
    def manual(self) -> bool:
        """Whether nothing but somebody's word can reach it."""
        return self.criteria.manual is not None

    @property
    def names(self) -> list[str]:
        """The activity names it counts."""
        return sorted({leaf.name for leaf in self.criteria.leaves() if leaf.name})

    @property
    def depends_on(self) -> set[str]:
        """Keys of the milestones that it needs or counts."""
        return {*self.needs, *(leaf.milestone for leaf in self.criteria.leaves() if leaf.milestone)}

    def variant(self, key: str) -> Variant:
        """The variant of this key; the standard one where there is none (any more)."""
        return next((own for own in self.variants if own.key == key), _USUAL)

    def target(self, variant: str = STANDARD) -> float:
        """What Progress.target says: the threshold where one thing is counted, else 100 (per cent)."""
        leaves = list(self.criteria.leaves())
        if len(leaves) == 1 and leaves[0].name:
            return leaves[0].asked(self.variant(variant).factor)
        return 1.0 if self.manual else 100.0

    def said(self, locale: str) -> Words:
        """In this language, else in English, else in the first there is."""
        return self.words.get(locale) or self.words.get(locale.partition("-")[0]) or self.words.get("en") or next(iter(self.words.values()))


class Flaws(definitions.Flaws):
    """What is wrong with a definition, as (place, words) pairs; places are paths such as criteria.all[1].at_least."""

    kind = "milestone"


def read(said: Any) -> Definition:
    """The typed definition of plain data. Raises Flaws."""
    definition = definitions.typed(said, Definition, Flaws)
    if flaws := problems(definition):
        raise Flaws(flaws)
    return definition


def plain(definition: Definition) -> dict[str, Any]:
    """As JSON keeps it, without what is left at its default: two definitions that say the same are the same data."""
    made: dict[str, Any] = msgspec.to_builtins(definition)
    return made


def problems(definition: Definition) -> list[tuple[str, str]]:
    """What types cannot say."""
    flaws: list[tuple[str, str]] = []
    if "en" not in definition.words:
        flaws.append(("words", "Say it in English (en) too: who reads no other language of it reads that."))
    flaws += _shape(definition.criteria, "criteria", 1)
    keys = [variant.key for variant in definition.variants]
    if len(set(keys)) < len(keys):
        flaws.append(("variants", "Two variants have the same key."))
    standard = next((variant for variant in definition.variants if variant.key == STANDARD), None)
    if standard is None or standard.factor != 1.0:
        flaws.append(("variants", f"One variant is called {STANDARD} and has the factor 1: what the criteria say themselves."))
    if len(keys) > 1 and not definition.names:
        flaws.append(("variants", "Nothing is counted here that a factor could make easier or harder."))
    if len(set(definition.needs)) < len(definition.needs):
        flaws.append(("needs", "A milestone is named twice."))
    if definition.days.stuck <= definition.days.behind:
        flaws.append(("days.stuck", "Stuck comes after behind."))
    return flaws


def _shape(criterion: Criterion, place: str, depth: int) -> list[tuple[str, str]]:
    if depth > _DEEPEST:
        return [(place, f"More than {_DEEPEST} levels: nobody could follow them.")]
    if criterion.manual is not None and depth > 1:
        return [(place, "manual stands alone: what a person must prove is a milestone of its own.")]
    flaws = []
    for joint in ("all", "any"):
        for number, part in enumerate(getattr(criterion, joint) or ()):
            flaws += _shape(part, f"{place}.{joint}[{number}]", depth + 1)
    return flaws
