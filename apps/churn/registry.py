"""The registry of features: one line each, with its words for people and its SQL. Pure: no Django here.

Days are counted back from `cut`, the first day that is not known yet; a window of 28 days is [cut - 28, cut). Windows are whole weeks, so weekdays
weigh the same in each. The SQL reads `d` (one row per account with use: SUMS up to each window, first and last day, kinds), `g` (TROUBLES) and `p`
(start, renews_on, and of the part of today that is known: used, support, payment, leaving); features.py puts the pieces together. What is
told by tickets, surveys and invoices stands in story.py, by people, messages, health and milestones in
ties.py.
"""

import re
from functools import lru_cache

from .feature import Feature
from .story import STORY
from .ties import TIES

YEAR = 366
# What is summed over the last so many days: `d.uses_28` and so on. Every window between two of them is a difference.
SUMS = {
    "uses": (7, 28, 56, 63, 84, 112, YEAR),
    "active": (7, 28, 84, YEAR),
    "worth": (28, YEAR),
}
# Days over which the events of a meaning are counted: `g.support_28` and so on.
TROUBLES = {"support": 28, "payment": 56, "leaving": 28}
# The first day of the account's own pattern: its start, or its first activity of the year where our record begins later.
_BEGAN = "greatest(p.start, d.first)"


def _sum(what: str, back: int, until: int = 0) -> str:
    """Of the days [cut - back, cut - until)."""
    return f"coalesce(d.{what}_{back}{f' - d.{what}_{until}' if until else ''}, 0)::float8"


def _trouble(meaning: str) -> str:
    return f"(coalesce(g.{meaning}_{TROUBLES[meaning]}, 0) + coalesce(p.{meaning}, 0))::float8"


def _own(figure: str, window: int, smooth: float) -> str:
    """Log ratio of a window to the account's own level in the 8 weeks before it, or in the year where those were empty; unknown until two weeks of
    own pattern exist."""
    known = f"least(56, %(cut)s::date - {window} - {_BEGAN})"
    before, year = _sum(figure, window + 56, window), _sum(figure, YEAR, window)
    pattern = f"case when {before} > 0 then {before} / {known} else {year} / (%(cut)s::date - {window} - {_BEGAN}) end"
    return f"case when {known} >= 14 then ln(({_sum(figure, window)} + {smooth}) / (({pattern}) * {float(window)} + {smooth})) end"


# Log ratios are smoothed; with the count of their window the words give the true change.
TRENDS = {"trend_28": ("n_28", 1.0), "trend_7": ("n_7", 0.5), "trend_days": ("active_28", 0.5)}
_LAST = "case when p.used then %(cut)s::date else d.last end"
# Today counts as yesterday does: a day that is not over would otherwise make everybody look quiet in the morning.
_SINCE = f"case when {_LAST} is not null then greatest(%(cut)s::date - ({_LAST}), 1) end"
_TENURE = "greatest(%(cut)s::date - p.start, 0)"

ACTIVITY = (
    Feature("n_7", "{n} actions in 7 days", "actions", 7, -1, _sum("uses", 7), "level", log=True, held=True),
    Feature("n_28", "{n} actions in 28 days", "actions", 28, -1, _sum("uses", 28), "level", log=True, held=True),
    Feature("n_28_before", "{n} actions in the 28 days before the last 28", "actions", 28, 1, _sum("uses", 56, 28), "level", log=True),
    Feature("n_112", "{n} actions in 16 weeks", "actions", 112, -1, _sum("uses", 112), "level", log=True, held=True),
    Feature("n_year", "{n} actions in a year", "actions", YEAR, -1, _sum("uses", YEAR), "level", log=True, held=True),
    Feature("trend_28", "Activity of the last 28 days {change}", "log ratio", 28, -1, _own("uses", 28, 1.0), "trend", held=True),
    Feature("trend_7", "Activity of the last 7 days {change}", "log ratio", 7, -1, _own("uses", 7, 0.5), "trend", held=True),
    Feature("trend_days", "Active days of the last 28 days {change}", "log ratio", 28, -1, _own("active", 28, 0.5), "trend", held=True),
    Feature("active_7", "Active on {n} of the last 7 days", "days", 7, -1, _sum("active", 7), "active days", held=True),
    Feature("active_28", "Active on {n} of the last 28 days", "days", 28, -1, _sum("active", 28), "active days", held=True),
    Feature("active_year", "Active on {n} days in a year", "days", YEAR, -1, _sum("active", YEAR), "active days", log=True, held=True),
    Feature("names_28", "{n} kinds of activity in 28 days", "kinds", 28, -1, "coalesce(d.names, 0)::float8", "breadth", held=True),
    Feature(
        "since",
        "No activity for {days}",
        "days",
        YEAR,
        1,
        f"coalesce({_SINCE}, least({_TENURE}, {YEAR + 1}), 0)::float8",
        "silence",
        log=True,
        held=True,
    ),
    Feature(
        "since_usual",
        "Quiet {n} times as long as its usual gap",
        "times",
        YEAR,
        1,
        f"({_SINCE}) * {_sum('active', YEAR)} / greatest(%(cut)s::date - {_BEGAN}, 1)",
        "silence",
        log=True,
        held=True,
    ),
    Feature("tenure", "Customer for {days}", "days", 0, -1, f"{_TENURE}::float8", "tenure", log=True),
    # The stored date is today's; in history it would tell who renewed. Its yearly return is the same for those who stayed and those who left.
    Feature("renewal", "Renews in {days}", "days", 0, -1, "(((p.renews_on - %(cut)s::date) %% 365 + 365) %% 365)::float8", "renewal"),
    Feature("support_28", "{n} support problems in 28 days", "events", 28, 1, _trouble("support"), "support", log=True),
    Feature("payment_56", "{n} payment problems in 8 weeks", "events", 56, 1, _trouble("payment"), "payment", log=True),
    Feature("leaving_28", "{n} signs of leaving in 28 days", "events", 28, 1, _trouble("leaving"), "leaving", log=True),
    Feature("worth_28", "Amounts add up to {n} in 28 days", "value", 28, -1, _sum("worth", 28), "level", log=True),
    Feature("worth_year", "Amounts add up to {n} in a year", "value", YEAR, -1, _sum("worth", YEAR), "level", log=True),
)

# As things are; as they were at a moment: undone.py.
ACCOUNT = (
    Feature("arr", "ARR {n}", "money", 0, -1, "a.arr::float8", "size", log=True, source="account"),
    Feature("seats", "{n} seats", "seats", 0, -1, "a.seats::float8", "size", log=True, source="account"),
)

# What is counted at a moment: it needs one, as what an account is does not.
COUNTED = (*ACTIVITY, *STORY, *TIES)
BY_KEY = {feature.key: feature for feature in (*COUNTED, *ACCOUNT)}
# A family whose members only make sense together is told by one figure.
HEADLINE = {"level": "n_28", "nps": "nps", "csat": "csat", "health": "health"}
# A figure that was true on its day is told with its age.
AGES = {"nps": "nps_age", "csat": "csat_age"}
NAME = "name:"
TRAIT = "trait:"
# A trait that is a date, read as its age in days.
DATED = "dated:"
# What nobody changes by picking up the phone; everything else moves with what people do, or with the calendar.
STATIC = {"size", "tenure", "plan"}


@lru_cache(maxsize=4096)
def describe(key: str) -> Feature:
    """The feature behind a key, also for those that the company's own data bring: `name:login`, `trait:Contract`, `plan`."""
    if key in BY_KEY:
        return BY_KEY[key]
    if key.startswith(NAME):
        name = plain(key.removeprefix(NAME)).replace("{", "(").replace("}", ")")
        return Feature(key, f"{{n}} times “{name}” in 28 days", "events", 28, -1, "", key, log=True)
    if key.startswith(DATED):
        name = plain(key.removeprefix(DATED)).replace("{", "(").replace("}", ")")
        return Feature(key, f"{name[:1].upper()}{name[1:]} {{days}} ago", "days", 0, 0, "", key, log=True)
    return Feature(key, "", "", 0, 0, "", key)


def held_sign(key: str) -> int:
    """+1 where more of it must never lower a risk, -1 where it must never raise one, 0 where a model is free."""
    feature = describe(key)
    return feature.direction if feature.held else 0


def is_static(family: str) -> bool:
    """Whether a family describes what the account is rather than what it does."""
    return family in STATIC or family.startswith((TRAIT, DATED))


def plain(name: str) -> str:
    """A field or event name as words: invoice.sent, MonthlyCharges, tech_support."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", re.sub(r"[._:/-]+", " ", name)).split()
    return " ".join(word.lower() if place and word[1:].islower() else word for place, word in enumerate(apart))
