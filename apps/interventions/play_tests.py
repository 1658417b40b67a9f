"""Tests of a play: "given this history, expect these steps". Pure: an account in memory whose facts are what the test gives, and a clock of its own.

A test is {"name", "given": [{"at": "+0d 10:00", and one of _GIVEN}], "expect": [{"step", "at"}], "exit", "enters"}.
Moments count from midnight (UTC) of a Monday. Messages leave at once and are read only when the fact run.read says so; the best hour is now.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from . import machine
from .conditions import holds
from .definition import WEEKDAYS, Becomes, Definition, Does, MessageStep, OnActivity, OnAudience, OnEvent, OnSchedule
from .types import ExitReason

# A Monday.
DAY_ZERO = datetime(2024, 1, 1, tzinfo=UTC)
_AT = re.compile(r"\+(\d{1,4})d(?: ([01]\d|2[0-3]):([0-5]\d))?")
_GIVEN = ("fact", "activity", "event", "reply", "task_closed", "goal", "start")
_LONGEST = timedelta(days=800)


@dataclass(frozen=True)
class Line:
    """An expected step beside the one that came, in words; either is empty where there is none."""

    expected: str
    got: str
    same: bool


@dataclass(frozen=True)
class Outcome:
    """How one test ended; `words` name what is different, nothing when it passed."""

    name: str
    passed: bool
    words: str = ""
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Taken:
    """A step that the run took."""

    step: str
    at: datetime


def run(definition: Definition, tests: Iterable[Any]) -> list[Outcome]:
    """Every test against one definition, in order."""
    return [_run(definition, test, number) for number, test in enumerate(tests, 1)]


def flaws_of(tests: Any) -> list[tuple[str, str]]:
    """What is wrong with how tests are written, by place."""
    if not isinstance(tests, list):
        return [("tests", "A list of tests.")]
    return [flaw for number, test in enumerate(tests) for flaw in _flaws(test, f"tests[{number}]")]


def _flaws(test: Any, place: str) -> list[tuple[str, str]]:
    if not isinstance(test, dict):
        return [(place, "A test is an object with name, given and expect.")]
    found = [(f"{place}.{name}", "This is not known here.") for name in test if name not in ("name", "given", "expect", "exit", "enters")]
    if not isinstance(test.get("name"), str) or not test["name"]:
        found.append((f"{place}.name", "A test has a name that says what it shows."))
    for part in ("given", "expect"):
        if not isinstance(test.get(part, []), list):
            found.append((f"{place}.{part}", "A list."))
            continue
        for number, one in enumerate(test.get(part, [])):
            at = f"{place}.{part}[{number}]"
            if not isinstance(one, dict):
                found.append((at, "An object."))
            elif "at" in one and (not isinstance(one["at"], str) or not _AT.fullmatch(one["at"])):
                found.append((f"{at}.at", "A moment such as +0d 10:00 or +14d."))
            elif part == "expect" and not isinstance(one.get("step"), str):
                found.append((f"{at}.step", "The id of a step."))
            elif part == "given" and sum(name in one for name in _GIVEN) != 1:
                found.append((at, f"Exactly one of {', '.join(_GIVEN)}."))
            elif part == "given" and "fact" in one and not isinstance(one["fact"], dict):
                found.append((f"{at}.fact", 'Facts with their values: {"health_band": "poor"}.'))
    if "exit" in test and test["exit"] not in ExitReason.values:
        found.append((f"{place}.exit", f"One of {', '.join(ExitReason.values)}."))
    return found


def moment(words: str) -> datetime:
    found = _AT.fullmatch(words)
    assert found is not None, words
    return DAY_ZERO + timedelta(days=int(found[1]), hours=int(found[2] or 0), minutes=int(found[3] or 0))


def in_words(at: datetime) -> str:
    past = at - DAY_ZERO
    return f"+{past.days}d {past.seconds // 3600:02}:{past.seconds % 3600 // 60:02}"


def _run(definition: Definition, test: Any, number: int) -> Outcome:
    name = str(test.get("name") or f"test {number}") if isinstance(test, dict) else f"test {number}"
    if flaws := _flaws(test, ""):
        return Outcome(name, False, "; ".join(f"{place.lstrip('.')}: {words}" for place, words in flaws))
    world = _World(definition, test.get("given", []))
    world.live()
    expected = test.get("expect", [])
    lines = []
    for place in range(max(len(expected), len(world.taken))):
        want = expected[place] if place < len(expected) else None
        came = world.taken[place] if place < len(world.taken) else None
        same = want is not None and came is not None and want["step"] == came.step and ("at" not in want or moment(want["at"]) == came.at)
        shown = "" if want is None else f"{in_words(moment(want['at'])) if 'at' in want else 'then'} {want['step']}"
        lines.append(Line(shown, "" if came is None else f"{in_words(came.at)} {came.step}", same))
    words = _differs(test, world, lines)
    return Outcome(name, not words, words, lines)


def _differs(test: Mapping[str, Any], world: "_World", lines: list[Line]) -> str:
    enters = test.get("enters", True)
    if enters != world.entered:
        return "It entered, and should not have." if world.entered else f"It never entered: {world.why_not}."
    for line in lines:
        if not line.same:
            if not line.got:
                return f"Expected {line.expected}, and no step came."
            return f"Expected {line.expected or 'no step'}, and {line.got} came."
    if "exit" in test and test["exit"] != world.exit:
        return f"Expected it to end by {test['exit']}, and it {f'ended by {world.exit}' if world.exit else 'still runs'}."
    return ""


class _World:
    """One account and at most one run of it."""

    def __init__(self, definition: Definition, given: list[Mapping[str, Any]]) -> None:
        self.says = definition
        self.given = sorted(((moment(one.get("at", "+0d")), place, one) for place, one in enumerate(given)), key=lambda one: one[:2])
        self.facts: dict[str, Any] = {"run.replied": False, "run.goal_met": False, "run.sent": 0, "run.read": 0, "run.held_up": 0}
        self.taken: list[Taken] = []
        self.done: dict[str, int] = {}
        self.entered, self.exit, self.why_not = False, "", "nothing that the test gives is its trigger"
        self.position, self.due, self.waits_for = 0, DAY_ZERO, ""
        self.window = DAY_ZERO

    def live(self) -> None:
        """Let everything happen in the order of time; what is given at a moment comes before the steps of that moment."""
        waiting = list(self.given)
        starts = self._hours()
        end = (waiting[-1][0] if waiting else DAY_ZERO) + _LONGEST
        while not self.exit:
            moments = [at for at in (waiting[0][0] if waiting else None, self.due if self.entered else None, starts[0] if starts else None) if at]
            if not moments or min(moments) > end:
                return
            now = min(moments)
            if waiting and waiting[0][0] <= now:
                self._happen(waiting.pop(0)[2], now)
            elif starts and starts[0] <= now:
                starts.pop(0)
                self._maybe_enter(now)
            else:
                self._step(now)

    def _hours(self) -> list[datetime]:
        """When a schedule or a person starts it, from the clock alone."""
        trigger = self.says.trigger
        if isinstance(trigger, OnSchedule):
            last = (self.given[-1][0] if self.given else DAY_ZERO).date()
            days = (last - DAY_ZERO.date()).days + 32
            hours = [DAY_ZERO + timedelta(days=day, hours=trigger.hour.hour, minutes=trigger.hour.minute) for day in range(days)]
            if trigger.every == "week":
                return [at for at in hours if WEEKDAYS[at.weekday()] == trigger.weekday]
            return [at for at in hours if at.day == trigger.day] if trigger.every == "month" else hours
        asked = any("start" in one for _, _, one in self.given)
        by_itself = isinstance(trigger, OnEvent | OnActivity | OnAudience)
        # A play that is started by hand starts at once, unless the test says when.
        return [] if asked or by_itself else [DAY_ZERO]

    def _maybe_enter(self, now: datetime) -> None:
        if self.entered:
            return
        if not isinstance(self.says.trigger, OnAudience) and not holds(self.says.audience, self.facts):
            self.why_not = "the account did not fit the audience when its trigger came"
            return
        self.entered, self.due = True, now
        self.window = now + timedelta(days=self.says.goal.window_days)

    def _happen(self, what: Mapping[str, Any], now: datetime) -> None:
        fitted = self.says.audience is not None and holds(self.says.audience, self.facts)
        if "fact" in what:
            self.facts.update(what["fact"])
        if "activity" in what:
            self.done[what["activity"]] = self.done.get(what["activity"], 0) + (1 if self.entered else 0)
        if self.entered:
            self._react(what, now)
            return
        trigger = self.says.trigger
        fits = self.says.audience is not None and holds(self.says.audience, self.facts)
        named = "start" in what
        match trigger:
            case OnEvent():
                named = named or (what.get("event") == trigger.event and all(_same(what.get(name), value) for name, value in trigger.when.items()))
            case OnActivity():
                named = named or what.get("activity") == trigger.name
            case OnAudience():
                named = named or (fits and not fitted if trigger.moment == "enters" else fitted and not fits)
        if named:
            self._maybe_enter(now)

    def _react(self, what: Mapping[str, Any], now: datetime) -> None:
        """What happens to a run in progress, in the order in which the engine asks."""
        if "reply" in what:
            self.facts |= {"run.replied": True, "run.reply": str(what["reply"])}
            if not machine.goes_on_after_reply(self.says, self._standing()):
                self.exit = ExitReason.REPLIED
                return
        if "task_closed" in what:
            self.facts["run.task_outcome"] = str(what["task_closed"])
        if not self.facts["run.goal_met"] and self._goal_met(what):
            self.facts["run.goal_met"] = True
            if self.says.exit_mode in machine.ENDS_ON_GOAL:
                self.exit = ExitReason.GOAL
                return
        if "fact" in what and not machine.still_fits(self.says, self.facts):
            self.exit = ExitReason.UNMATCHED
            return
        if self.waits_for and self._is_awaited(what):
            self._stand(machine.arrive(self.says, self._standing(), "it happened", now))

    def _goal_met(self, what: Mapping[str, Any]) -> bool:
        reached = self.says.goal.reached
        if "goal" in what:
            return bool(what["goal"])
        if isinstance(reached, Does):
            return self.done.get(reached.name, 0) >= reached.times
        return isinstance(reached, Becomes) and holds(reached.when, self.facts)

    def _is_awaited(self, what: Mapping[str, Any]) -> bool:
        kind, _, name = self.waits_for.partition(":")
        if kind == "activity":
            return what.get("activity") == name
        return bool(self.facts["run.goal_met"]) if kind == "goal" else kind in what

    def _standing(self) -> machine.Standing:
        return machine.Standing(
            held_out=False,
            position=self.position,
            waits_for=self.waits_for,
            window_ends_at=self.window,
            goal_met=self.facts["run.goal_met"],
            replied=self.facts["run.replied"],
        )

    def _stand(self, move: machine.Move) -> None:
        self.position, self.due, self.waits_for = move.next, move.due_at, move.waits_for
        if not move.resolves and isinstance(move.effect, MessageStep):
            self.facts["run.sent"] += 1
        if move.ends:
            self.exit = move.ends

    def _step(self, now: datetime) -> None:
        """The next move of the engine."""
        made = machine.decide(self.says, self._standing(), self.facts, now)
        match made:
            case machine.Over():
                self.exit = made.reason
            case machine.Rest():
                self.due = made.due_at
            case _:
                if not made.resolves:
                    self.taken.append(Taken(made.step, now))
                self._stand(made)


def _same(told: Any, wanted: Any) -> bool:
    return told in wanted if isinstance(wanted, list) else told == wanted
