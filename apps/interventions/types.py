from dataclasses import dataclass

from django.db.models import TextChoices


class PlayState(TextChoices):
    DRAFT = "draft", "draft"
    TESTING = "testing", "testing"
    LIVE = "live", "live"
    PAUSED = "paused", "paused"
    ARCHIVED = "archived", "archived"


# From each state, where a play may go. A testing play is entered by hand only, by the accounts a person picks.
PLAY_TURNS: dict[str, tuple[str, ...]] = {
    PlayState.DRAFT: (PlayState.TESTING, PlayState.LIVE, PlayState.ARCHIVED),
    PlayState.TESTING: (PlayState.DRAFT, PlayState.LIVE, PlayState.ARCHIVED),
    PlayState.LIVE: (PlayState.PAUSED, PlayState.ARCHIVED),
    PlayState.PAUSED: (PlayState.LIVE, PlayState.ARCHIVED),
    PlayState.ARCHIVED: (PlayState.DRAFT,),
}


class Approval(TextChoices):
    """Who has the last word before an account enters."""

    AUTOMATIC = "automatic", "nobody: it enters by itself"
    CSM = "csm", "the account's success manager lets it in"


class ExitMode(TextChoices):
    """When a run ends before its last step."""

    GOAL = "goal", "when the goal is met"
    UNMATCHED = "unmatched", "when the account no longer fits the audience"
    GOAL_OR_UNMATCHED = "goal_or_unmatched", "when the goal is met or the account no longer fits"
    NEVER = "never", "never: every step is done"


class Arm(TextChoices):
    TREATED = "treated", "treated"
    HELD_OUT = "held_out", "held out"


class EnrolmentState(TextChoices):
    CANDIDATE = "candidate", "waits to be let in"
    WAITING = "waiting", "running"
    ENDED = "ended", "ended"


class ExitReason(TextChoices):
    """Why a run ended; always stored."""

    GOAL = "goal", "the goal was met"
    UNMATCHED = "unmatched", "no longer fits the audience"
    REPLIED = "replied", "the customer replied"
    FINISHED = "finished", "all steps done"
    TIMEOUT = "timeout", "goal window passed"
    CHURNED = "churned", "the customer left"
    MANUAL = "manual", "stopped by a person"
    REFUSED = "refused", "not let in by the success manager"
    ERROR = "error", "a step could not be done"


class NotEntered(TextChoices):
    """Why an account that the trigger named did not enter."""

    NOT_LIVE = "not_live", "the play is not live"
    LEFT = "left", "the customer has left"
    AUDIENCE = "audience", "does not fit the audience"
    RUNNING = "running", "runs already"
    COOLDOWN = "cooldown", "ran too short a time ago"
    ONCE = "once", "had its one run"
    YOUNG = "young", "is too young a customer"
    BUDGET = "budget", "this month's budget of the play is spent"
    ROLLOUT = "rollout", "outside the rollout share"
    LOOP = "loop", "the play's own doing would start it again"


class StepKind(TextChoices):
    MESSAGE = "message", "message"
    WAIT = "wait", "wait"
    WAIT_FOR = "wait_for", "wait until"
    BRANCH = "branch", "branch"
    SPLIT = "split", "split by lot"
    TASK = "task", "task for the CSM"
    UPDATE = "update", "set a trait"
    WEBHOOK = "webhook", "tell webhooks"
    WATCH = "watch", "watch for the goal"
    END = "end", "end"


class TaskState(TextChoices):
    OPEN = "open", "open"
    DONE = "done", "done"
    DROPPED = "dropped", "dropped"


class RehearsalState(TextChoices):
    ASKED = "asked", "waits for a worker"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    STOPPED = "stopped", "stopped"


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
    "let_in": Matter("a play asks whether to let the account in", TaskType.ACTIVITY),
    "promise": Matter("we promised it", TaskType.ACTIVITY),
    "survey_answer": Matter("they answered a survey with a low score", TaskType.RISK, Priority.HIGH),
}


def matter(reason: str) -> Matter:
    return MATTERS.get(reason) or Matter(reason.replace("_", " ").replace("-", " ") or "no reason given")
