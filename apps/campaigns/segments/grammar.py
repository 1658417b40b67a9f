"""The parts of a rule: nodes (all, any, none) and leaves told apart by `kind`; docs/segments.md says what each means."""

import math
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from apps.accounts.types import Meaning, MovementKind, Stage, SurveyKind, TicketPriority
from apps.churn.types import Band as RiskBand
from apps.health.types import Band as HealthBand
from apps.messaging.types import Channel

_LONGEST_DAYS = 3_650

Op = Literal["is", "is_not", "at_least", "at_most", "over", "under", "one_of", "has", "known", "unknown"]
OPS: dict[str, str] = {
    "is": "is",
    "is_not": "is not",
    "at_least": "is at least",
    "at_most": "is at most",
    "over": "is over",
    "under": "is under",
    "one_of": "is one of",
    "has": "has",
    "known": "is known",
    "unknown": "is not known",
}
NO_VALUE = ("known", "unknown")
NUMBER_OPS = ("is", "is_not", "at_least", "at_most", "over", "under", *NO_VALUE)
TEXT_OPS = ("is", "is_not", "one_of", "has", *NO_VALUE)

# Texts are looked into without regard to case in these alphabets; by a table of our own, as the server's and Python's differ.
FOLD_FROM = "".join(sign for code in range(0x41, 0x500) if len((sign := chr(code)).lower()) == 1 and sign.lower() != sign)
FOLD_TO = FOLD_FROM.lower()
_FOLD = str.maketrans(FOLD_FROM, FOLD_TO)

# The account's own fields: kind, words, and the values there are.
FIELDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "arr": ("number", "ARR", ()),
    "tier": ("text", "tier", ()),
    "stage": ("text", "stage", tuple(Stage.values)),
    "segment": ("text", "market segment", ()),
    "plan": ("text", "plan", ()),
    "zone": ("text", "time zone", ()),
    "locale": ("text", "language", ()),
    "currency": ("text", "currency", ()),
    "tags": ("tags", "tags", ()),
    "seats": ("number", "seats bought", ()),
    "seats_used": ("number", "seats used", ()),
    "seats_used_percent": ("number", "seats used, in percent", ()),
    "age_days": ("number", "days as a customer", ()),
    "left_days": ("number", "days since they left", ()),
}
MILESTONE_STATES = ("reached", "not_reached", "open", "behind", "stuck")
PLAY_STATES = ("running", "entered", "ended")

Text = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=160)]
Days = Annotated[int, Meta(ge=1, le=_LONGEST_DAYS)]
Number = Annotated[float, Meta(ge=-1e12, le=1e12)]
Value = bool | Number | Text | None
Values = Annotated[list[Number | Text], Meta(min_length=1, max_length=200)]


class Leaf(Struct, tag_field="kind", forbid_unknown_fields=True, kw_only=True, omit_defaults=True, frozen=True):
    """One thing that is true of an account or not."""


class Everybody(Leaf, tag="everybody", frozen=True):
    pass


class Field(Leaf, tag="field", kw_only=True, frozen=True):
    """A field of the account as it stands."""

    name: str
    op: Op = "is"
    value: Value | Values = field(default=None)

    def __post_init__(self) -> None:
        if self.name not in FIELDS:
            raise ValueError(f"There is no field {self.name!r}; use one of {', '.join(FIELDS)}.")
        kind, words, values = FIELDS[self.name]
        if kind == "tags":
            if self.op not in ("has", *NO_VALUE):
                raise ValueError("Tags are asked with has, known or unknown.")
            _text_value("tags", self.op, self.value)
        elif kind == "number":
            number_value(words, self.op, self.value)
        else:
            _text_value(words, self.op, self.value)
            said = self.value if isinstance(self.value, list) else [self.value]
            if values and self.op not in ("has", *NO_VALUE) and (wrong := [one for one in said if one not in values]):
                raise ValueError(f"“{words}” is never {wrong[0]!r}; use one of {', '.join(values)}.")


class Trait(Leaf, tag="trait", kw_only=True, frozen=True):
    """A trait of the account. One that holds another kind of value than it is compared with is not known."""

    name: Name
    op: Op = "is"
    value: Value | Values = field(default=None)

    def __post_init__(self) -> None:
        match self.op:
            case "known" | "unknown":
                if self.value is not None:
                    raise ValueError(f"“{self.op}” takes no value.")
            case "one_of":
                if not isinstance(self.value, list) or len({isinstance(one, str) for one in self.value}) != 1:
                    raise ValueError("“is one of” needs a list of texts or a list of numbers.")
            case "has":
                if not isinstance(self.value, str) or not self.value:
                    raise ValueError("“has” needs a text.")
            case "is" | "is_not":
                if self.value is None or isinstance(self.value, list):
                    raise ValueError("It needs a text, a number, or yes or no to compare with.")
            case _:
                if isinstance(self.value, bool) or not isinstance(self.value, int | float):
                    raise ValueError(f"“{OPS[self.op]}” needs a number.")


class _Acts(Leaf, kw_only=True, frozen=True):
    """What they do: acts of this name, or of names that mean this. Neither: any use of the product, trouble and bookkeeping left out."""

    name: Text = ""
    meaning: str = ""

    def __post_init__(self) -> None:
        if self.name and self.meaning:
            raise ValueError("Say name or meaning, not both.")
        if self.meaning and self.meaning not in Meaning.values:
            raise ValueError(f"There is no meaning {self.meaning!r}; use one of {', '.join(Meaning.values)}.")


class Did(_Acts, tag="did", kw_only=True, frozen=True):
    """How often they did something, ever or within the last days: after `now` minus the days, to the second."""

    op: Op = "at_least"
    times: Annotated[int, Meta(ge=0, le=10**9)] = 1
    within_days: Days | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        number_value("times", self.op, self.times, known=False)


class Last(_Acts, tag="last", kw_only=True, frozen=True):
    """Whole days (UTC) since they last did something; not known where they never did."""

    op: Op = "at_least"
    days: Annotated[int, Meta(ge=0, le=_LONGEST_DAYS)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        number_value("days", self.op, self.days)


class Sequence(Leaf, tag="sequence", kw_only=True, frozen=True):
    """They did `first` and afterwards, at most `within_days` later, `then`; the latter within the last `lately_days`."""

    first: Name
    then: Name
    within_days: Annotated[int, Meta(ge=1, le=366)] = 7
    lately_days: Annotated[int, Meta(ge=1, le=366)] = 90


class Health(Leaf, tag="health", kw_only=True, frozen=True):
    op: Op = "is"
    value: Number | None = None
    band: str = ""

    def __post_init__(self) -> None:
        _or_band(self, "health", [band for band in HealthBand.values if band != HealthBand.UNKNOWN])


class Risk(Leaf, tag="risk", kw_only=True, frozen=True):
    """The churn risk, in percent or by its band."""

    op: Op = "is"
    value: Number | None = None
    band: str = ""

    def __post_init__(self) -> None:
        _or_band(self, "risk", RiskBand.values)


class Driver(Leaf, tag="driver", kw_only=True, frozen=True):
    """A feature that raises their churn risk at present."""

    feature: Name


class Milestone(Leaf, tag="milestone", kw_only=True, frozen=True):
    key: Name
    state: str = "reached"
    within_days: Days | None = None

    def __post_init__(self) -> None:
        _state(self.state, MILESTONE_STATES, self.within_days, ("reached",))


class Tier(Leaf, tag="tier", kw_only=True, frozen=True):
    """The loyalty tier they stand in; empty: none yet."""

    key: Annotated[str, Meta(max_length=40)]


class Play(Leaf, tag="play", kw_only=True, frozen=True):
    """A run of a play that does something for them (the held out are not in it); empty: any play."""

    key: Text = ""
    state: str = "running"
    within_days: Days | None = None

    def __post_init__(self) -> None:
        _state(self.state, PLAY_STATES, self.within_days, ("entered", "ended"))


class Coaching(Leaf, tag="coaching", kw_only=True, frozen=True):
    """A goal agreed in coaching was read as reached, or as not reached, within the last days."""

    reached: bool = True
    within_days: Days = 90


class Revenue(Leaf, tag="revenue", kw_only=True, frozen=True):
    """The sum of their ARR movements of a kind within the last days, in their currency and without its sign; none is 0."""

    movement: str
    op: Op = "over"
    value: Number = 0
    within_days: Days = 90

    def __post_init__(self) -> None:
        if self.movement not in MovementKind.values:
            raise ValueError(f"There is no movement {self.movement!r}; use one of {', '.join(MovementKind.values)}.")
        number_value("revenue", self.op, self.value, known=False)


class Renewal(Leaf, tag="renewal", kw_only=True, frozen=True):
    """Days (UTC) to the next renewal; below zero where it has passed."""

    op: Op = "at_most"
    days: Annotated[int, Meta(ge=-_LONGEST_DAYS, le=_LONGEST_DAYS)] | None = None

    def __post_init__(self) -> None:
        number_value("days", self.op, self.days)


class Survey(Leaf, tag="survey", kw_only=True, frozen=True):
    """Their newest answer to a survey, where it is not older than the days."""

    survey: str
    op: Op = "known"
    value: Number | None = None
    within_days: Days | None = None

    def __post_init__(self) -> None:
        if self.survey not in SurveyKind.values:
            raise ValueError(f"There is no survey {self.survey!r}; use one of {', '.join(SurveyKind.values)}.")
        number_value("answer", self.op, self.value)


class Ticket(Leaf, tag="ticket", kw_only=True, frozen=True):
    """A ticket of one of these priorities (none said: any) is open; `open` false: none is."""

    priority: str | Annotated[list[str], Meta(min_length=1, max_length=4)] = ""
    open: bool = True

    def __post_init__(self) -> None:
        if wrong := [one for one in self.priorities if one not in TicketPriority.values]:
            raise ValueError(f"There is no priority {wrong[0]!r}; use one of {', '.join(TicketPriority.values)}.")

    @property
    def priorities(self) -> list[str]:
        return self.priority if isinstance(self.priority, list) else [self.priority] if self.priority else list(TicketPriority.values)


class Consent(Leaf, tag="consent", kw_only=True, frozen=True):
    """Somebody there may be written to about this topic on this channel; `allowed` false: nobody may."""

    channel: str
    topic: Annotated[str, Meta(min_length=1, max_length=40)] = "success"
    allowed: bool = True

    def __post_init__(self) -> None:
        if self.channel not in Channel.values:
            raise ValueError(f"There is no channel {self.channel!r}; use one of {', '.join(Channel.values)}.")


class In(Leaf, tag="in", kw_only=True, frozen=True):
    """A member of another segment."""

    segment: Annotated[str, Meta(min_length=1, max_length=40)]


class Bucket(Leaf, tag="bucket", kw_only=True, frozen=True):
    """A share by lot that stays the same: the position of the account for this salt lies in [from, to) of a hundred."""

    salt: Annotated[str, Meta(max_length=80)] = ""
    start: Annotated[float, Meta(ge=0, le=100)] = field(default=0.0, name="from")
    end: Annotated[float, Meta(ge=0, le=100)] = field(default=100.0, name="to")

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("A bucket ends after it begins.")

    @property
    def places(self) -> tuple[int, int]:
        """As places of 2^32."""
        return math.ceil(self.start * 2**32 / 100), math.ceil(self.end * 2**32 / 100)


class Listed(Leaf, tag="listed", frozen=True):
    """Put into this segment by hand or by a file."""


LEAVES = (
    *(Everybody, Field, Trait, Did, Last, Sequence, Health, Risk, Driver, Milestone, Tier, Play, Coaching, Revenue, Renewal, Survey),
    *(Ticket, Consent, In, Bucket, Listed),
)
AnyLeaf = (
    Everybody | Field | Trait | Did | Last | Sequence | Health | Risk | Driver | Milestone | Tier | Play | Coaching | Revenue | Renewal | Survey
    | Ticket | Consent | In | Bucket | Listed
)  # fmt: skip
KINDS: tuple[str, ...] = tuple(str(leaf.__struct_config__.tag) for leaf in LEAVES)


class Node(Struct, frozen=True):
    """`all`: every part holds; `any`: one does; `none`: none does."""

    joint: Literal["all", "any", "none"]
    parts: tuple["Rule", ...]


Rule = Node | Leaf


def number_value(words: str, op: str, value: Any, *, known: bool = True) -> None:
    """Refuses what a number cannot be compared by."""
    allowed = NUMBER_OPS if known else NUMBER_OPS[:6]
    if op not in allowed:
        raise ValueError(f"“{words}” is a number; compare it by one of {', '.join(allowed)}.")
    if op in NO_VALUE:
        if value is not None:
            raise ValueError(f"“{words} {OPS[op]}” takes no value.")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"“{words}” is compared with a number, not with {value!r}.")


def _text_value(words: str, op: str, value: Any) -> None:
    if op not in TEXT_OPS:
        raise ValueError(f"“{words}” is a text; compare it by one of {', '.join(TEXT_OPS)}.")
    if op in NO_VALUE:
        if value is not None:
            raise ValueError(f"“{words} {OPS[op]}” takes no value.")
    elif op == "one_of":
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValueError(f"“{words} is one of” needs a list of texts.")
    elif not isinstance(value, str) or not value:
        raise ValueError(f"“{words}” is compared with a text, not with {value!r}.")


def _or_band(leaf: "Health | Risk", words: str, bands: list[str]) -> None:
    if not leaf.band:
        number_value(words, leaf.op, leaf.value)
        return
    if leaf.value is not None or leaf.op not in ("is", "is_not"):
        raise ValueError(f"“{words}” is compared by its band (is, is_not) or by a number, not by both.")
    if leaf.band not in bands:
        raise ValueError(f"There is no band {leaf.band!r}; use one of {', '.join(bands)}.")


def _state(state: str, states: tuple[str, ...], within_days: int | None, dated: tuple[str, ...]) -> None:
    if state not in states:
        raise ValueError(f"There is no state {state!r}; use one of {', '.join(states)}.")
    if within_days is not None and state not in dated:
        raise ValueError(f"“{state}” takes no within_days.")


def folded(text: str) -> str:
    """As texts are compared where case does not count."""
    return text.translate(_FOLD)
