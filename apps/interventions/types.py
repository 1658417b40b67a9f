from django.db.models import TextChoices


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
