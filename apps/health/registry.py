"""The registry of measures: one entry each, with its words for people and its SQL. Pure: no Django here.

The SQL reads one row per account that is a customer at the moment: `p` (start, renews_on), `u` (use of the product), `t` (tickets), `s` (surveys),
`l` (pulse), `c` (people), `o` (last words exchanged), `i` (invoices), `m` (milestones) and `f` (what the company's sources tell at all);
measured.py joins them.
`last` is the last day (UTC) of which something is known; a window of 28 days ends with it. Figures are integers or exact decimals, never floats:
the same facts give the same digit, whoever asks and in whatever order they arrived.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """One figure about an account at a moment; null where nothing is known.

    `words` tell it, `missing` says why there is none, `more` and `less` what would have to happen for it to move by
    {n}, to the value {to}. `evidence` names the rows
    it was counted from, `window` how many days back they lie. A `direct` measure is on a scale of 0 to 100 already and may go without tiers.
    """

    key: str
    name: str
    words: str
    unit: str
    sql: str
    missing: str
    evidence: str
    window: int
    more: str
    less: str
    direct: bool = False


DAY_ONE = "greatest(p.start, u.first_use)"
_OWN_DAYS = f"least(84, (%(last)s::date - 27) - {DAY_ONE})"
_RENEWAL = "(p.renews_on - %(last)s::date)"

USAGE = (
    Measure(
        "uses_own",
        "Use against its own level",
        "{n} % of its own usual use",
        "%",
        f"case when u.uses_before > 0 and {_OWN_DAYS} >= 28 then least(300, round(100.0 * u.uses_28 * {_OWN_DAYS} / (28 * u.uses_before))) end",
        "Needs four weeks of use before the last four to compare with",
        "use",
        112,
        "use at {to} % of its usual level",
        "use down to {to} % of its usual level",
    ),
    Measure(
        "active_days_28",
        "Active days",
        "Active on {n} of the last 28 days",
        "days",
        "case when f.activity then coalesce(u.days_28, 0) end",
        "No activity has ever arrived",
        "use",
        28,
        "{n} more active days within 28",
        "{n} fewer active days within 28",
    ),
    Measure(
        "kinds_own",
        "Breadth of use",
        "Still uses {n} % of the kinds of activity it used before",
        "%",
        "case when u.kinds_before > 0 then round(100.0 * u.kinds_kept / u.kinds_before) end",
        "Needs use of some kind in the 12 weeks before the last four",
        "use",
        112,
        "{to} % of the kinds it used before in use again",
        "only {to} % of the kinds it used before still in use",
    ),
)
ADOPTION = (
    Measure(
        "core_28",
        "Core actions",
        "{n} core actions in 28 days",
        "actions",
        "case when f.core_names > 0 then coalesce(u.core_28, 0) end",
        "No activity name has the meaning “core value” yet",
        "core",
        28,
        "{n} more core actions within 28 days",
        "{n} fewer core actions within 28 days",
    ),
    Measure(
        "core_breadth",
        "Breadth of adoption",
        "Uses {n} % of what the product is for, within 8 weeks",
        "%",
        "case when f.core_names > 0 then round(100.0 * coalesce(u.core_kinds, 0) / f.core_names) end",
        "No activity name has the meaning “core value” yet",
        "core",
        56,
        "{to} % of the kinds of core action in use",
        "only {to} % of the kinds of core action in use",
    ),
    Measure(
        "core_weeks",
        "Steady adoption",
        "Core actions in {n} of the last 12 weeks",
        "weeks",
        "case when f.core_names > 0 and %(last)s::date - p.start >= 84 then coalesce(u.core_weeks, 0) end",
        "A customer for less than 12 weeks, or no name means “core value” yet",
        "core",
        84,
        "core actions in {n} more weeks of 12",
        "core actions in {n} fewer weeks of 12",
    ),
    Measure(
        "milestones_due",
        "Milestones on time",
        "Reached {n} % of the milestones that are due by now",
        "%",
        "case when m.due > 0 then round(100.0 * m.reached / m.due) end",
        "No milestone is reached or due yet",
        "milestones",
        0,
        "{to} % of the milestones that are due by now reached",
        "only {to} % of the milestones that are due by now reached",
    ),
)
SUPPORT = (
    Measure(
        "tickets_open",
        "Open tickets",
        "{n} open tickets",
        "tickets",
        "case when f.tickets then coalesce(t.open, 0) end",
        "No ticket has ever arrived",
        "tickets",
        365,
        "{n} more open tickets",
        "{n} of the open tickets solved",
    ),
    Measure(
        "ticket_age",
        "Oldest open ticket",
        "Oldest open ticket waits for {n} days",
        "days",
        "case when f.tickets then coalesce(t.oldest, 0) end",
        "No ticket has ever arrived",
        "tickets",
        365,
        "the oldest open ticket waits for {to} days",
        "no ticket left open for more than {to} days",
    ),
    Measure(
        "trouble_28",
        "Trouble with the product",
        "{n} problems in 28 days",
        "problems",
        "case when f.tickets or f.support_names > 0 then greatest(coalesce(u.support_28, 0), coalesce(t.opened_28, 0)) end",
        "No ticket has ever arrived and no activity name means “support trouble”",
        "tickets",
        28,
        "{n} more problems within 28 days",
        "{n} fewer problems within 28 days",
    ),
    Measure(
        "answer_hours",
        "First answers",
        "First answer after {n} hours, the middle one of 90 days",
        "hours",
        "t.answer_hours",
        "No ticket was answered within 90 days",
        "tickets",
        90,
        "first answers after {to} hours",
        "first answers within {to} hours",
    ),
)
RELATIONSHIP = (
    Measure(
        "two_way_days",
        "Last two-way contact",
        "Last words exchanged {n} days ago",
        "days",
        "case when f.words then %(last)s::date - greatest(coalesce(o.spoke_on, p.start), p.start) end",
        "No call, meeting or reply was ever written down",
        "words",
        365,
        "{n} more days without a word",
        "a call, a meeting or a reply",
    ),
    Measure(
        "people",
        "People we know",
        "{n} people known there",
        "people",
        "case when f.people then coalesce(c.people, 0) end",
        "No contact is known at any account",
        "people",
        0,
        "{n} more people known there",
        "{n} fewer people known there",
    ),
    Measure(
        "sponsors",
        "Sponsor present",
        "{n} champions or sponsors present",
        "people",
        "case when f.sponsors then coalesce(c.sponsors, 0) end",
        "Nobody at any account is marked as champion or sponsor",
        "people",
        0,
        "{n} more champions or sponsors",
        "{n} fewer champions or sponsors",
    ),
)
SENTIMENT = (
    Measure(
        "survey",
        "Surveys",
        "Surveys of 180 days stand at {n} of 100",
        "of 100",
        "s.survey",
        "No survey was answered within 180 days",
        "surveys",
        180,
        "survey answers {n} points better",
        "survey answers {n} points worse",
        direct=True,
    ),
    Measure(
        "pulse",
        "Pulse",
        "The success manager's pulse stands at {n} of 100",
        "of 100",
        "l.pulse",
        "No pulse was given within 45 days",
        "pulse",
        45,
        "a pulse {n} points higher",
        "a pulse {n} points lower",
        direct=True,
    ),
)
COMMERCIAL = (
    Measure(
        "overdue_days",
        "Overdue invoices",
        "The oldest unpaid invoice is {n} days overdue",
        "days",
        "case when f.invoices then coalesce(i.overdue, 0) end",
        "No invoice has ever arrived",
        "invoices",
        365,
        "the oldest unpaid invoice {to} days overdue",
        "no invoice more than {to} days overdue",
    ),
    Measure(
        "payment_90",
        "Payment trouble",
        "{n} payment problems in 90 days",
        "problems",
        "case when f.invoices or f.payment_names > 0 then greatest(coalesce(u.payment_90, 0), coalesce(i.failed_90, 0)) end",
        "No invoice has ever arrived and no activity name means “payment trouble”",
        "invoices",
        90,
        "{n} more payment problems within 90 days",
        "{n} fewer payment problems within 90 days",
    ),
    Measure(
        "renewal_days",
        "Days to the renewal",
        "Renews in {n} days",
        "days",
        # A date further off than a year was another date in the past: its yearly return is the same for those who stayed and those who left.
        f"case when {_RENEWAL} >= 366 then {_RENEWAL} %% 365 else {_RENEWAL} end",
        "No renewal date is known",
        "contract",
        0,
        "",
        "",
    ),
)

MEASURES = (*USAGE, *ADOPTION, *SUPPORT, *RELATIONSHIP, *SENTIMENT, *COMMERCIAL)
BY_KEY = {measure.key: measure for measure in MEASURES}


def told(key: str, value: Any) -> str:
    """The figure in words, or why there is none."""
    measure = BY_KEY[key]
    return measure.missing if value is None else _one(measure.words.replace("{n}", plain(value)), value)


def plain(value: Any) -> str:
    """12, 3.5, 1,204: no trailing zeros."""
    number = f"{float(value):,.2f}".rstrip("0").rstrip(".")
    return number.replace("-", "−")


_SINGULAR = (("days", "day"), ("hours", "hour"), ("tickets", "ticket"), ("problems", "problem"), ("actions", "action"), ("weeks", "week"))


def _one(words: str, value: Any) -> str:
    """“1 open tickets” reads badly; only the noun that follows the figure is bent."""
    if float(value) != 1:
        return words
    for many, one in _SINGULAR:
        for between in ("", "open ", "core ", "payment ", "more ", "fewer ", "more core ", "fewer core ", "more open "):
            words = words.replace(f"1 {between}{many}", f"1 {between}{one}", 1)
    return words.replace("1 champions or sponsors", "1 champion or sponsor").replace("1 people known", "1 person known")


def would(key: str, by: Any, to: Any) -> str:
    """What would have to happen for the measure to move by so much (signed), to that value; empty where nobody can do anything about it."""
    words = BY_KEY[key].more if by > 0 else BY_KEY[key].less
    if "{to}" in words:
        return _one(words.replace("{to}", plain(to)), to)
    return _one(words.replace("{n}", plain(abs(by))), abs(by))
