"""Which inputs each kind of rule has, and how a value is written in them."""

from apps.alerts import services as alerts
from apps.alerts.types import RuleKind

from ..play_form.fields import Options, Spec

_WAY: Options = (("above", "or more"), ("below", "or less"))

KINDS: Options = tuple((str(kind.value), str(kind.label)) for kind in RuleKind if kind != RuleKind.NOTICE)
HEAD = (
    Spec("kind", "What is watched for", "choice", KINDS, "threshold", turns=True),
    Spec("of", "Of", "choice", (("account", "each account"), ("house", "the house itself")), "account", turns=True),
)
BY_KIND: dict[str, tuple[Spec, ...]] = {
    "threshold": (
        Spec("limit", "Limit", "number", help="A share in per cent."),
        Spec("way", "Told when it is the limit", "choice", _WAY, "above"),
        Spec("over_days", "Moved within days", "whole", default=0, help="0: the figure itself; 7: how far it moved in a week (a fall is negative)."),
        Spec("as_share", "The move is a share of where it was", "tick", default=False),
        Spec("release", "Over beyond", "number", help="Empty: as soon as it is back within the limit."),
    ),
    "baseline": (
        Spec("way", "It leaves its pattern", "choice", (("below", "downwards"), ("above", "upwards"), ("both", "either way")), "both"),
        Spec("by", "Its pattern", "choice", (("weekday", "the same weekdays of some weeks"), ("level", "learned day by day")), "level", turns=True),
        Spec("score", "By standard deviations", "number", default=3.5, help="2 to 8; higher is quieter."),
        Spec("change", "And by at least (%)", "number", default=0),
        Spec("least", "Where at least so many are usual", "number", default=0),
        Spec("weeks", "Weeks to compare with", "whole", default=8),
        Spec("tunes", "It tunes itself by what people say of its alerts", "tick", default=True),
    ),
    "absence": (Spec("days", "Days without", "whole", default=30),),
    "band": (Spec("into", "It becomes", "many"),),
    "forecast": (
        Spec("limit", "Limit", "number"),
        Spec("way", "It will be the limit", "choice", _WAY, "below"),
        Spec("within_days", "Within days", "whole", default=14),
        Spec("slope_days", "By the slope of so many days", "whole", default=28),
    ),
    "probability": (
        Spec("probability", "Told from (%)", "number", default=60),
        Spec("release", "Over below (%)", "number", help="Empty: three quarters of it."),
    ),
}
QUIET_TIMES = (
    Spec("opens_after", "Days in a row before it is told", "whole", default=1),
    Spec("calm_days", "Calm days in a row before it is over", "whole", default=1),
    Spec("cooldown_days", "Days before the same account is told again", "whole", default=7),
    Spec("budget", "Alerts of a day told loudly, per person", "whole", default=5, help="The weightiest first; the rest wait for the digest."),
)
TOGETHER = (
    Spec("share", "More than (%) of the accounts on one day", "number", default=30),
    Spec("least", "And at least accounts", "whole", default=10),
)
WHOM = (
    Spec("segment", "In the segment", "choice", default=""),
    Spec("least_arr", "ARR of at least", "number", default=0),
)
# Kept as shares, typed in per cent.
PERCENT = ("change", "probability", "share")
# Where a kind has a pause of its own.
PAUSES = {"absence": {"cooldown_days": 0}, "baseline": {"calm_days": 2}, "forecast": {"calm_days": 3, "cooldown_days": 14}}


def figures(of: str, kind: str) -> Options:
    """The figures that a kind of rule can look at."""
    rules = alerts.rules
    if of == "house":
        found = [one for one in rules.house.figures() if kind != "absence" or one.unit == "days"]
        return tuple((one.key, one.name) for one in found) if kind != "band" else ()
    return tuple(
        (one.metric.key, one.metric.name)
        for one in rules.figures.figures()
        if bool(one.bands) == (kind == "band")
        and (kind != "absence" or one.metric.unit == "days")
        and (kind != "probability" or one.metric.key == "risk")
        and (kind != "absence" or one.metric.unit == "days")
        and (kind != "probability" or one.metric.key == "risk")
    )


def bands(figure: str) -> Options:
    try:
        return tuple((word, word) for word in alerts.rules.figures.figure(figure).bands)
    except alerts.rules.figures.UnknownFigure:
        return ()


def is_share(of: str, figure: str) -> bool:
    found = alerts.rules.house.figures() if of == "house" else [one.metric for one in alerts.rules.figures.figures()]
    return any(one.key == figure and one.unit == "share" for one in found)
