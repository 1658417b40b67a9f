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


class StepKind(TextChoices):
    MESSAGE = "message", "message"
    WAIT = "wait", "wait"
    WAIT_FOR = "wait_for", "wait until"
    BRANCH = "branch", "branch"
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
