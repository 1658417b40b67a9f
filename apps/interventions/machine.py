"""What a run does next, decided from nothing but its arguments: the live engine (steps.py) and the rehearsal obey the same decisions.

An effect is named by its step; whoever carries it out says in words what came of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .conditions import Condition, facts_in, holds, in_words
from .definition import (
    AnyStep,
    BranchStep,
    Definition,
    EndStep,
    MessageStep,
    SplitStep,
    TaskStep,
    UpdateStep,
    WaitForStep,
    WaitStep,
    WatchStep,
    WebhookStep,
)
from .selectors import lasting
from .types import ExitMode, ExitReason, StepKind

ENDS_ON_GOAL = (ExitMode.GOAL, ExitMode.GOAL_OR_UNMATCHED)
ENDS_UNMATCHED = (ExitMode.UNMATCHED, ExitMode.GOAL_OR_UNMATCHED)

Effect = MessageStep | TaskStep | UpdateStep | WebhookStep

KINDS: Mapping[type[AnyStep], StepKind] = {
    MessageStep: StepKind.MESSAGE,
    WaitStep: StepKind.WAIT,
    WaitForStep: StepKind.WAIT_FOR,
    BranchStep: StepKind.BRANCH,
    SplitStep: StepKind.SPLIT,
    TaskStep: StepKind.TASK,
    UpdateStep: StepKind.UPDATE,
    WebhookStep: StepKind.WEBHOOK,
    WatchStep: StepKind.WATCH,
    EndStep: StepKind.END,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands. `waits_for` names what a wait in progress at `position` waits for."""

    held_out: bool
    position: int
    waits_for: str
    window_ends_at: datetime
    goal_met: bool = False
    replied: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One step taken: what its record says, and where the run stands afterwards. `resolves`: the step has its record already, which learns where it
    went. `what` is empty where the effect tells it."""

    position: int
    step: str
    kind: StepKind
    what: str
    next: int
    due_at: datetime
    went: str = ""
    because: str = ""
    waits_for: str = ""
    effect: Effect | None = None
    resolves: bool = False
    ends: ExitReason | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before `due_at`."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """The run ends without another step."""

    reason: ExitReason


def needs(says: Definition, run: Standing) -> set[str]:
    """The facts that the next move asks for, besides those of the audience."""
    if run.held_out or run.position >= len(says.steps):
        return set()
    step = says.steps[run.position]
    if isinstance(step, BranchStep):
        return {fact for case in step.cases for fact in facts_in(case.when)}
    return {"run.task_outcome"} if isinstance(step, WaitForStep) and step.event == "task_closed" and not run.waits_for else set()


def way_of(step: SplitStep) -> str:
    """The fact that tells which way an account drew at this step."""
    return f"way.{step.id}"


def audience_facts(says: Definition) -> set[str]:
    """The facts by which a run may stop to fit; none where that does not end it."""
    return facts_in(says.audience) if says.exit_mode in ENDS_UNMATCHED and not says.on_leaving else set()


def still_fits(says: Definition, facts: Mapping[str, Any]) -> bool:
    return says.exit_mode not in ENDS_UNMATCHED or says.on_leaving or holds(says.audience, facts)


def decide(says: Definition, run: Standing, facts: Mapping[str, Any], now: datetime) -> Move | Rest | Over:
    """The next move of a run that is due."""
    if run.goal_met and says.exit_mode in ENDS_ON_GOAL:
        return Over(ExitReason.GOAL)
    done = run.position >= len(says.steps)
    if run.window_ends_at <= now and (run.held_out or done or says.exit_mode != ExitMode.NEVER):
        return Over(ExitReason.FINISHED if done and not run.held_out and says.exit_mode == ExitMode.NEVER else ExitReason.TIMEOUT)
    if run.held_out:
        # They are watched for the same goal over the same window, and nothing else happens to them.
        return Rest(run.window_ends_at)
    if not still_fits(says, facts):
        return Over(ExitReason.UNMATCHED)
    if done:
        return Over(ExitReason.FINISHED)
    return _take(says, run, facts, now)


def _take(says: Definition, run: Standing, facts: Mapping[str, Any], now: datetime) -> Move:
    step = says.steps[run.position]
    match step:
        case WaitForStep():
            if run.waits_for:
                return _resolved(says, run, step, go=step.on_timeout, because=f"{lasting(timedelta(minutes=step.minutes))} passed", now=now)
            if already := _happened(step, run, facts):
                return _moved(says, run, step, now, what=_awaiting(step), go=step.on_event, because=already)
            due_at = _within(says, run, now + timedelta(minutes=step.minutes))
            return Move(run.position, step.id, StepKind.WAIT_FOR, _awaiting(step), run.position, due_at, waits_for=step.event)
        case WaitStep():
            length = timedelta(minutes=step.minutes)
            return _moved(says, run, step, now, what=f"Waiting {lasting(length)}.", due_at=now + length)
        case BranchStep():
            case_ = next((case for case in step.cases if holds(case.when, facts)), None)
            because = told(case_.when, facts) if case_ else "no case holds"
            return _moved(says, run, step, now, what="Looked which way to go.", go=case_.go if case_ else "", because=because)
        case SplitStep():
            drawn = facts.get(way_of(step))
            way = step.way(drawn or "")
            because = f"drew “{way.name}”" if drawn else f"the experiment does not run: “{way.name}”, the control"
            return _moved(says, run, step, now, what="Divided by lot.", go=way.go, because=because)
        case WatchStep():
            what = f"Watching for the goal until {run.window_ends_at:%-d %b}."
            return _moved(says, run, step, now, what=what, due_at=max(now, run.window_ends_at))
        case EndStep():
            return _moved(says, run, step, now, what="The run is over; its goal is watched until its window closes.", ends=ExitReason.FINISHED)
        case _:
            return _moved(says, run, step, now, what="", effect=step)


def arrive(says: Definition, run: Standing, because: str, now: datetime) -> Move:
    """What a run waits for has happened."""
    step = says.steps[run.position]
    assert isinstance(step, WaitForStep)
    return _resolved(says, run, step, go=step.on_event, because=because, now=now)


def goes_on_after_reply(says: Definition, run: Standing) -> bool:
    """Whether an answer does not end the run: the play says so, or this very step waits for one and knows where to go then."""
    if not says.stop_on_reply:
        return True
    step = says.steps[run.position] if run.position < len(says.steps) else None
    return run.waits_for == "reply" and isinstance(step, WaitForStep) and bool(step.on_event)


def told(condition: Condition, facts: Mapping[str, Any]) -> str:
    """The case that decided, as the record keeps it."""
    return in_words(condition)[:250]


def _happened(step: WaitForStep, run: Standing, facts: Mapping[str, Any]) -> str:
    """Why there is nothing to wait for: it happened earlier in this run."""
    if step.event == "reply" and run.replied:
        return "they had replied"
    if step.event == "goal" and run.goal_met:
        return "the goal had been met"
    if step.event == "task_closed" and facts.get("run.task_outcome") is not None:
        return f"the task had been closed: {facts['run.task_outcome']}"[:250]
    return ""


def _awaiting(step: WaitForStep) -> str:
    words = {"reply": "a reply", "goal": "the goal", "task_closed": "the task to be closed"}
    what = words.get(step.event) or f"“{step.event.removeprefix('activity:')}”"
    return f"Waiting for {what}, at most {lasting(timedelta(minutes=step.minutes))}."


def _resolved(says: Definition, run: Standing, step: WaitForStep, *, go: str, because: str, now: datetime) -> Move:
    move = _moved(says, run, step, now, what="", go=go, because=because)
    return Move(move.position, move.step, move.kind, "", move.next, move.due_at, move.went, because[:250], resolves=True)


def _moved(
    says: Definition,
    run: Standing,
    step: AnyStep,
    now: datetime,
    *,
    what: str,
    go: str = "",
    because: str = "",
    due_at: datetime | None = None,
    effect: Any = None,
    ends: ExitReason | None = None,
) -> Move:
    target = go or step.next
    following = says.place_of(target) if target else run.position + 1
    went = says.steps[following].id if because and following < len(says.steps) else ""
    due = _within(says, run, due_at) if due_at and due_at > now else now
    return Move(run.position, step.id, KINDS[type(step)], what, following, due, went, because, effect=effect, ends=ends)


def _within(says: Definition, run: Standing, moment: datetime) -> datetime:
    """A run does not outlive its window, unless every step is to be done."""
    return moment if says.exit_mode == ExitMode.NEVER else min(moment, run.window_ends_at)
