"""Every figure, declared once: what it is in words, and which sums make it how."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.core.errors import Refused

from . import measures
from .formulas import Formula, Found, expected_loss, expected_nrr, mean, nps, ratio, share, total
from .types import Metric, Unit

# Which measures stand in the sums of accounts; the rest are reckoned (reckoning.py) or counted as they happen (happenings.py).
KEPT = tuple(measures.BY_KEY)
OWN = ("owner", "team")
ALL = ("owner", "team", "band", "health", "stage", "plan", "segment", "currency")
MONEY = ("arr", "arr_at_risk", "expected_loss", "renewals_arr_90")
_NONE = "There is no customer here."
_UNPAID = "Nobody paid a year ago, so there is nothing to compare with."


class Source(StrEnum):
    """Where a figure comes from: sums over accounts, happenings of some days, or a reckoning of the whole house."""

    SUMS = "sums"
    HAPPENINGS = "happenings"
    HOUSE = "house"


@dataclass(frozen=True)
class Declared:
    metric: Metric
    formula: Formula
    source: Source = Source.SUMS
    days: int = 0
    row: str = ""  # how an account behind the figure is spoken of

    @property
    def key(self) -> str:
        return self.metric.key


class UnknownMetric(Refused):
    def __init__(self, key: str) -> None:
        super().__init__("unknown_metric", f"There is no figure {key[:60]!r}. The catalogue at /api/v1/metrics/ names them all.")


def _sum(key: str, name: str, group: str, unit: Unit, words: str, formula: Formula, *, row: str = "", **more: object) -> Declared:
    given = {"dimensions": ALL, **more}
    return Declared(Metric(key, name, group, unit, words, **given), formula, row=row)  # type: ignore[arg-type]


def _reckoned(key: str, name: str, words: str, formula: Formula, **more: object) -> Declared:
    given = {"dimensions": (*OWN, "plan", "segment"), "fresh": 900, **more}
    return Declared(Metric(key, name, "Revenue", Unit.SHARE, words, **given), formula)  # type: ignore[arg-type]


def _happened(key: str, name: str, group: str, words: str, *, days: int = 1, measure: str = "", **more: object) -> Declared:
    metric = Metric(key, name, group, Unit.COUNT, words, dimensions=OWN, **more)  # type: ignore[arg-type]
    return Declared(metric, total(measure or key), Source.HAPPENINGS, days)


def _house(key: str, name: str, group: str, unit: Unit, words: str, **more: object) -> Declared:
    given = {"own": False, "fresh": 3600, "better": "up", **more}
    return Declared(Metric(key, name, group, unit, words, **given), Formula((key,), lambda sums: Found(None)), Source.HOUSE)  # type: ignore[arg-type]


_ALL_DECLARED = (
    _sum("customers", "Customers", "Customers", Unit.COUNT, "Accounts that are customers and have not left.", total("customers"), better="up"),
    _sum("arr", "ARR", "Revenue", Unit.MONEY, "Yearly recurring revenue of present customers, at today's exchange rates.", total("arr"), better="up"),
    _sum(
        *("arr_per_customer", "ARR per customer", "Revenue", Unit.MONEY, "Yearly recurring revenue over the number of customers."),
        ratio("arr", "customers", words=_NONE, of="customers"),
        of="customers",
        better="up",
    ),
    _sum(
        *("arr_at_risk", "ARR at high risk", "Risk", Unit.MONEY, "Yearly recurring revenue of customers whose risk of leaving is high."),
        total("arr_at_risk", known_of="scored", words="No account has a risk yet."),
        better="down",
        row="high risk",
    ),
    _sum(
        *("arr_at_risk_share", "Share of ARR at high risk", "Risk", Unit.SHARE, "ARR of customers at high risk over all ARR."),
        ratio("arr_at_risk", "arr", words="There is no revenue here.", of="customers"),
        of="customers",
        better="down",
    ),
    _sum(
        *("at_risk", "Customers at high risk", "Risk", Unit.COUNT, "Customers whose risk of leaving is high."),
        total("at_risk", known_of="scored", words="No account has a risk yet."),
        better="down",
        row="high risk",
    ),
    _sum(
        *("risk", "Average risk", "Risk", Unit.SHARE, "The chance of leaving, averaged over scored customers."),
        mean("risk_sum", "scored", words="No account has a risk yet."),
        of="scored customers",
        better="down",
        row="chance of leaving",
    ),
    _sum(
        "expected_loss",
        "ARR expected to leave",
        "Risk",
        Unit.MONEY,
        "Each customer's chance of leaving within the model's horizon times their ARR, summed; the interval is that of a sum of such chances.",
        expected_loss(),
        of="scored customers",
        better="down",
        row="chance times ARR",
    ),
    _sum(
        *("health", "Average health", "Health", Unit.SCORE, "The health of customers of whom enough is known, averaged; 0 to 100."),
        mean("health_sum", "health_known", words="Of nobody is enough known."),
        of="customers with a health",
        better="up",
        row="health",
    ),
    _sum(
        "poor_health",
        "Customers in poor health",
        "Health",
        Unit.COUNT,
        "Customers whose health is poor.",
        total("poor"),
        better="down",
        row="poor health",
    ),
    _sum(
        "renewals_30",
        "Renewals within 30 days",
        "Revenue",
        Unit.COUNT,
        "Customers whose term ends within 30 days.",
        total("renewals_30"),
        row="renews",
    ),
    _sum(
        "renewals_90",
        "Renewals within 90 days",
        "Revenue",
        Unit.COUNT,
        "Customers whose term ends within 90 days.",
        total("renewals_90"),
        row="renews",
    ),
    _sum(
        *("renewals_arr_90", "ARR renewing within 90 days", "Revenue", Unit.MONEY, "ARR of customers whose term ends within 90 days."),
        total("renewals_arr_90"),
        row="renews",
    ),
    _sum("active_7", "Active accounts", "Use", Unit.COUNT, "Customers with any activity in the last 7 days (UTC).", total("active_7"), better="up"),
    _sum(
        *("engagement", "Engagement", "Use", Unit.SHARE, "Customers active in the last 7 days, of all customers."),
        share("active_7", "customers", words=_NONE),
        of="customers",
        better="up",
    ),
    _sum(
        *("engagement_28", "Engagement in 28 days", "Use", Unit.SHARE, "Customers active in the last 28 days, of all customers."),
        share("active_28", "customers", words=_NONE),
        of="customers",
        better="up",
    ),
    _sum(
        *(
            "milestone_completion",
            "Milestone completion",
            "Milestones",
            Unit.SHARE,
            "Milestones reached, of those that customers have begun or may reach.",
        ),
        share("milestones_achieved", "milestones_begun", words="Nobody has begun a milestone."),
        of="milestones",
        better="up",
        row="milestones reached",
    ),
    _sum(
        *(
            "time_to_value",
            "Time to value",
            "Milestones",
            Unit.DAYS,
            "Days from a customer's start to the first milestone reached, averaged over those.",
        ),
        mean("value_days", "valued", words="Nobody has reached a milestone."),
        of="customers with a milestone",
        better="down",
        row="days to the first milestone",
    ),
    _sum(
        *("nps", "NPS", "Voice", Unit.SCORE, "Promoters (9, 10) less detractors (0 to 6) of 100 answers in the last 90 days."),
        nps("nps_promoters", "nps_detractors", "nps_answers"),
        of="answers",
        better="up",
        row="answers",
    ),
    _sum(
        "open_tickets",
        "Open tickets",
        "Voice",
        Unit.COUNT,
        "Questions to support that are not solved.",
        total("open_tickets"),
        better="down",
        row="open tickets",
    ),
    _sum(
        "open_tasks", "Open tasks", "Work", Unit.COUNT, "Tasks for people that are not closed.", total("open_tasks"), better="down", row="open tasks"
    ),
    _sum(
        "nrr_expected",
        "Expected NRR",
        "Revenue",
        Unit.SHARE,
        "1 less what is expected to leave within the model's horizon, with contraction and expansion as they were in the last 90 days.",
        expected_nrr(),
        dimensions=OWN,
        of="scored customers",
        better="up",
    ),
    _reckoned(
        *("nrr", "NRR", "What the customers of a year ago pay today, as a share of what they paid; growth included."),
        ratio("year_kept", "year_opening", words=_UNPAID, of="year_customers"),
        of="customers of a year ago",
        better="up",
    ),
    _reckoned(
        *("grr", "GRR", "The same without anybody's growth: each customer counts with the smaller of both."),
        ratio("year_held", "year_opening", words=_UNPAID, of="year_customers"),
        of="customers of a year ago",
        better="up",
    ),
    _reckoned(
        *("logo_churn", "Logo churn", "Of the paying customers of a year ago, the share that left."),
        share("year_lost", "year_customers", words=_UNPAID),
        of="customers of a year ago",
        better="down",
    ),
    Declared(
        Metric(
            *("messages_delivered", "Messages delivered", "Messages", Unit.SHARE, "Messages sent in the last 28 days that arrived, of all sent."),
            of="messages",
            dimensions=OWN,
            fresh=900,
            better="up",
        ),
        share("messages_delivered_28", "messages_sent_28", words="No message left in 28 days."),
    ),
    Declared(
        Metric(
            *("complaints", "Complaints", "Messages", Unit.SHARE, "Messages of the last 28 days that were called spam, of all sent."),
            of="messages",
            dimensions=OWN,
            fresh=900,
            better="down",
        ),
        share("messages_complained_28", "messages_sent_28", words="No message left in 28 days."),
    ),
    _happened("activity", "Activity today", "Use", "Activity events of the present day (UTC).", better="up"),
    _happened("activity_7", "Activity in 7 days", "Use", "Activity events of the last 7 days (UTC).", days=7, measure="activity", better="up"),
    _happened("messages_sent", "Messages sent today", "Messages", "Messages that left today (UTC)."),
    _happened("messages_failed", "Messages not sent today", "Messages", "Messages that did not leave today (UTC).", better="down"),
    _happened("replies_7", "Replies in 7 days", "Messages", "Answers of customers in the last 7 days (UTC).", days=7, measure="replies", better="up"),
    _happened(
        "tasks_opened_7", "Tasks opened in 7 days", "Work", "Tasks for people opened in the last 7 days (UTC).", days=7, measure="tasks_opened"
    ),
    _happened(
        "tasks_closed_7",
        "Tasks closed in 7 days",
        "Work",
        "Tasks for people closed in the last 7 days (UTC).",
        days=7,
        measure="tasks_closed",
        better="up",
    ),
    _happened("plays_entered_7", "Play entries in 7 days", "Work", "Runs of plays begun in the last 7 days (UTC).", days=7, measure="plays_entered"),
    _happened(
        *("milestones_reached_7", "Milestones reached in 7 days", "Milestones", "Milestones reached in the last 7 days (UTC)."),
        days=7,
        measure="milestones_reached",
        better="up",
    ),
    _happened(
        "coached_28", "Coaching sessions in 28 days", "Work", "Sessions held in the last 28 days (UTC).", days=28, measure="coached", better="up"
    ),
    _happened(
        "risk_raised_7",
        "Risk raised in 7 days",
        "Risk",
        "Moves into a higher band of risk in the last 7 days (UTC).",
        days=7,
        measure="risk_raised",
        better="down",
    ),
    _happened(
        "customers_left_28",
        "Customers left in 28 days",
        "Customers",
        "Customers that left in the last 28 days (UTC).",
        days=28,
        measure="customers_left",
        better="down",
    ),
    _happened(
        "alerts_opened_7",
        "Alerts in 7 days",
        "Alerts",
        "Alerts about accounts that opened in the last 7 days (UTC).",
        days=7,
        measure="alerts_opened",
        better="down",
    ),
    _house(
        "intervention_effect", "Effect of everything we do", "Effect", Unit.SHARE, "How many more stayed than of those that every play leaves alone."
    ),
    _house("viral_k", "Viral K", "Word of mouth", Unit.RATIO, "Customers that each customer brings by referrals."),
    _house(
        "campaign_effect", "Effect of campaigns", "Effect", Unit.COUNT, "Goals reached because of live campaigns, beyond those who were held out."
    ),
    _house("coaching_effect", "Effect of coaching", "Effect", Unit.SHARE, "How much more coached accounts did than those held back by lot."),
)
DECLARED: dict[str, Declared] = {one.key: one for one in _ALL_DECLARED}


def declared(key: str) -> Declared:
    found = DECLARED.get(key)
    if found is None:
        raise UnknownMetric(key)
    return found


def add(more: Iterable[Declared]) -> None:
    """Figures of an app to the right, declared where its tables are."""
    DECLARED.update({one.key: one for one in more})


def keys_moved_by(moved: Sequence[str]) -> list[str]:
    found = set(moved)
    return [one.key for one in DECLARED.values() if found & set(one.formula.reads)]
