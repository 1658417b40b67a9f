"""What reaches one person of the alerts, where, and what that would have been last week."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.alerts import selectors as alerts
from apps.alerts.models import AlertRule, AlertSubscription
from apps.alerts.types import Channel, How, Severity, Whose

from ..types import SEVERITY_WORDS

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Cell:
    channel: str
    label: str
    how: str


@dataclass(frozen=True)
class Row:
    """One line of the matrix: a severity, or a rule that counts instead of its severity."""

    severity: str
    rule: AlertRule | None
    label: str
    whose: str
    cells: list[Cell]
    own: bool
    digest: bool = False


@dataclass
class LastWeek:
    """`alerts` reached the person in the product; each channel with what came at once, and on how many days a digest came."""

    alerts: int = 0
    at_once: Counter[str] = field(default_factory=Counter)
    digests: dict[str, set[object]] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[str, int, int]]:
        channels = [channel for channel in Channel if channel != Channel.IN_APP]
        return [(str(channel.label), self.at_once[channel], len(self.digests.get(channel, ()))) for channel in channels]


@dataclass(frozen=True)
class Hearing:
    severities: list[Row]
    rules: list[Row]
    others: list[AlertRule]
    whose: list[tuple[str, str]]
    how: list[tuple[str, str]]
    week: LastWeek


def hearing(user: User, *, now: datetime) -> Hearing:
    own = {row.severity or row.rule_id: row for row in AlertSubscription.objects.filter(user=user).select_related("rule")}
    severities = [_row(own.get(value), user, value, None) for value in (Severity.URGENT, Severity.WARNING, Severity.INFO)]
    rules = [_row(row, user, row.rule.severity, row.rule) for row in own.values() if row.rule is not None]
    taken = {row.rule.pk for row in rules if row.rule is not None}
    others = [rule for rule in AlertRule.objects.order_by("name") if rule.pk not in taken]
    return Hearing(severities, sorted(rules, key=lambda row: row.label), others, _whose(user), list(How.choices), last_week(user, now=now))


def _row(own: AlertSubscription | None, user: User, severity: str, rule: AlertRule | None) -> Row:
    choice = alerts.choice_of(own) if own is not None else alerts.usual_choice(user, severity)
    cells = [Cell(channel.value, str(channel.label), str(how)) for channel, how in choice.how.items()]
    label = rule.name if rule is not None else SEVERITY_WORDS[severity]
    return Row("" if rule else severity, rule, label, str(choice.whose), cells, own is not None, bool(rule and rule.digest))


def _whose(user: User) -> list[tuple[str, str]]:
    """Only what changes something: whoever sees no further than the own book is not asked."""
    found = [(str(Whose.MINE), "Mine")]
    if user.team_id and (user.sees_everything or Role.TEAM_LEAD in user.roles):
        found.append((str(Whose.TEAM), "My team's"))
    if user.sees_everything or Role.TEAM_LEAD in user.roles:
        found.append((str(Whose.ALL), "All I may see"))
    return found


def last_week(user: User, *, now: datetime) -> LastWeek:
    """What the present choice would have brought of the alerts opened in the last seven days."""
    found = LastWeek()
    for alert, told in alerts.would_have_reached(user, since=now - WEEK, until=now):
        for listener in told:
            if listener.channel == Channel.IN_APP:
                found.alerts += 1
            elif listener.at_once:
                found.at_once[listener.channel] += 1
            else:
                found.digests.setdefault(listener.channel, set()).add(alert.opened_at.astimezone(now.tzinfo).date())
    return found
