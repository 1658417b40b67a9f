from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from apps.messaging.types import Channel


class PlayState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    PAUSED = "paused", "paused"
    ARCHIVED = "archived", "archived"


class Arm(TextChoices):
    TREATED = "treated", "treated"
    HELD_OUT = "held_out", "held out"


class EnrolmentState(TextChoices):
    WAITING = "waiting", "waiting"
    ENDED = "ended", "ended"


class ExitReason(TextChoices):
    """Why a run ended; always stored."""

    GOAL = "goal", "goal met: activity recovered"
    REPLIED = "replied", "the customer replied"
    FINISHED = "finished", "all steps done"
    TIMEOUT = "timeout", "goal window passed"
    CHURNED = "churned", "the customer left"
    MANUAL = "manual", "stopped by a person"
    ERROR = "error", "a step could not be done"


class StepKind(TextChoices):
    MESSAGE = "message", "message"
    WAIT = "wait", "wait"
    TASK = "task", "task for the CSM"
    WATCH = "watch", "watch for the goal"


class TaskState(TextChoices):
    OPEN = "open", "open"
    DONE = "done", "done"
    DROPPED = "dropped", "dropped"


class TaskType(TextChoices):
    """What a task is about; ranking knows what work of each type has saved."""

    RISK = "risk", "risk"
    EXPANSION = "expansion", "expansion"
    LIFECYCLE = "lifecycle", "lifecycle"
    ACTIVITY = "activity", "activity"
    OBJECTIVE = "objective", "objective"


class Priority(TextChoices):
    LOW = "low", "low"
    NORMAL = "normal", "normal"
    HIGH = "high", "high"
    URGENT = "urgent", "urgent"


class TaskResult(TextChoices):
    """What came of a task, so that it can be counted; words go beside it."""

    REACHED = "reached", "reached"
    NO_ANSWER = "no_answer", "no answer"
    MEETING = "meeting", "meeting set"
    SAVED = "saved", "saved"
    NOT_NEEDED = "not_needed", "not needed"
    OTHER = "other", "other"


SNOOZE_REASONS = ("They asked for another day", "They are away", "We wait for their answer", "Other work comes first")


class SourceKind(TextChoices):
    """Who asked for a task."""

    PLAY = "play", "play"
    CAMPAIGN = "campaign", "campaign"
    ALERT = "alert", "alert"
    PERSON = "person", "person"
    API = "api", "program"
    JOB = "job", "the product"


class Level(TextChoices):
    """The rungs of the ladder."""

    OWNER = "owner", "owner"
    BACKUP = "backup", "backup"
    LEAD = "lead", "team lead"
    HEAD = "head", "head"


class LadderState(TextChoices):
    RUNNING = "running", "running"
    ACKNOWLEDGED = "acknowledged", "acknowledged"
    CLOSED = "closed", "task closed"
    EXHAUSTED = "exhausted", "nobody left to ask"


class Silence(TextChoices):
    """Whose answer was waited for."""

    STAFF = "staff", "nobody of ours took it on"
    CUSTOMER = "customer", "the customer did not answer"


@dataclass(frozen=True)
class Matter:
    """What the product knows of a reason: its words, and what a task for it is unless somebody says otherwise."""

    words: str
    type: TaskType = TaskType.RISK
    priority: Priority = Priority.NORMAL


# Reasons that come with the product. Any other key may be given; its words are the key's own.
MATTERS = {
    "reply": Matter("the customer answered and waits", TaskType.ACTIVITY, Priority.HIGH),
    "call": Matter("activity is fading"),
    "play": Matter("a play asks for a person"),
    "no_answer": Matter("the customer does not answer", TaskType.RISK, Priority.HIGH),
    "renewal": Matter("a renewal comes near", TaskType.LIFECYCLE),
    "promise": Matter("we promised it", TaskType.ACTIVITY),
}


def matter(reason: str) -> Matter:
    return MATTERS.get(reason) or Matter(reason.replace("_", " ").replace("-", " ") or "no reason given")


# What a step needs besides its kind.
_NEEDS = {StepKind.MESSAGE: ("channel", "template"), StepKind.WAIT: ("minutes",), StepKind.TASK: ("title",), StepKind.WATCH: ()}


# So long a message may wait for the owner's eyes; its life is longer.
_LONGEST_REVIEW = 2880


def problem_with_steps(steps: Any) -> str:
    """Why a play cannot run these steps, naming the step, or nothing."""
    if not isinstance(steps, list) or not steps:
        return "A play needs a list with at least one step."
    for number, step in enumerate(steps, 1):
        kind = step.get("kind") if isinstance(step, dict) else None
        if kind not in StepKind.values:
            return f"Step {number}: the kind is {kind!r}; use one of {', '.join(StepKind.values)}."
        if missing := [name for name in _NEEDS[StepKind(kind)] if name not in step]:
            return f"Step {number} ({kind}): {missing[0]} is missing."
        if kind == StepKind.WAIT and not (isinstance(step["minutes"], int | float) and 0 <= step["minutes"] <= 525_600):
            return f"Step {number} (wait): minutes is {step['minutes']!r}; use a number from 0 to 525600 (a year)."
        if kind == StepKind.MESSAGE and step["channel"] not in Channel.values:
            return f"Step {number} (message): there is no channel {step['channel']!r}; use one of {', '.join(Channel.values)}."
        review = step.get("review_minutes", 0)
        if kind == StepKind.MESSAGE and not (isinstance(review, int | float) and 0 <= review <= _LONGEST_REVIEW):
            return f"Step {number} (message): review_minutes is {review!r}; use a number from 0 to {_LONGEST_REVIEW} (two days)."
    return ""
