"""Which inputs each part of a play has, in the words of the part."""

from dataclasses import dataclass
from typing import Any

from apps.accounts.types import ContactRole
from apps.events import vocabulary
from apps.interventions import services as interventions
from apps.interventions.types import Approval, ExitMode
from apps.messaging.types import Channel, Lane

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Spec:
    """`kind`: text, number, whole, choice, many, tick, length (typed with a unit, kept in `unit` minutes), target (a step below),
    lines, moment (a day with its hour), clock."""

    name: str
    label: str
    kind: str = "text"
    options: Options = ()
    default: Any = ""
    help: str = ""
    listed: str = ""
    unit: int = 1
    # Changing it shows other inputs.
    turns: bool = False


CHANNELS: Options = tuple((str(one.value), str(one.label)) for one in Channel)
_NEXT = Spec("next", "Then", "target", help="Where a run goes afterwards.")

STEPS: dict[str, tuple[Spec, ...]] = {
    "message": (
        Spec("template", "Template", listed="templates", help="The words, by the key of their template."),
        Spec("channel", "Channel", "choice", (("auto", "whatever works best for them"), *CHANNELS), "auto", turns=True),
        Spec("channels", "Among", "many", CHANNELS, help="For “whatever works best”; none ticked: all."),
        Spec("hour", "When", "choice", (("now", "at once"), ("best", "at the hour this person reads")), "now"),
        Spec("review_minutes", "The owner may stop it for", "length", default=0),
        Spec("to", "To", "choice", (("", "the person we know best"), *((str(one.value), str(one.label)) for one in ContactRole))),
        _NEXT,
    ),
    "wait": (Spec("minutes", "How long", "length", default=None), _NEXT),
    "wait_for": (
        Spec(
            "event",
            "Until",
            "choice",
            (
                ("reply", "the customer replies"),
                ("goal", "the goal is met"),
                ("task_closed", "the task of this run is closed"),
                ("activity", "the customer does something in the product"),
            ),
            "reply",
            turns=True,
        ),
        Spec("activity", "Activity", listed="activities", help="Its name, as the product sends it."),
        Spec("minutes", "At most", "length", default=None),
        Spec("on_event", "When it happens", "target"),
        Spec("on_timeout", "When it does not", "target"),
        _NEXT,
    ),
    "branch": (Spec("next", "Otherwise", "target"),),
    "split": (
        Spec("ways", "Ways", "lines", help="One a line: name, weight, step it leads to (empty: the following). The first is the control."),
        Spec("question", "What you want to know"),
        Spec("planned_size", "Accounts per way at the end", "whole", default=400),
        _NEXT,
    ),
    "task": (
        Spec("title", "Title"),
        Spec("minutes_needed", "Minutes it takes", "whole", default=15),
        Spec("due_in_hours", "Due in", "length", default=24, unit=60),
        Spec("priority", "Priority", "choice", (("low", "low"), ("normal", "normal"), ("high", "high"), ("urgent", "urgent")), "normal"),
        Spec(
            "type",
            "Type",
            "choice",
            (("risk", "risk"), ("expansion", "expansion"), ("lifecycle", "lifecycle"), ("activity", "activity"), ("objective", "objective")),
            "risk",
        ),
        Spec("reason", "Reason", default="play", help="A short key: tasks of one account with the same type and reason are one."),
        Spec("escalate", "Up the ladder when nobody takes it in time", "tick", default=False),
        _NEXT,
    ),
    "update": (
        Spec("trait", "Trait", help="Lower-case letters, digits and _."),
        Spec("value", "Becomes"),
        Spec("value_as", "Kept as", "choice", (("text", "words"), ("number", "a number"), ("yes_no", "yes or no")), "text"),
        _NEXT,
    ),
    "webhook": (Spec("name", "Name of the call", help="Webhooks that listen for play.called get it."), _NEXT),
    "watch": (),
    "end": (),
}

EVENTS: Options = tuple(
    sorted(
        (
            (name, interventions.sentences.event_in_words(name))
            for name, kind in vocabulary.ALL.items()
            if issubclass(kind, vocabulary.AccountEvent) and not name.startswith(("person.", "account.erased"))
        ),
        key=lambda one: one[1],
    )
)
WEEKDAYS: Options = tuple((day, day.capitalize()) for day in interventions.definition.WEEKDAYS)

TRIGGERS: dict[str, tuple[Spec, ...]] = {
    "event": (Spec("event", "What happens", "choice", EVENTS, "risk.raised", turns=True),),
    "activity": (Spec("name", "Activity", listed="activities", help="What the customer does in the product, by its name."),),
    "audience": (Spec("moment", "Moment", "choice", (("enters", "begins to fit the audience"), ("leaves", "stops fitting it")), "enters"),),
    "schedule": (
        Spec("every", "Every", "choice", (("day", "day"), ("week", "week"), ("month", "month")), "day", turns=True),
        Spec("weekday", "On", "choice", WEEKDAYS, "monday"),
        Spec("day", "On day", "whole", default=1),
        Spec("at", "At (UTC)", default="09:00"),
    ),
    "manual": (),
    "api": (),
}
TRIGGER_KINDS: Options = (
    ("event", "something is announced about an account"),
    ("activity", "the customer does something in the product"),
    ("audience", "an account begins or stops to fit the audience"),
    ("schedule", "an hour of the day, week or month comes"),
    ("manual", "a person starts it"),
    ("api", "a program starts it"),
)

ENTRY: tuple[Spec, ...] = (
    Spec(
        "again",
        "May an account come again?",
        "choice",
        (("after_cooldown", "after some days"), ("never", "never"), ("always", "at any time")),
        "after_cooldown",
    ),
    Spec("cooldown_days", "Days in between", "whole", default=60),
    Spec("min_age_days", "Customers at least so old (days)", "whole", default=0),
    Spec("parallel", "Several runs of one account at once", "tick", default=False),
)

GOALS: dict[str, tuple[Spec, ...]] = {
    "recovers": (Spec("percent", "Of its own pattern (%)", "whole", default=80),),
    "activity": (Spec("name", "Activity", listed="activities"), Spec("times", "Times", "whole", default=1)),
    "condition": (),
}
GOAL_KINDS: Options = (
    ("recovers", "a week's activity is back"),
    ("activity", "the customer does something so often"),
    ("condition", "something holds for the account"),
)
WINDOW = Spec("window_days", "Within (days)", "whole", default=30)

LIMITS: tuple[Spec, ...] = (
    Spec(
        "exit_mode",
        "A run ends early",
        "choice",
        tuple((str(one.value), str(one.label)) for one in ExitMode),
        str(ExitMode.GOAL.value),
    ),
    Spec("stop_on_reply", "A reply ends the run: a person takes over", "tick", default=True),
    Spec("approval", "Who lets accounts in", "choice", tuple((str(one.value), str(one.label)) for one in Approval), str(Approval.AUTOMATIC.value)),
    Spec("holdout_percent", "Held out (%)", "whole", default=10, help="Left alone by chance, so that the effect can be told. 5 to 15 is usual."),
    Spec("lane", "Priority lane", "choice", tuple((str(one.value), str(one.label)) for one in Lane), str(Lane.SAVE.value)),
)
BUDGET: tuple[Spec, ...] = (
    Spec("money", "Money for messages a month", "number", default=None, help="In the house's currency; empty: no limit."),
    Spec("csm_minutes", "Minutes of success managers a month", "whole", default=None, help="Empty: no limit."),
)

OPS: Options = (
    ("is", "is"),
    ("is_not", "is not"),
    ("at_least", "is at least"),
    ("at_most", "is at most"),
    ("over", "is over"),
    ("under", "is under"),
    ("one_of", "is one of"),
    ("has", "has in it"),
    ("known", "is known"),
    ("unknown", "is not known"),
)
JOINTS: Options = (("all", "all of these hold"), ("any", "one of these holds"), ("none", "none of these holds"))
