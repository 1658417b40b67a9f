"""From a definition, also a flawed one, to the inputs that show it, each with its own flaw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.events import vocabulary
from apps.interventions import selectors as interventions_read
from apps.interventions import services as interventions

from ..selectors.plays.flow import ICONS, KINDS, Arrow, arrows
from .fields import (
    BUDGET,
    ENTRY,
    GOAL_KINDS,
    GOALS,
    LIMITS,
    STEPS,
    TRIGGER_KINDS,
    TRIGGERS,
    WINDOW,
    Options,
    Spec,
)
from .reading import UNITS
from .rows import Flawed, Flaws, Group, group, word


@dataclass(frozen=True)
class Input:
    """One input with what is typed in it, and what is wrong with that."""

    name: str
    spec: Spec
    value: Any
    options: Options
    unit: str = ""
    flaw: str = ""

    @property
    def id(self) -> str:
        return "p-" + self.name.replace(".", "-")


@dataclass(frozen=True)
class Case:
    number: int
    name: str
    when: Group
    go: Input
    blank: bool = False


@dataclass(frozen=True)
class Step:
    number: int
    name: str
    id: str
    kind: str
    icon: str
    label: str
    words: str
    details: list[str]
    exits: list[tuple[str, str, int]]
    falls: bool
    inputs: list[Input]
    cases: list[Case]
    flaws: list[str]
    first: bool
    last: bool
    open: bool = False


@dataclass(frozen=True)
class Shown:
    """The whole form."""

    trigger: list[Input]
    when: list[Input]
    audience: Group
    entry: list[Input]
    steps: list[Step]
    arrows: list[Arrow]
    goal: list[Input]
    goal_when: Group | None
    limits: list[Input]
    budget: list[Input]
    elsewhere: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lanes(self) -> int:
        return max((arrow.lane for arrow in self.arrows), default=0)


def shown(said: Mapping[str, Any], flaws: Flaws, opened: Iterable[str] = ()) -> Shown:
    flawed, open_ids = Flawed(flaws), set(opened)
    trigger = part(said, "trigger")
    kind = str(trigger.get("kind", "manual"))
    goal = part(said, "goal")
    reached = part(goal, "reached") or {"kind": "recovers"}
    goal_kind = str(reached.get("kind"))
    chosen = Input("trigger.kind", Spec("kind", "When", "choice", turns=True), kind, TRIGGER_KINDS, flaw=flawed.at("trigger.kind"))
    steps = _steps(said.get("steps"), flawed, open_ids)
    goal_chosen = Input("goal.kind", Spec("kind", "Reached when", "choice", turns=True), goal_kind, GOAL_KINDS, flaw=flawed.at("goal.reached.kind"))
    numbers = {step.id: step.number for step in steps}
    jumps = {(step.number, numbers[to]) for step in steps for _, to, _ in step.exits if numbers.get(to, 0) > step.number}
    made = Shown(
        trigger=[chosen, *inputs("trigger", TRIGGERS.get(kind, ()), trigger, flawed, skip=unasked(trigger))],
        when=event_facts(trigger, flawed) if kind == "event" else [],
        audience=group(said.get("audience"), "audience", "audience", flawed, run=False),
        entry=inputs("entry", ENTRY, part(said, "entry"), flawed),
        steps=steps,
        arrows=arrows(jumps),
        goal=[
            goal_chosen,
            *inputs("goal", GOALS.get(goal_kind, ()), reached, flawed, place="goal.reached"),
            *inputs("goal", (WINDOW,), goal, flawed),
        ],
        goal_when=group(reached.get("when"), "goal.when", "goal.reached.when", flawed, run=False) if goal_kind == "condition" else None,
        limits=inputs("limits", LIMITS, said, flawed, place=""),
        budget=inputs("budget", BUDGET, part(said, "budget"), flawed),
    )
    made.elsewhere.extend(flawed.left.items())
    return made


def part(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def unasked(trigger: Mapping[str, Any]) -> set[str]:
    every = trigger.get("every", "day")
    return ({"weekday"} if every != "week" else set()) | ({"day"} if every != "month" else set())


def inputs(
    name: str,
    specs: Iterable[Spec],
    said: Mapping[str, Any],
    flawed: Flawed,
    *,
    place: str | None = None,
    skip: Iterable[str] = (),
    targets: Options = (),
) -> list[Input]:
    at = name if place is None else place
    found = []
    for spec in specs:
        if spec.name in skip:
            continue
        value = said.get(spec.name, spec.default)
        unit = ""
        if spec.kind == "length":
            value, unit = _in_units(value, spec)
        options = targets if spec.kind == "target" else spec.options
        if spec.kind == "many" and isinstance(value, list):
            # Their order says which is tried first.
            options = tuple(sorted(options, key=lambda one: value.index(one[0]) if one[0] in value else len(value)))
        if spec.kind in ("choice", "target") and value is not None and str(value) not in [one for one, _ in options]:
            # A word from a file that is none of ours stays what it is.
            options = (*options, (str(value), f"{value} (not known)"))
        flaw = flawed.at(f"{at}.{spec.name}".lstrip("."), under=True)
        found.append(Input(f"{name}.{spec.name}", spec, "" if value is None else _typed(value), options, unit, flaw))
    return found


def _typed(value: Any) -> Any:
    if isinstance(value, bool | list):
        return value
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)


def _in_units(value: Any, spec: Spec) -> tuple[Any, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value, "days" if value is None else "minutes"
    minutes = value * spec.unit
    for unit in ("days", "hours"):
        if minutes and minutes % UNITS[unit] == 0:
            return minutes / UNITS[unit], unit
    return minutes, "minutes"


def event_facts(trigger: Mapping[str, Any], flawed: Flawed, name: str = "trigger.when") -> list[Input]:
    """One input per fact that the event tells; empty means whatever it is."""
    kind = vocabulary.ALL.get(str(trigger.get("event", "")))
    names = [name for name in (kind.__dataclass_fields__ if kind else {}) if name not in ("type", "account_id") and not name.endswith("_id")]
    given = part(trigger, "when")
    specs = [Spec(name, name.replace("_", " ").capitalize(), help="") for name in [*names, *(name for name in given if name not in names)]]
    values = {name: ", ".join(map(str, value)) if isinstance(value, list) else _typed(value) for name, value in given.items()}
    return inputs(name, specs, values, flawed)


def _steps(said: Any, flawed: Flawed, opened: set[str]) -> list[Step]:
    steps = [step if isinstance(step, dict) else {} for step in said] if isinstance(said, list) else []
    ids = [str(step.get("id") or f"{step.get('kind')}-{place}") for place, step in enumerate(steps, 1)]
    names: list[tuple[str, str]] = [(key, f"{place}. {_words(step)[0]}"[:70]) for place, (key, step) in enumerate(zip(ids, steps, strict=True), 1)]
    return [_step(place, step, ids, names, flawed, opened) for place, step in enumerate(steps)]


def _words(said: Mapping[str, Any]) -> tuple[str, list[str]]:
    kind = str(said.get("kind"))
    typed = interventions.checked.step_or_none({"id": "x", **said})
    if kind == "branch":
        return "The first that holds says where to go", []
    if typed is None:
        return f"{KINDS.get(kind, kind)}, not complete yet", []
    return interventions_read.step_in_words(typed), interventions.sentences.details(typed)


def _exits(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """As sentences.exits, also of a step that is not complete."""
    found = []
    for case in said.get("cases") or []:
        typed = interventions.checked.condition_or_none(case.get("when")) if isinstance(case, dict) else None
        if isinstance(case, dict) and case.get("go"):
            found.append((f"if {interventions.conditions.in_words(typed) if typed else '…'}", str(case["go"])))
    found += [(f"drawn “{way.get('name')}”", str(way["go"])) for way in said.get("ways") or [] if isinstance(way, dict) and way.get("go")]
    for name, why in (("on_event", "when it happens"), ("on_timeout", "when it does not"), ("next", "then")):
        if said.get(name):
            found.append((why, str(said[name])))
    return found


def _step(place: int, said: Mapping[str, Any], ids: list[str], names: list[tuple[str, str]], flawed: Flawed, opened: set[str]) -> Step:
    kind, name = str(said.get("kind", "")), f"steps.{place}"
    below: Options = (("", "the following step"), *names[place + 1 :])
    values = dict(said)
    skip: set[str] = set()
    if kind == "wait_for":
        event, _, activity = str(said.get("event", "reply")).partition(":")
        values |= {"event": event, "activity": activity}
        skip = set() if event == "activity" else {"activity"}
    elif kind == "update":
        value = said.get("value")
        values["value_as"] = "yes_no" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"
        values["value"] = word(value)
    elif kind == "split":
        values["ways"] = _ways_as_lines(said.get("ways"))
    elif kind == "message" and said.get("channel", "auto") != "auto":
        skip = {"channels"}
    shown_inputs = inputs(name, STEPS.get(kind, ()), values, flawed, skip=skip, targets=below)
    cases = _cases(said.get("cases"), name, below, flawed) if kind == "branch" else []
    own = []
    while flaw := flawed.at(name, under=True):
        own.append(flaw)
    exits = _exits(said)
    words, details = _words(said)
    numbers = {key: number for number, key in enumerate(ids, 1)}
    in_cases = any(case.go.flaw or case.when.flaw or any(r.flaw for r in case.when.rows) for case in cases)
    wrong = bool(own) or any(one.flaw for one in shown_inputs) or in_cases
    return Step(
        number=place + 1,
        name=name,
        id=ids[place],
        kind=kind,
        icon=ICONS.get(kind, "help"),
        label=KINDS.get(kind, kind or "Step"),
        words=words,
        details=details,
        exits=[(why, to, numbers.get(to, 0)) for why, to in exits],
        falls=kind != "end" and not said.get("next") and place + 1 < len(ids),
        inputs=shown_inputs,
        cases=cases,
        flaws=own,
        first=place == 0,
        last=place + 1 == len(ids),
        open=ids[place] in opened or wrong,
    )


def _ways_as_lines(said: Any) -> str:
    """The inverse of what reading makes of the lines."""
    ways = [way for way in said if isinstance(way, dict)] if isinstance(said, list) else []
    told = [[str(way.get("name", "")), _typed(way.get("weight", "")), str(way.get("go", ""))] for way in ways]
    return "\n".join(", ".join(parts).rstrip(", ") for parts in told)


def _cases(said: Any, name: str, below: Options, flawed: Flawed) -> list[Case]:
    found = []
    kept = [case for case in said if isinstance(case, dict)] if isinstance(said, list) else []
    for number, case in enumerate([*kept, {}]):
        at = f"{name}.cases.{number}"
        when = group(case.get("when"), f"{at}.when", f"{at}.when", flawed, run=True)
        options: Options = (("", "choose a step below"), *below[1:])
        go = inputs(at, (Spec("go", "goes to", "target"),), case, flawed, targets=options)[0]
        found.append(Case(number + 1, at, when, go, blank=number == len(kept)))
    return found
