from django.db.models import TextChoices


class Severity(TextChoices):
    INFO = "info", "for information"
    WARNING = "warning", "soon"
    URGENT = "urgent", "now"


class AlertState(TextChoices):
    """`open` is the firing alert that nobody has taken on."""

    OPEN = "open", "open"
    ACKNOWLEDGED = "acknowledged", "acknowledged"
    SNOOZED = "snoozed", "snoozed"
    RESOLVED = "resolved", "resolved"


class RuleKind(TextChoices):
    """How a rule looks. A `notice` is raised by the product itself when the matter happens; all others are looked after by the watch."""

    NOTICE = "notice", "when it happens"
    THRESHOLD = "threshold", "a figure passes a limit"
    BASELINE = "baseline", "a figure leaves its own pattern"
    ABSENCE = "absence", "nothing happened for a while"
    BAND = "band", "a band changed"
    FORECAST = "forecast", "a figure will pass a limit"
    PROBABILITY = "probability", "the model expects it"


class RuleState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    OFF = "off", "off"


class StepKind(TextChoices):
    """What a step of an escalation policy does."""

    NOTIFY = "notify", "tell"
    WAIT = "wait", "wait"
    HOURS = "hours", "go on only in these hours"
    ONLY_IF = "only_if", "go on only if"


class Whom(TextChoices):
    """Whom a step tells; a team, a rota, a person and a channel are named by their key besides."""

    OWNER = "owner", "the owner, or whose turn it is where there is none"
    BACKUP = "backup", "the backup"
    LEAD = "lead", "the team lead"
    HEAD = "head", "the head"
    TURN = "turn", "the next of a team, each time another"
    DUTY = "duty", "who is on duty"
    PERSON = "person", "a person"
    TEAM = "team", "everybody of a team"
    CHANNEL = "channel", "a channel outside"


class ClimbState(TextChoices):
    RUNNING = "running", "climbing"
    PAUSED = "paused", "asleep with its alert"
    ACKNOWLEDGED = "acknowledged", "somebody took it on"
    RESOLVED = "resolved", "the alert was resolved"
    HALTED = "halted", "a step said to go no further"
    EXHAUSTED = "exhausted", "everybody was told"


class Road(TextChoices):
    """By which a person of ours, or a channel outside, is told."""

    IN_APP = "in_app", "in the app"
    EMAIL = "email", "email"
    PUSH = "push", "push"
    SMS = "sms", "SMS"
    OUTSIDE = "outside", "outside"


class Pace(TextChoices):
    AT_ONCE = "at_once", "at once"
    HOURLY = "hourly", "gathered each hour of my working day"
    DAILY = "daily", "gathered at the beginning of my working day"


class SendingState(TextChoices):
    WAITING = "waiting", "waits"
    SENDING = "sending", "being sent"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"
    UNKNOWN = "unknown", "nobody knows"
    DROPPED = "dropped", "not needed any more"


class OutsideKind(TextChoices):
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"
    PAGERDUTY = "pagerduty", "PagerDuty"
    WEBHOOK = "webhook", "webhook"


class ResponseDeed(TextChoices):
    """What a rule may do by itself."""

    PLAY = "play", "start a play"
    TASK = "task", "open a task"
    WEBHOOK = "webhook", "tell webhooks"
    FLAG = "flag", "flip a flag"


class ResponseMode(TextChoices):
    OFF = "off", "off"
    DRY = "dry", "dry run: only note what it would have done"
    ASK = "ask", "do it when a person says so"
    AUTO = "auto", "do it at once"


class RunState(TextChoices):
    NOTED = "noted", "noted only"
    ASKED = "asked", "waits for a person"
    DONE = "done", "done"
    LIMITED = "limited", "not done: too many already"
    REFUSED = "refused", "refused by a person"
    FAILED = "failed", "could not be done"
    UNDONE = "undone", "taken back"


class TrialState(TextChoices):
    ASKED = "asked", "waits for its turn"
    RUNNING = "running", "running"
    DONE = "done", "done"
    STOPPED = "stopped", "stopped"
    FAILED = "failed", "failed"


class Deed(TextChoices):
    """What happened to an alert."""

    ACKNOWLEDGED = "acknowledged", "taken on"
    ASSIGNED = "assigned", "given to"
    SNOOZED = "snoozed", "put to sleep"
    WOKE = "woke", "woke up"
    RESOLVED = "resolved", "resolved"
    SETTLED = "settled", "settled by itself"
    REOPENED = "reopened", "opened again"
    COMMENTED = "commented", "comment"
    USEFUL = "useful", "said to be useful"
    NOT_USEFUL = "not_useful", "said not to be useful"
    UNJUDGED = "unjudged", "judgement taken back"
    PLAY = "play", "play started"
    TASK = "task", "task opened"
    TOLD = "told", "somebody was told"


class Whose(TextChoices):
    """For whose accounts somebody wants to hear of alerts; never beyond what they may see."""

    MINE = "mine", "my accounts"
    TEAM = "team", "my team's"
    ALL = "all", "all I may see"


class Channel(TextChoices):
    """Where a member of staff is told. In the product everybody is, always."""

    IN_APP = "in_app", "in the product"
    EMAIL = "email", "email"
    PUSH = "push", "push"
    SMS = "sms", "SMS"
    CHAT = "chat", "chat"


class How(TextChoices):
    OFF = "off", "not"
    DIGEST = "digest", "in a digest"
    AT_ONCE = "at_once", "at once"
