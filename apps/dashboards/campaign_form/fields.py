"""Which inputs each part of a campaign has, in the words of the part."""

from apps.accounts.types import ContactRole
from apps.campaigns import services as campaigns
from apps.campaigns.types import CampaignKind
from apps.interventions import services as interventions
from apps.messaging.types import Lane

from ..play_form.fields import CHANNELS, GOALS, WEEKDAYS, Options, Spec

KINDS: Options = tuple((str(one.value), str(one.label)) for one in CampaignKind)
KIND = Spec("kind", "What it is", "choice", KINDS, "message", turns=True)

SEGMENT = Spec("segment", "Segment", "choice", (("", "every customer"),), turns=True)
PEOPLE: tuple[Spec, ...] = (
    Spec("who", "Whom of an account", "choice", (("best", "the person we know best"), ("all", "everybody who may be written to")), "best"),
    Spec("roles", "Only these roles", "many", tuple((str(one.value), str(one.label)) for one in ContactRole), help="None ticked: any role."),
)

WHEN_KINDS: Options = (
    ("once", "once, at an hour"),
    ("recurring", "again every day, week or month"),
    ("event", "when something happens to an account"),
    ("enters", "when an account comes into the segment"),
    ("manual", "when a person or a program starts it"),
)
_LOCAL = Spec("local", "On each recipient's own clock", "tick", default=True)
STARTERS: Options = tuple(
    sorted(((name, interventions.sentences.event_in_words(name)) for name in campaigns.definition.STARTERS), key=lambda one: one[1])
)
WHEN: dict[str, tuple[Spec, ...]] = {
    "once": (Spec("at", "At", "moment"), _LOCAL),
    "recurring": (
        Spec("every", "Every", "choice", (("day", "day"), ("week", "week"), ("month", "month")), "month", turns=True),
        Spec("weekday", "On", "choice", WEEKDAYS, "monday"),
        Spec("day", "On day", "whole", default=1, help="1 to 28"),
        Spec("at", "At", "clock", default="09:00"),
        _LOCAL,
    ),
    "event": (Spec("event", "What happens", "choice", STARTERS, turns=True),),
    "enters": (),
    "manual": (),
}

REACH: tuple[Spec, ...] = (
    Spec("channels", "Channels", "many", CHANNELS, default=["email"], help="In this order; the first that reaches somebody is taken."),
    Spec("choice", "Among them", "choice", (("first", "the first that reaches them"), ("learned", "what works best for them")), "first"),
    Spec("hour", "Hour", "choice", (("now", "at the hour above"), ("best", "when this person reads")), "now"),
)
SEQUENCE = Spec("sequence", "Play whose steps are taken", "choice", (("", "choose a play"),))
VARIANT: tuple[Spec, ...] = (
    Spec("name", "Variant"),
    Spec("template", "Template", listed="templates"),
    Spec("weight", "Weight", "number", default=1),
)
BLOCK: tuple[Spec, ...] = (
    Spec("slot", "Block", help="Templates say {{ blocks.NAME }}."),
    Spec("segment", "For", "choice", (("", "everybody else"),)),
)
SURVEY: tuple[Spec, ...] = (
    Spec(
        "kind",
        "Question",
        "choice",
        (("nps", "how likely to recommend (0 to 10)"), ("csat", "how satisfied (1 to 5)"), ("ces", "how easy (1 to 7)")),
        "nps",
    ),
    Spec("topic", "What it is about", help="Such as the last ticket; told beside the answers."),
    Spec("reminder_days", "Remind after (days)", "whole", default=5, help="0: nobody is reminded."),
    Spec("open_days", "Open for (days)", "whole", default=30),
    Spec("throttle_days", "Asked at most every (days)", "whole", default=90, help="Over all surveys; at least 90."),
    Spec("drip", "A thirteenth of the people each week, so that the score is always fresh", "tick", default=False),
)
LOOP: tuple[Spec, ...] = (
    Spec("scores_at_most", "Call back who answers at most", "whole", default=None, help="Empty: nobody is called back."),
    Spec("hours", "Within (hours)", "whole", default=48),
)

GOAL_KINDS: Options = (
    ("", "nothing of its own: who stays, and revenue"),
    ("activity", "the customer does something so often"),
    ("recovers", "a week's activity is back"),
    ("condition", "something holds for the account"),
)
GOAL: dict[str, tuple[Spec, ...]] = {"": (), **GOALS}
TRIAL: tuple[Spec, ...] = (
    Spec("window_days", "Within (days)", "whole", default=30),
    Spec("holdout_percent", "Held out (%)", "number", default=10, help="Whole accounts, by lot, get nothing; without them no effect can be told."),
)

LIMITS: tuple[Spec, ...] = (
    Spec("promotion", "It sells: never while a save play runs or an urgent ticket is open", "tick", default=True),
    Spec("still_in_segment", "Who has left the segment by their turn gets nothing", "tick", default=True),
    Spec(
        "lane",
        "Priority lane",
        "choice",
        ((Lane.BROADCAST.value, str(Lane.BROADCAST.label)), (Lane.NURTURE.value, str(Lane.NURTURE.label))),
        Lane.BROADCAST.value,
    ),
    Spec("again_days", "Again after (days)", "whole", default=None, help="Empty: 30; at once for what recurs."),
    Spec("throttle_per_hour", "At most an hour", "whole", default=None, help="Empty: as the channels carry."),
    Spec("expires_hours", "Worthless after (hours)", "whole", default=72),
)
BUDGET: tuple[Spec, ...] = (
    Spec("money", "Money at most", "number", default=None, help="In the currency of the contact policy; empty: no limit."),
    Spec("recipients", "People at most", "whole", default=None, help="Empty: no limit."),
)
