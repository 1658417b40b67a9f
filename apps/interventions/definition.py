"""What a play says: trigger, audience, entry, steps, goal, limits. Read strictly from plain data, so that a play is a file that people can review.

A definition is plain data (JSON); `read` makes it typed or tells every flaw by its place. Steps are taken from the top; a branch may only jump
downwards, so no run can loop and every step is taken at most once.
"""

from datetime import time
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from apps.core import definitions
from apps.events import vocabulary
from apps.messaging.types import Channel, Lane

from .conditions import RUN_FACTS, Condition, facts_in
from .types import Approval, ExitMode, Priority, TaskType

MOST_STEPS = 60
_A_YEAR = 525_600
# So long a message may wait for the owner's eyes; its life is longer.
_LONGEST_REVIEW = 2_880

AUTO = "auto"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Key = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", description="Lower-case letters, digits, - and _.")]
Words = Annotated[str, Meta(min_length=1, max_length=200)]
Minutes = Annotated[float, Meta(ge=0, le=_A_YEAR)]


class Part(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, frozen=True):
    """A part of a definition: unknown names are flaws, what is left out takes its default."""


class Kind(Part, tag_field="kind", frozen=True):
    """A part told apart from its alternatives by `kind`."""


# --- who enters, and when


class OnEvent(Kind, tag="event", kw_only=True, frozen=True):
    """When something is announced about an account; `when` compares facts of the event, e.g. {"to_band": "high"} or a list of allowed values."""

    event: str
    when: dict[str, str | float | bool | list[str]] = {}


class OnActivity(Kind, tag="activity", kw_only=True, frozen=True):
    """When the customer does something of this name in the product."""

    name: Words


class OnAudience(Kind, tag="audience", kw_only=True, frozen=True):
    """When an account begins (or stops) to fit the audience."""

    moment: Annotated[str, Meta(pattern="^(enters|leaves)$")] = "enters"


class OnSchedule(Kind, tag="schedule", kw_only=True, frozen=True):
    """Everybody who fits the audience at an hour (UTC) of every day, week or month."""

    every: Annotated[str, Meta(pattern="^(day|week|month)$")] = "day"
    at: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "09:00"
    weekday: Annotated[str, Meta(pattern=f"^({'|'.join(WEEKDAYS)})$")] = "monday"
    day: Annotated[int, Meta(ge=1, le=28)] = 1

    @property
    def hour(self) -> time:
        return time.fromisoformat(self.at)


class ByHand(Kind, tag="manual", kw_only=True, frozen=True):
    """Only when a person starts it."""


class ByApi(Kind, tag="api", kw_only=True, frozen=True):
    """Only when a program starts it."""


Trigger = OnEvent | OnActivity | OnAudience | OnSchedule | ByHand | ByApi


class Entry(Part, kw_only=True, frozen=True):
    """Who may come in again, and who not yet."""

    again: Annotated[str, Meta(pattern="^(never|after_cooldown|always)$")] = "after_cooldown"
    cooldown_days: Annotated[int, Meta(ge=0, le=730)] = 60
    # Several runs of one account at once.
    parallel: bool = False
    # So young accounts are left to the onboarding.
    min_age_days: Annotated[int, Meta(ge=0, le=730)] = 0


# --- what happens


class Step(Kind, kw_only=True, frozen=True):
    """`id` is its name in branches and records; `next` jumps to a later step instead of the following one."""

    id: Key
    next: str = ""

    def targets(self) -> list[tuple[str, str]]:
        """Where a run may go from here besides the following step: (field, id)."""
        return [("next", self.next)] if self.next else []


class MessageStep(Step, tag="message", kw_only=True, frozen=True):
    """Write to the customer: on a named channel, or on whatever works best for them (`auto`, among `channels` where given)."""

    channel: str
    template: Words
    channels: list[str] = []
    # "now", or "best": the hour at which this person reads.
    hour: Annotated[str, Meta(pattern="^(now|best)$")] = "now"
    review_minutes: Annotated[float, Meta(ge=0, le=_LONGEST_REVIEW)] = 0
    # A role to write to instead of the person we know best.
    to: str = ""


class WaitStep(Step, tag="wait", kw_only=True, frozen=True):
    minutes: Minutes


class WaitForStep(Step, tag="wait_for", kw_only=True, frozen=True):
    """Wait until the customer does it, at most `minutes`. `event`: reply, goal, task_closed or activity:NAME."""

    event: Annotated[str, Meta(pattern="^(reply|goal|task_closed|activity:.+)$", max_length=140)]
    minutes: Minutes
    on_event: str = ""
    on_timeout: str = ""

    def targets(self) -> list[tuple[str, str]]:
        return [*super().targets(), *((name, go) for name in ("on_event", "on_timeout") if (go := getattr(self, name)))]


class Case(Part, kw_only=True, frozen=True):
    when: Condition
    go: str


class BranchStep(Step, tag="branch", kw_only=True, frozen=True):
    """The first case that holds says where to go; none: the following step."""

    cases: Annotated[list[Case], Meta(min_length=1, max_length=20)]

    def targets(self) -> list[tuple[str, str]]:
        return [*super().targets(), *((f"cases[{place}].go", case.go) for place, case in enumerate(self.cases))]


class Way(Part, kw_only=True, frozen=True):
    """`go`: the step it leads to; nothing: the following one."""

    name: Key
    weight: Annotated[float, Meta(gt=0, le=1_000)] = 1
    go: str = ""


class SplitStep(Step, tag="split", kw_only=True, frozen=True):
    """An experiment: accounts go different ways by lot and keep theirs; the first way is the control. Judged by the play's goal."""

    ways: Annotated[list[Way], Meta(min_length=2, max_length=10)]
    question: Annotated[str, Meta(max_length=250)] = ""
    # Accounts per way at the end.
    planned_size: Annotated[int, Meta(ge=20, le=10_000_000)] = 400

    def targets(self) -> list[tuple[str, str]]:
        return [*super().targets(), *((f"ways[{place}].go", way.go) for place, way in enumerate(self.ways) if way.go)]

    def way(self, name: str) -> Way:
        """The way of this name; the control where there is none."""
        return next((way for way in self.ways if way.name == name), self.ways[0])


class TaskStep(Step, tag="task", kw_only=True, frozen=True):
    """Something for the success manager."""

    title: Words
    reason: Key = "play"
    type: TaskType = TaskType.RISK
    minutes_needed: Annotated[int, Meta(ge=1, le=480)] = 15
    due_in_hours: Annotated[float, Meta(ge=0, le=8_760)] = 24
    priority: Priority = Priority.NORMAL
    # Nobody takes it in time: up the ladder.
    escalate: bool = False


class UpdateStep(Step, tag="update", kw_only=True, frozen=True):
    """Set a trait of the account."""

    trait: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,59}$")]
    value: str | float | bool


class WebhookStep(Step, tag="webhook", kw_only=True, frozen=True):
    """Tell the webhooks that listen for `play.called`; `name` says which call it is."""

    name: Key


class WatchStep(Step, tag="watch", kw_only=True, frozen=True):
    """Stay until the goal is met or its window is over."""


class EndStep(Step, tag="end", kw_only=True, frozen=True):
    """The run is over; its goal is watched until the window closes."""


AnyStep = MessageStep | WaitStep | WaitForStep | BranchStep | SplitStep | TaskStep | UpdateStep | WebhookStep | WatchStep | EndStep


# --- what counts as success


class Recovers(Kind, tag="recovers", kw_only=True, frozen=True):
    """Success: a week's activity back at this share (%) of the account's own pattern over the eight weeks before entry."""

    percent: Annotated[int, Meta(ge=1, le=500)] = 80


class Does(Kind, tag="activity", kw_only=True, frozen=True):
    """Success: the customer did something of this name so often since entry."""

    name: Words
    times: Annotated[int, Meta(ge=1, le=10_000)] = 1


class Becomes(Kind, tag="condition", kw_only=True, frozen=True):
    """Success: this holds for the account."""

    when: Condition


class Goal(Part, kw_only=True, frozen=True):
    reached: Recovers | Does | Becomes = field(default_factory=Recovers)
    window_days: Annotated[int, Meta(ge=1, le=365)] = 30


class Budget(Part, kw_only=True, frozen=True):
    """What a calendar month of the play may cost; nobody enters over it. Nothing: no limit."""

    money: Annotated[float, Meta(ge=0)] | None = None
    csm_minutes: Annotated[int, Meta(ge=0)] | None = None


class Definition(Part, kw_only=True, frozen=True):
    """A whole version of a play."""

    trigger: Trigger
    steps: Annotated[list[AnyStep], Meta(min_length=1, max_length=MOST_STEPS)]
    audience: Condition | None = None
    entry: Entry = field(default_factory=Entry)
    goal: Goal = field(default_factory=Goal)
    exit_mode: ExitMode = ExitMode.GOAL
    # A customer who answers is a person's matter from then on.
    stop_on_reply: bool = True
    lane: Lane = Lane.SAVE
    approval: Approval = Approval.AUTOMATIC
    holdout_percent: Annotated[int, Meta(ge=0, le=50)] = 10
    budget: Budget = field(default_factory=Budget)
    # Selling: its messages do not leave while a save play runs or an urgent ticket is open.
    promotion: bool = False

    @property
    def on_leaving(self) -> bool:
        """Whether accounts come in by ceasing to fit the audience, so that nobody in it fits."""
        return isinstance(self.trigger, OnAudience) and self.trigger.moment == "leaves"

    def place_of(self, step_id: str) -> int:
        return next(place for place, step in enumerate(self.steps) if step.id == step_id)


class Flaws(definitions.Flaws):
    """What is wrong with a definition, as (place, words) pairs; places are paths such as steps[2].minutes."""

    kind = "play"


def read(said: Any) -> Definition:
    """The typed definition of plain data. Raises Flaws."""
    definition = definitions.typed(_named(said), Definition, Flaws)
    if flaws := problems(definition):
        raise Flaws(flaws)
    return definition


def plain(definition: Definition) -> dict[str, Any]:
    """As JSON keeps it, without what is left at its default: two definitions that say the same are the same data."""
    return bare(definition)


def bare(definition: Part) -> dict[str, Any]:
    """The same for definitions of others that are made of such parts."""
    made: dict[str, Any] = _bare(definition)
    return made


def _bare(value: Any) -> Any:
    if isinstance(value, Struct):
        known = value.__struct_config__
        kept = {} if known.tag is None else {known.tag_field: known.tag}
        return kept | {part.encode_name: _bare(own) for part in msgspec.structs.fields(value) if (own := getattr(value, part.name)) != _default(part)}
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items()}
    return [_bare(part) for part in value] if isinstance(value, list) else msgspec.to_builtins(value)


def _default(part: msgspec.structs.FieldInfo) -> Any:
    return part.default_factory() if part.default_factory is not msgspec.NODEFAULT else part.default


def _named(said: Any) -> Any:
    """Steps without an id are named by kind and place, so that short plays stay short."""
    if not isinstance(said, dict) or not isinstance(said.get("steps"), list):
        return said
    steps = [{"id": f"{step.get('kind')}-{place}", **step} if isinstance(step, dict) else step for place, step in enumerate(said["steps"], 1)]
    return {**said, "steps": steps}


def problems(definition: Definition) -> list[tuple[str, str]]:
    """What types cannot say."""
    return [*_trigger_flaws(definition), *_step_flaws(definition), *_condition_flaws(definition)]


def _trigger_flaws(definition: Definition) -> list[tuple[str, str]]:
    trigger = definition.trigger
    if isinstance(trigger, OnEvent):
        known = sorted(name for name, kind in vocabulary.ALL.items() if issubclass(kind, vocabulary.AccountEvent))
        if trigger.event not in known:
            return [("trigger.event", f"There is no event {trigger.event!r} about one account; use one of {', '.join(known)}.")]
        fields = [name for name in vocabulary.ALL[trigger.event].__dataclass_fields__ if name not in ("type", "account_id")]
        return [(f"trigger.when.{name}", f"{trigger.event} tells {', '.join(fields)}.") for name in trigger.when if name not in fields]
    if isinstance(trigger, OnAudience | OnSchedule) and definition.audience is None:
        return [("audience", "This trigger needs an audience: who fits?")]
    return []


def _step_flaws(definition: Definition) -> list[tuple[str, str]]:
    flaws: list[tuple[str, str]] = []
    places: dict[str, int] = {}
    for place, step in enumerate(definition.steps):
        if step.id in places:
            flaws.append((f"steps[{place}].id", f"Step {places[step.id] + 1} is called {step.id!r} already."))
        places.setdefault(step.id, place)
    for place, step in enumerate(definition.steps):
        for name, target in step.targets():
            if target not in places:
                flaws.append((f"steps[{place}].{name}", f"There is no step {target!r}."))
            elif places[target] <= place:
                flaws.append((f"steps[{place}].{name}", f"Step {target!r} stands above: a run only goes downwards, so that it cannot loop."))
        if isinstance(step, SplitStep) and len({way.name for way in step.ways}) < len(step.ways):
            flaws.append((f"steps[{place}].ways", "Two ways have the same name."))
        if isinstance(step, MessageStep):
            flaws += [(f"steps[{place}].{name}", words) for name, words in _channel_flaws(step)]
    return flaws


def _channel_flaws(step: MessageStep) -> list[tuple[str, str]]:
    allowed = ", ".join(Channel.values)
    if step.channel != AUTO and step.channel not in Channel.values:
        return [("channel", f"There is no channel {step.channel!r}; use auto or one of {allowed}.")]
    return [("channels", f"There is no channel {name!r}; use some of {allowed}.") for name in step.channels if name not in Channel.values]


def _condition_flaws(definition: Definition) -> list[tuple[str, str]]:
    flaws = []
    outside = [("audience", definition.audience)]
    if isinstance(definition.goal.reached, Becomes):
        outside.append(("goal.reached.when", definition.goal.reached.when))
    for place, condition in outside:
        if condition is not None and (asked := sorted(facts_in(condition) & set(RUN_FACTS))):
            flaws.append((place, f"{asked[0]} is known only while a play runs; use it in a branch."))
    return flaws
