"""What a rule says, read strictly from plain data; docs/alert-rules.md describes it for people."""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from apps.core import definitions

from ..types import RuleKind

_FIGURE = "^[a-z][a-z0-9_]{0,59}$"
Share = Annotated[float, Meta(gt=0, le=1)]
Days = Annotated[int, Meta(ge=1, le=366)]
Way = Annotated[str, Meta(pattern="^(above|below)$")]
Key = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]
Words = Annotated[str, Meta(max_length=250)]

ACCOUNT, HOUSE = "account", "house"
DEFAULT_SCORE, DEFAULT_BUDGET = 3.5, 5


class Flaws(definitions.Flaws):
    kind = "rule"


class Part(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, frozen=True):
    """A part of a definition: unknown names are flaws, what is left out takes its default."""


class Whom(Part, frozen=True):
    """Which accounts it looks at; nothing said: every customer."""

    segment: Key | None = None
    stages: Annotated[list[Annotated[str, Meta(pattern="^(onboarding|active)$")]], Meta(max_length=2)] = []
    least_arr: Annotated[float, Meta(ge=0)] = 0


class Quiet(Part, kw_only=True, frozen=True):
    """Days (UTC, both included) on which the rule does not look: maintenance, a holiday, a known gap in the data."""

    first: date
    last: date
    why: Words = ""


class Together(Part, frozen=True):
    """When so many begin on one day, the cause is ours and one alert about the house stands for all of them."""

    share: Share = 0.3
    least: Annotated[int, Meta(ge=2)] = 10


class Rule(Part, tag_field="kind", kw_only=True, frozen=True):
    """`figure` is looked at of each account, or of the house. `opens_after` and `calm_days` are days in a row; within `cooldown_days` after it
    began nobody is told again. `budget` is how many of its alerts one person is told loudly on one day."""

    figure: Annotated[str, Meta(pattern=_FIGURE)]
    of: Annotated[str, Meta(pattern="^(account|house)$")] = ACCOUNT
    filters: dict[str, str] = {}
    whom: Whom = Whom()
    opens_after: Annotated[int, Meta(ge=1, le=30)] = 1
    calm_days: Annotated[int, Meta(ge=1, le=30)] = 1
    cooldown_days: Annotated[int, Meta(ge=0, le=366)] = 7
    quiet: Annotated[list[Quiet], Meta(max_length=40)] = []
    together: Together = Together()
    budget: Annotated[int, Meta(ge=1, le=100)] = DEFAULT_BUDGET

    @property
    def kind(self) -> RuleKind:
        return RuleKind(str(self.__struct_config__.tag))

    def is_quiet(self, day: date) -> bool:
        return any(window.first <= day <= window.last for window in self.quiet)

    @property
    def look_back(self) -> int:
        """How many days before a day it reads to judge that day; 0: the day alone."""
        return 0


class Threshold(Rule, tag="threshold", kw_only=True, frozen=True):
    """The figure, or how far it moved in `over_days` (with `as_share`: as a share of where it was), passes `limit`; it is over beyond `release`."""

    way: Way
    limit: float
    over_days: Annotated[int, Meta(ge=0, le=180)] = 0
    as_share: bool = False
    release: float | None = None

    @property
    def look_back(self) -> int:
        return self.over_days


class Baseline(Rule, tag="baseline", kw_only=True, frozen=True):
    """The figure leaves its own pattern by `score` standard deviations and by the share `change`, and the usual is `least` or more.

    `by`: "weekday" holds a day against the same weekdays of `weeks`; "level" against a pattern that learns day by day.
    """

    way: Annotated[str, Meta(pattern="^(above|below|both)$")] = "both"
    score: Annotated[float, Meta(ge=2, le=8)] = DEFAULT_SCORE
    change: Annotated[float, Meta(ge=0, le=100)] = 0
    least: Annotated[float, Meta(ge=0)] = 0
    by: Annotated[str, Meta(pattern="^(weekday|level)$")] = "level"
    weeks: Annotated[int, Meta(ge=4, le=26)] = 8
    tunes: bool = True
    calm_days: Annotated[int, Meta(ge=1, le=30)] = 2
    # A lasting shift swings until the pattern has followed it: one matter, one alert.
    cooldown_days: Annotated[int, Meta(ge=0, le=366)] = 14

    @property
    def look_back(self) -> int:
        return 7 * self.weeks if self.by == "weekday" else 0


class Absence(Rule, tag="absence", kw_only=True, frozen=True):
    """The figure, in days since something last happened, has reached `days`."""

    days: Days
    cooldown_days: Annotated[int, Meta(ge=0, le=366)] = 0


class BandChange(Rule, tag="band", kw_only=True, frozen=True):
    """The band of the figure came down (`worse`) or up into one of `into`; over when it has left them."""

    into: Annotated[list[Annotated[str, Meta(pattern="^[a-z]{1,12}$")]], Meta(min_length=1, max_length=3)]

    @property
    def look_back(self) -> int:
        return 1


class Forecast(Rule, tag="forecast", kw_only=True, frozen=True):
    """At the slope of the last `slope_days` the figure passes `limit` within `within_days`; where that is not sure, nobody is told."""

    way: Way
    limit: float
    within_days: Annotated[int, Meta(ge=1, le=90)] = 14
    slope_days: Annotated[int, Meta(ge=14, le=120)] = 28
    calm_days: Annotated[int, Meta(ge=1, le=30)] = 3
    cooldown_days: Annotated[int, Meta(ge=0, le=366)] = 14

    @property
    def look_back(self) -> int:
        return self.slope_days


class Probability(Rule, tag="probability", kw_only=True, frozen=True):
    """The model expects it with `probability` or more; over below `release` (left out: three quarters of it)."""

    figure: Annotated[str, Meta(pattern=_FIGURE)] = "risk"
    probability: Share
    release: float | None = None


Definition = Threshold | Baseline | Absence | BandChange | Forecast | Probability


def read(said: Any) -> Definition:
    """The definition, or every flaw at its place."""
    if not isinstance(said, dict):
        raise Flaws([("", "A rule is an object with a kind.")])
    # The type is a union, which the type of `typed` cannot say.
    definition: Definition = definitions.typed(said, Definition, Flaws)  # type: ignore[arg-type]
    if flaws := list(_flaws(definition)):
        raise Flaws(flaws)
    return definition


def plain(definition: Definition) -> dict[str, Any]:
    """As it is stored and compared: defaults left out."""
    told: dict[str, Any] = msgspec.to_builtins(definition)
    return _said_only(told, definition)


def _said_only(told: dict[str, Any], part: Struct) -> dict[str, Any]:
    """Without what is usual anyway; `omit_defaults` leaves a number out only where it is the very object of the default."""
    usual = {one.name: one.default for one in msgspec.structs.fields(part) if one.default is not msgspec.NODEFAULT}
    kept = {}
    for name, value in told.items():
        inner = getattr(part, name, None)
        if isinstance(inner, Struct):
            value = _said_only(value, inner)
        if value not in ({}, []) and (name not in usual or inner != usual[name]):
            kept[name] = value
    return kept


def _flaws(says: Definition) -> list[tuple[str, str]]:
    found = [(f"quiet[{place}]", "It ends before it begins.") for place, one in enumerate(says.quiet) if one.last < one.first]
    if says.of == HOUSE and says.whom != Whom():
        found.append(("whom", "A figure of the house is of no account; narrow it with filters."))
    if says.of == ACCOUNT and says.filters:
        found.append(("filters", "Accounts are narrowed with whom."))
    match says:
        case Threshold() if says.as_share and not says.over_days:
            found.append(("as_share", "A share of what? Say over how many days."))
        case Threshold() if says.release is not None and (says.release > says.limit) == (says.way == "above") and says.release != says.limit:
            found.append(("release", "It would be over while it still is beyond the limit."))
        case Probability() if says.release is not None and not 0 <= says.release <= says.probability:
            found.append(("release", "From 0 up to the probability."))
        case Baseline() if says.way == "below" and says.change > 1:
            found.append(("change", "Nothing falls by more than all of it: at most 1."))
        case _:
            pass
    return found
