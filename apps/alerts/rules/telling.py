"""Rules and what they found, in words. Pure but for the account's name."""

from datetime import date
from typing import Any

from apps.accounts.models import Account
from apps.metrics.types import Metric, Unit

from ..matters import Matter
from ..models import AlertRule
from ..types import Severity
from .definition import HOUSE, Absence, BandChange, Baseline, Definition, Forecast, Probability, Threshold, read
from .reading import known

KIND = "rule"
MISSING_DAY = "missing_day"


def about(rule: AlertRule, account_id: int | None) -> str:
    """Which rule about whom: by which its alert is found again."""
    return f"{rule.key}:{account_id or 'house'}"


def together_about(rule: AlertRule) -> str:
    return f"{rule.key}:together"


def matter(rule: AlertRule, account: Account | None, facts: dict[str, Any]) -> Matter:
    says = read_of(rule)
    return Matter(
        KIND,
        about(rule, account.pk if account else None),
        None,
        f"{account.name}: {rule.name}" if account else rule.name,
        why(says, facts),
        account,
        rule_key=rule.key,
        version=rule.current,
        facts=facts,
    )


def together(rule: AlertRule, *, began: int, looked: int, day: date) -> Matter:
    """So many at once that the cause is ours, or the data's."""
    share = round(100 * began / looked) if looked else 0
    words = f"{began} of {looked} accounts at once ({share} %) on {day:%-d %B}: look at the product and the data first. They are not told one by one."
    facts = {"began": began, "looked": looked, "day": day.isoformat(), "figure": read_of(rule).figure}
    return Matter(
        KIND,
        together_about(rule),
        Severity.URGENT,
        f"{rule.name}: {began} accounts at once",
        [words],
        None,
        rule_key=rule.key,
        version=rule.current,
        facts=facts,
    )


def missing_day(metric: Metric, *, day: date, missing: int) -> Matter:
    """A day of which nothing is known is a matter of the data, not a fall to nought."""
    words = f"Nothing is known of {day:%-d %B} for {missing} accounts that had it before. Rules on it wait; nobody is called silent for it."
    return Matter(
        MISSING_DAY,
        metric.key,
        Severity.WARNING,
        f"No data: {metric.name} of {day:%-d %B}",
        [words, "Look at the source and at the imports."],
        facts={"figure": metric.key, "day": day.isoformat(), "missing": missing},
    )


def read_of(rule: AlertRule) -> Definition:
    assert rule.current is not None
    return read(rule.current.says)


def figure_words(value: Any, unit: Unit | str) -> str:
    """A value as people read it."""
    if value is None:
        return "not known"
    if isinstance(value, str):
        return value
    if unit == Unit.SHARE:
        return f"{100 * value:.3g} %"
    if unit == Unit.DAYS:
        return f"{value:g} day{'' if value == 1 else 's'}"
    return f"{round(value, 1):,g}" if abs(value) < 10_000 else f"{value:,.0f}"


def why(says: Definition, facts: dict[str, Any]) -> list[str]:
    """Why it fires, by its figures."""
    metric = known(says).metric
    name, unit, value = metric.name, metric.unit, facts.get("value")
    told = figure_words(value, unit)
    match says:
        case Baseline():
            usual = figure_words(facts.get("usual"), unit)
            return [
                f"{name} {told} on {facts.get('day', 'that day')}; usual for this weekday: {usual} ({100 * facts.get('change', 0):+.0f} %).",
                f"{abs(facts.get('score', 0)):.1f} standard deviations from its own pattern; told from {facts.get('limit'):g}.",
            ]
        case Threshold() if says.over_days:
            moved, before = facts.get("moved", 0), figure_words(facts.get("before"), unit)
            by = f"{100 * moved:+.0f} %" if says.as_share else f"{moved:+.3g}"
            return [f"{name} {told}, {by} in {says.over_days} days (from {before})."]
        case Threshold():
            return [f"{name}: {told}; the limit is {figure_words(says.limit, unit)}."]
        case Absence():
            return [f"{name}: {told}; told from {says.days} days."]
        case BandChange():
            return [f"{name} went from {facts.get('before') or 'unknown'} to {told}."]
        case Forecast():
            latest = facts.get("latest")
            span = f"{facts.get('earliest', 0):.0f} to {latest:.0f}" if latest else f"{facts.get('earliest', 0):.0f} or more"
            return [
                f"{name} {told} crosses {says.limit:g} in {span} days at this slope ({facts.get('slope', 0):+.2g} a day).",
                f"The line is drawn through the last {says.slope_days} days; 8 of 10 such lines lie within the interval.",
            ]
        case Probability():
            return [f"{name} {told}; told from {figure_words(says.probability, unit)}."]


def in_words(says: Definition) -> str:
    """The rule as a sentence."""
    metric = known(says).metric
    whose = "the house's" if says.of == HOUSE else "an account's"
    name = f"{whose} {metric.name[:1].lower()}{metric.name[1:]}"
    limit = figure_words(getattr(says, "limit", None), metric.unit)
    match says:
        case Baseline():
            way = {"above": "rises above", "below": "falls below", "both": "leaves"}[says.way]
            held = f"the same weekdays of {says.weeks} weeks" if says.by == "weekday" else "its own pattern"
            more = f", by {100 * says.change:.0f} % or more" if says.change else ""
            least = f", where {says.least:g} or more are usual" if says.least else ""
            core = f"{name} {way} {held} by {says.score:g} standard deviations{more}{least}"
        case Threshold() if says.over_days:
            verb = "rises" if says.way == "above" else "falls"
            by = f"{100 * abs(says.limit):g} %" if says.as_share else f"{abs(says.limit):g}"
            core = f"{name} {verb} by {by} or more in {says.over_days} days"
        case Threshold():
            core = f"{name} is {limit} or {'more' if says.way == 'above' else 'less'}"
        case Absence():
            core = f"{name}: {says.days} days or more"
        case BandChange():
            core = f"{name} becomes {' or '.join(says.into)}"
        case Forecast():
            core = f"{name} will be {'above' if says.way == 'above' else 'below'} {limit} within {says.within_days} days at its slope"
        case Probability():
            core = f"{name} is {figure_words(says.probability, metric.unit)} or more"
    after = f", {says.opens_after} days in a row" if says.opens_after > 1 else ""
    return f"{core}{after}"
