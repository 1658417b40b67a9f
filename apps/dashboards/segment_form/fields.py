"""Which inputs each kind of line has, in the words of the kind. What the kinds mean stands in docs/segments.md."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps.accounts.types import Meaning, MovementKind, SurveyKind, TicketPriority
from apps.campaigns import services as campaigns
from apps.churn.types import Band as RiskBand
from apps.health.types import Band as HealthBand
from apps.messaging.types import Channel

from ..play_form.fields import Options, Spec

_RULES = campaigns.segments.grammar

JOINTS: Options = (("all", "all of these hold"), ("any", "one of these holds"), ("none", "none of these holds"))
KIND_GROUPS: tuple[tuple[str, Options], ...] = (
    (
        "Who they are",
        (
            ("field", "a field of the account"),
            ("trait", "a trait of the account"),
            ("in", "being in another segment"),
            ("bucket", "a share by lot"),
            ("listed", "being listed by hand or file"),
            ("everybody", "everybody"),
        ),
    ),
    ("What they do", (("did", "how often they did something"), ("last", "when they last did it"), ("sequence", "one thing after another"))),
    (
        "How they are",
        (
            ("health", "health"),
            ("risk", "churn risk"),
            ("driver", "what drives their risk"),
            ("ticket", "open tickets"),
            ("survey", "an answer to a survey"),
        ),
    ),
    ("Their way with us", (("milestone", "a milestone"), ("tier", "their tier"), ("play", "a play"), ("coaching", "an outcome of coaching"))),
    ("Money and contact", (("revenue", "revenue that moved"), ("renewal", "the next renewal"), ("consent", "whom we may write to"))),
)

_NUMBER_OPS: Options = tuple((name, _RULES.OPS[name]) for name in _RULES.NUMBER_OPS)
_COUNT_OPS: Options = tuple(one for one in _NUMBER_OPS if one[0] not in _RULES.NO_VALUE)
_TEXT_OPS: Options = tuple((name, _RULES.OPS[name]) for name in _RULES.TEXT_OPS)
_TAG_OPS: Options = tuple((name, _RULES.OPS[name]) for name in ("has", *_RULES.NO_VALUE))
_BAND_OPS: Options = (("is", "is"), ("is_not", "is not"))
_ALL_OPS: Options = tuple(_RULES.OPS.items())
_YES_NO: Options = (("yes", "yes"), ("no", "no"))
_MEANINGS: Options = (("", "any name, or the name"), *((str(one.value), str(one.label)) for one in Meaning))
_WITHIN = Spec("within_days", "Within (days)", "whole", default=None, help="Empty: ever.")
_ACTIVITY = Spec("name", "Activity", listed="activities", help="Its name; empty with no meaning: any use.")
_MEANING = Spec("meaning", "or all that means", "choice", _MEANINGS)
_SURVEYS: Options = tuple((str(one.value), str(one.label)) for one in SurveyKind)


def _bands(words: str, bands: list[str]) -> Spec:
    return Spec("band", words, "choice", (("", "by its number"), *((one, one) for one in bands)), turns=True)


LEAVES: dict[str, tuple[Spec, ...]] = {
    "everybody": (),
    "listed": (),
    "field": (
        Spec("name", "Field", "choice", (("", "choose"), *((name, words) for name, (_, words, _) in _RULES.FIELDS.items())), turns=True),
        Spec("op", "Comparison", "choice", _ALL_OPS, "is", turns=True),
        Spec("value", "Value"),
    ),
    "trait": (
        Spec("name", "Trait", listed="traits"),
        Spec("op", "Comparison", "choice", _ALL_OPS, "is", turns=True),
        Spec("value", "Value"),
    ),
    "did": (
        _ACTIVITY,
        _MEANING,
        Spec("op", "Comparison", "choice", _COUNT_OPS, "at_least"),
        Spec("times", "Times", "whole", default=1),
        _WITHIN,
    ),
    "last": (
        _ACTIVITY,
        _MEANING,
        Spec("op", "Days since", "choice", _NUMBER_OPS, "at_least", turns=True),
        Spec("days", "Days", "whole", default=None),
    ),
    "sequence": (
        Spec("first", "First", listed="activities"),
        Spec("then", "Then", listed="activities"),
        Spec("within_days", "At most later (days)", "whole", default=7),
        Spec("lately_days", "In the last (days)", "whole", default=90),
    ),
    "health": (
        _bands("Health", [str(one) for one in HealthBand.values if one != HealthBand.UNKNOWN]),
        Spec("op", "Comparison", "choice", _NUMBER_OPS, "is", turns=True),
        Spec("value", "Points", "number", default=None, help="0 to 100"),
    ),
    "risk": (
        _bands("Risk", [str(one) for one in RiskBand.values]),
        Spec("op", "Comparison", "choice", _NUMBER_OPS, "is", turns=True),
        Spec("value", "Percent", "number", default=None),
    ),
    "driver": (Spec("feature", "Driver", listed="drivers", help="A feature that raises their risk at present."),),
    "ticket": (
        Spec("priority", "Priorities", "many", tuple((str(one.value), str(one.label)) for one in TicketPriority), help="None ticked: any."),
        Spec("open", "Is open", "choice", _YES_NO, "yes"),
    ),
    "survey": (
        Spec("survey", "Survey", "choice", (("", "choose"), *_SURVEYS)),
        Spec("op", "Answer", "choice", _NUMBER_OPS, "known", turns=True),
        Spec("value", "Score", "number", default=None),
        _WITHIN,
    ),
    "milestone": (
        Spec("key", "Milestone", listed="milestones"),
        Spec("state", "Is", "choice", tuple((one, one.replace("_", " ")) for one in _RULES.MILESTONE_STATES), "reached", turns=True),
        _WITHIN,
    ),
    "tier": (Spec("key", "Tier", "choice", (("", "none yet"),), listed="tiers"),),
    "play": (
        Spec("key", "Play", "choice", (("", "any play"),), listed="plays"),
        Spec("state", "Is", "choice", tuple((one, one) for one in _RULES.PLAY_STATES), "running", turns=True),
        _WITHIN,
    ),
    "coaching": (
        Spec("reached", "Goal reached", "choice", _YES_NO, "yes"),
        Spec("within_days", "Within (days)", "whole", default=90),
    ),
    "revenue": (
        Spec("movement", "Movement", "choice", (("", "choose"), *((str(one.value), str(one.label)) for one in MovementKind))),
        Spec("op", "Comparison", "choice", _COUNT_OPS, "over"),
        Spec("value", "Sum", "number", default=0),
        Spec("within_days", "Within (days)", "whole", default=90),
    ),
    "renewal": (Spec("op", "Days to it", "choice", _NUMBER_OPS, "at_most", turns=True), Spec("days", "Days", "whole", default=None)),
    "consent": (
        Spec("channel", "Channel", "choice", (("", "choose"), *((str(one.value), str(one.label)) for one in Channel))),
        Spec("topic", "Topic", listed="topics", default="success"),
        Spec("allowed", "May be written to", "choice", _YES_NO, "yes"),
    ),
    "in": (Spec("segment", "Segment", listed="segments"),),
    "bucket": (
        Spec("from", "From (%)", "number", default=0),
        Spec("to", "To (%)", "number", default=100),
        Spec("salt", "Draw", help="Another word draws anew."),
    ),
}
STAYS: tuple[Spec, ...] = (Spec("stay_days", "Nobody leaves sooner than (days)", "whole", default=0),)
# Fields whose words may be numbers, yes or no, and those that are yes or no.
GUESSED = {"trait": ("value",)}
YES_NO = {"coaching": ("reached",), "ticket": ("open",), "consent": ("allowed",)}
# What must be said although it is empty.
KEPT = {"tier": ("key",)}
_DATED = {"milestone": ("reached",), "play": ("entered", "ended")}
_MEASURES = {"last": "days", "renewal": "days", "field": "value", "trait": "value", "health": "value", "risk": "value", "survey": "value"}


def field_kind(part: Mapping[str, Any]) -> str:
    """number, text or tags: what the field of a line holds."""
    return str(_RULES.FIELDS.get(str(part.get("name", "")), ("text",))[0])


def specs(part: Mapping[str, Any]) -> list[Spec]:
    """The inputs that a line asks for as it stands: comparisons that fit the field, no value where none is compared with."""
    kind = str(part.get("kind"))
    found = []
    for spec in LEAVES[kind]:
        if spec.name in _skipped(kind, part):
            continue
        if kind == "field" and spec.name == "op":
            spec = replace(spec, options={"number": _NUMBER_OPS, "tags": _TAG_OPS}.get(field_kind(part), _TEXT_OPS))  # noqa: PLW2901
        elif kind == "field" and spec.name == "value" and (values := _RULES.FIELDS.get(str(part.get("name", "")), ("", "", ()))[2]):
            if part.get("op") not in ("one_of", "has"):
                spec = replace(spec, kind="choice", options=(("", "choose"), *((one, one) for one in values)))  # noqa: PLW2901
        elif spec.name == "op" and part.get("band"):
            spec = replace(spec, options=_BAND_OPS)  # noqa: PLW2901
        found.append(spec)
    return found


def _skipped(kind: str, part: Mapping[str, Any]) -> set[str]:
    gone = set()
    if part.get("op", LEAVES_OP.get(kind)) in _RULES.NO_VALUE or part.get("band"):
        gone.add(_MEASURES.get(kind, ""))
    if kind in _DATED and part.get("state", LEAVES_STATE[kind]) not in _DATED[kind]:
        gone.add("within_days")
    if kind == "field" and not part.get("name"):
        gone |= {"op", "value"}
    return gone


LEAVES_OP = {kind: spec.default for kind, found in LEAVES.items() for spec in found if spec.name == "op"}
LEAVES_STATE = {kind: spec.default for kind, found in LEAVES.items() for spec in found if spec.name == "state"}
