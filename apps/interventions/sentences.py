"""A play as sentences: who enters, when it ends, what counts as success, and what its numbers mean for a reader."""

from datetime import timedelta

from apps.events import vocabulary

from .conditions import in_words
from .definition import (
    AUTO,
    Becomes,
    BranchStep,
    Budget,
    ByApi,
    ByHand,
    Definition,
    Does,
    Entry,
    Goal,
    MessageStep,
    OnActivity,
    OnAudience,
    OnEvent,
    OnSchedule,
    Recovers,
    SplitStep,
    TaskStep,
    Trigger,
    WaitForStep,
)
from .selectors import lasting
from .types import Approval, ExitMode


def event_in_words(name: str) -> str:
    """What an event says, as its own vocabulary puts it, without the full stop."""
    kind = vocabulary.ALL.get(name)
    words = (kind.__doc__ or name).split("\n")[0].partition("; ")[0].split(". ")[0] if kind else name
    return words.strip().rstrip(".")


def trigger_in_words(trigger: Trigger) -> str:
    """As a list shows it: “when the churn risk of an account rose into a higher band (to band: high)”."""
    match trigger:
        case OnEvent():
            facts = [f"{name.replace('_', ' ')}: {_value(value)}" for name, value in trigger.when.items()]
            return f"when: {_lower(event_in_words(trigger.event))}{' (' + ', '.join(facts) + ')' if facts else ''}"
        case OnActivity():
            return f"when the customer does “{trigger.name.replace('_', ' ')}”"
        case OnAudience():
            return "when an account begins to fit the audience" if trigger.moment == "enters" else "when an account stops fitting the audience"
        case OnSchedule():
            day = {"day": "every day", "week": f"every {trigger.weekday.capitalize()}", "month": f"on day {trigger.day} of every month"}[
                trigger.every
            ]
            return f"{day} at {trigger.at} UTC, everybody who fits"
        case ByHand():
            return "only when a person starts it"
        case ByApi():
            return "only when a program starts it"


def audience_in_words(definition: Definition) -> str:
    """Whom it is for: “latest NPS answer (half a year) is at most 6”."""
    return in_words(definition.audience)


def _value(value: str | float | bool | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def entry_in_words(entry: Entry) -> str:
    words = {
        "never": "One run per account, ever",
        "after_cooldown": f"Again {_days(entry.cooldown_days)} after the last entry at the earliest" if entry.cooldown_days else "Again at any time",
        "always": "Again at any time",
    }[entry.again]
    parallel = ", also while another run is under way" if entry.parallel else ""
    young = f"; customers younger than {_days(entry.min_age_days)} are left alone" if entry.min_age_days else ""
    return f"{words}{parallel}{young}."


def goal_in_words(goal: Goal) -> str:
    match goal.reached:
        case Recovers():
            what = f"a week's activity is back at {goal.reached.percent} % of the account's own pattern"
        case Does():
            times = f" {goal.reached.times} times" if goal.reached.times > 1 else ""
            what = f"the customer does “{goal.reached.name.replace('_', ' ')}”{times}"
        case Becomes():
            what = in_words(goal.reached.when)
    return f"{what}, within {_days(goal.window_days)}"


def exits_in_words(definition: Definition) -> str:
    words = {
        ExitMode.GOAL: "A run ends early when the goal is met",
        ExitMode.UNMATCHED: "A run ends early when the account no longer fits the audience",
        ExitMode.GOAL_OR_UNMATCHED: "A run ends early when the goal is met or the account no longer fits the audience",
        ExitMode.NEVER: "A run never ends early",
    }[definition.exit_mode]
    return f"{words}{', or when the customer replies' if definition.stop_on_reply else '; a reply does not stop it'}."


def approval_in_words(approval: Approval) -> str:
    return "Accounts enter by themselves." if approval == Approval.AUTOMATIC else "The account's success manager lets each one in."


def holdout_in_words(percent: int) -> str:
    if not percent:
        return "Nobody is held out, so its effect cannot be told from what would have happened anyway."
    return f"{percent} of 100 entries are held out: nothing is sent to them, and the goal's rate among them is what doing nothing gives."


def budget_in_words(budget: Budget) -> str:
    parts = []
    if budget.money is not None:
        parts.append(f"{budget.money:g} in the house's currency for messages")
    if budget.csm_minutes is not None:
        parts.append(f"{budget.csm_minutes} minutes of success managers")
    return f"At most {' and '.join(parts)} a month; nobody enters over it." if parts else "No limit of money or minutes."


def told(definition: Definition) -> list[tuple[str, str]]:
    """The whole play without its steps, as (heading, sentence)."""
    return [
        ("Starts", f"{_upper(trigger_in_words(definition.trigger))}."),
        ("For", f"{_upper(audience_in_words(definition))}."),
        ("Again", entry_in_words(definition.entry)),
        ("Success", f"{_upper(goal_in_words(definition.goal))}."),
        ("Ends", exits_in_words(definition)),
        ("Held out", holdout_in_words(definition.holdout_percent)),
        ("Approval", approval_in_words(definition.approval)),
        ("Limits", f"{_upper(definition.lane.label)} lane. {budget_in_words(definition.budget)}"),
    ]


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def details(step: object) -> list[str]:
    """What the sentence of a step leaves out."""
    match step:
        case MessageStep():
            said = []
            if step.channel == AUTO and step.channels:
                said.append(f"among {', '.join(step.channels)}")
            if step.hour == "best":
                said.append("at the hour this person reads")
            if step.review_minutes:
                said.append(f"the owner may stop it for {lasting(timedelta(minutes=step.review_minutes))}")
            if step.to:
                said.append(f"to the {step.to}")
            return said
        case TaskStep():
            said = [f"{step.minutes_needed} minutes", f"due in {lasting(timedelta(hours=step.due_in_hours))}"]
            if step.priority != "normal":
                said.append(f"{step.priority} priority")
            if step.escalate:
                said.append("up the ladder when nobody takes it")
            return said
        case _:
            return []


def exits(step: object) -> list[tuple[str, str]]:
    """Where a run may go from a step besides the following one: (why, id of the step)."""
    found: list[tuple[str, str]] = []
    if isinstance(step, BranchStep):
        found += [(f"if {in_words(case.when)}", case.go) for case in step.cases]
    if isinstance(step, SplitStep):
        found += [(f"drawn “{way.name}”", way.go) for way in step.ways if way.go]
    if isinstance(step, WaitForStep):
        found += [(why, go) for why, go in (("when it happens", step.on_event), ("when it does not", step.on_timeout)) if go]
    if isinstance(next_id := getattr(step, "next", ""), str) and next_id:
        found.append(("then", next_id))
    return found
