"""What a campaign says: whom it writes to, when, with which words on which channels, what is tried and what it may cost.

A definition is plain data (JSON); `read` makes it typed or tells every flaw by its place. docs/campaigns.md shows it whole.
"""

from datetime import date, datetime, time
from typing import Annotated, Any

from msgspec import Meta, field

from apps.accounts.types import ContactRole
from apps.core import definitions
from apps.events import vocabulary
from apps.interventions.services import definition as plays
from apps.messaging.types import Channel, Lane

from .surveys import definition as surveys
from .types import CampaignKind

Key = plays.Key
Words = plays.Words
_KEY_OR_NOTHING = Annotated[str, Meta(pattern="^([a-z0-9][a-z0-9_-]{0,59})?$")]
_CLOCK = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_MOMENT = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$", description="A wall clock, such as 2026-12-01T09:00.")]
# What may start a campaign: each is a change that somebody may be glad to hear about, or that asks for a word. For everything else (a driver of the
# risk, the stage of a renewal) there is a segment whose rule says it, and `enters`.
STARTERS = (
    *("milestone.achieved", "tier.reached", "badge.earned", "health.band_changed", "risk.raised", "risk.lowered"),
    *("coaching.held", "coaching.outcome", "survey.answered", "segment.entered", "segment.left"),
)


class Part(plays.Part, frozen=True):
    """A part of a definition: unknown names are flaws, what is left out takes its default."""


class Kind(Part, tag_field="kind", frozen=True):
    """A part told apart from its alternatives by `kind`."""


class People(Part, kw_only=True, frozen=True):
    """Whom of an account: the one who is best to write to, or all; of these roles only, where there are any."""

    who: Annotated[str, Meta(pattern="^(best|all)$")] = "best"
    roles: Annotated[list[str], Meta(max_length=10)] = []


# --- when


class Once(Kind, tag="once", kw_only=True, frozen=True):
    """One time; `local`: when the clock of each recipient shows this, else when UTC does."""

    at: _MOMENT
    local: bool = True

    @property
    def wall(self) -> datetime:
        return datetime.fromisoformat(self.at)


class Recurring(Kind, tag="recurring", kw_only=True, frozen=True):
    """Every day, week (on a weekday) or month (on a day)."""

    every: Annotated[str, Meta(pattern="^(day|week|month)$")] = "month"
    at: _CLOCK = "09:00"
    weekday: Annotated[str, Meta(pattern=f"^({'|'.join(plays.WEEKDAYS)})$")] = "monday"
    day: Annotated[int, Meta(ge=1, le=28)] = 1
    local: bool = True

    @property
    def clock(self) -> time:
        return time.fromisoformat(self.at)

    def falls_on(self, day: date) -> bool:
        if self.every == "day":
            return True
        return day.day == self.day if self.every == "month" else day.weekday() == plays.WEEKDAYS.index(self.weekday)


class OnEvent(Kind, tag="event", kw_only=True, frozen=True):
    """When something is announced about an account; `when` compares facts of the event, e.g. {"key": "first-export"} or a list of allowed values."""

    event: str
    when: dict[str, str | float | bool | list[str]] = {}


class Enters(Kind, tag="enters", frozen=True):
    """When an account comes into the segment."""


class ByHand(Kind, tag="manual", frozen=True):
    """Only when somebody, or a program, starts it."""


When = Once | Recurring | OnEvent | Enters | ByHand


# --- what


class Variant(Part, kw_only=True, frozen=True):
    name: Key
    template: Words
    weight: Annotated[float, Meta(gt=0, le=1_000)] = 1


class Block(Part, kw_only=True, frozen=True):
    """Words for the accounts of a segment (empty: for everybody else), by language."""

    words: Annotated[dict[str, Annotated[str, Meta(min_length=1, max_length=4_000)]], Meta(min_length=1, max_length=40)]
    segment: _KEY_OR_NOTHING = ""


class Goal(Part, kw_only=True, frozen=True):
    """What counts as success within the campaign's window, as a play's goal does."""

    reached: plays.Recovers | plays.Does | plays.Becomes


class Budget(Part, kw_only=True, frozen=True):
    """What the whole campaign may cost, in the currency of the contact policy, and how many people it may write to. Nothing: no limit."""

    money: Annotated[float, Meta(ge=0)] | None = None
    recipients: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None


class Definition(Part, kw_only=True, frozen=True):
    """A whole version of a campaign."""

    when: When
    # Empty: every customer.
    segment: _KEY_OR_NOTHING = ""
    people: People = field(default_factory=People)
    # In this order; the first that reaches somebody is taken.
    channels: Annotated[list[str], Meta(min_length=1, max_length=6)] = field(default_factory=lambda: [Channel.EMAIL.value])
    # `learned`: the channel that works for them, as plays choose.
    choice: Annotated[str, Meta(pattern="^(first|learned)$")] = "first"
    hour: Annotated[str, Meta(pattern="^(now|best)$")] = "now"
    # The first is the control.
    variants: Annotated[list[Variant], Meta(max_length=10)] = []
    blocks: Annotated[dict[Key, Annotated[list[Block], Meta(min_length=1, max_length=50)]], Meta(max_length=20)] = {}
    # Of the kind sequence: the key of a play, whose steps are taken.
    sequence: _KEY_OR_NOTHING = ""
    # Of the kind survey: its own part, which surveys read.
    survey: dict[str, Any] = {}
    holdout_percent: Annotated[float, Meta(ge=0, le=50)] = 10
    goal: Goal | None = None
    window_days: Annotated[int, Meta(ge=1, le=365)] = 30
    # Selling: never while a save play runs or an urgent ticket is open.
    promotion: bool = True
    lane: Annotated[str, Meta(pattern="^(broadcast|nurture)$")] = Lane.BROADCAST.value
    # So many days after a campaign reached somebody they are left out of it. None: 30, and nothing for what recurs.
    again_days: Annotated[int, Meta(ge=0, le=730)] | None = None
    # Who has left the segment when it is their turn gets nothing.
    still_in_segment: bool = True
    budget: Budget = field(default_factory=Budget)
    throttle_per_hour: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    # What could not leave so many hours after its hour is worth nothing any more.
    expires_hours: Annotated[int, Meta(ge=1, le=336)] = 72

    @property
    def again(self) -> int:
        if self.again_days is not None:
            return self.again_days
        return 0 if isinstance(self.when, Recurring) else 30

    @property
    def control(self) -> str:
        return self.variants[0].name if self.variants else ""

    @property
    def triggered(self) -> bool:
        """Whether people come one by one instead of all at an hour."""
        return isinstance(self.when, OnEvent | Enters)

    def variant(self, name: str) -> Variant:
        """The variant of this name; the control where there is none."""
        return next((one for one in self.variants if one.name == name), self.variants[0])


class Flaws(definitions.Flaws):
    """What is wrong with a definition, as (place, words) pairs; places are paths such as variants[1].template."""

    kind = "campaign"


def read(said: Any, kind: str = "") -> Definition:
    """The typed definition of plain data; of a campaign of this `kind`, where it is known. Raises Flaws."""
    definition = definitions.typed(said, Definition, Flaws)
    if flaws := problems(definition, kind):
        raise Flaws(flaws)
    return definition


def plain(definition: Definition) -> dict[str, Any]:
    """As JSON keeps it, without what is left at its default: two definitions that say the same are the same data."""
    return plays.bare(definition)


def problems(says: Definition, kind: str = "") -> list[tuple[str, str]]:
    """What types cannot say."""
    return [*_when_flaws(says), *_word_flaws(says, kind), *_block_flaws(says), *_people_flaws(says)]


def _when_flaws(says: Definition) -> list[tuple[str, str]]:
    when = says.when
    if isinstance(when, Once):
        try:
            _ = when.wall
        except ValueError:
            return [("when.at", f"{when.at} is no day of the calendar.")]
    if isinstance(when, Enters) and not says.segment:
        return [("segment", "Name the segment into which accounts come.")]
    if isinstance(when, OnEvent):
        if when.event not in STARTERS:
            return [("when.event", f"{when.event!r} starts no campaign; use one of {', '.join(STARTERS)}.")]
        fields = [name for name in vocabulary.ALL[when.event].__dataclass_fields__ if name not in ("type", "account_id")]
        return [(f"when.when.{name}", f"{when.event} tells {', '.join(fields)}.") for name in when.when if name not in fields]
    return []


def _word_flaws(says: Definition, kind: str) -> list[tuple[str, str]]:
    flaws: list[tuple[str, str]] = []
    names = [variant.name for variant in says.variants]
    if len(set(names)) < len(names):
        flaws.append(("variants", "Two variants have the same name."))
    if kind == CampaignKind.SEQUENCE:
        if not says.sequence:
            flaws.append(("sequence", "Name the play whose steps are taken."))
        if says.variants:
            flaws.append(("variants", "A sequence says what its play says; let the play split."))
    elif kind and not says.variants:
        flaws.append(("variants", "Name at least one template."))
    if kind and kind != CampaignKind.SEQUENCE and says.sequence:
        flaws.append(("sequence", "Only a campaign of the kind sequence takes the steps of a play."))
    if kind and kind != CampaignKind.SURVEY and says.survey:
        flaws.append(("survey", "Only a campaign of the kind survey asks one."))
    if kind == CampaignKind.SURVEY:
        try:
            surveys.read(says.survey)
        except definitions.Flaws as refused:
            flaws += [(f"survey.{place}".rstrip("."), words) for place, words in refused.flaws]
    for place, name in enumerate(says.channels):
        if name not in Channel.values:
            flaws.append((f"channels[{place}]", f"There is no channel {name!r}; use some of {', '.join(Channel.values)}."))
    if len(set(says.channels)) < len(says.channels):
        flaws.append(("channels", "A channel stands there twice."))
    return flaws


def _block_flaws(says: Definition) -> list[tuple[str, str]]:
    flaws = []
    for name, choices in says.blocks.items():
        segments = [one.segment for one in choices]
        if len(set(segments)) < len(segments):
            flaws.append((f"blocks.{name}", "A segment stands there twice."))
        if "" in segments[:-1]:
            flaws.append((f"blocks.{name}", "The words for everybody else come last."))
    return flaws


def _people_flaws(says: Definition) -> list[tuple[str, str]]:
    known = ", ".join(ContactRole.values)
    return [
        (f"people.roles[{place}]", f"There is no role {role!r}; use some of {known}.")
        for place, role in enumerate(says.people.roles)
        if role not in ContactRole.values
    ]


def languages(says: Definition) -> list[str]:
    """Every language that some block has words in."""
    return sorted({tag for choices in says.blocks.values() for block in choices for tag in block.words})
