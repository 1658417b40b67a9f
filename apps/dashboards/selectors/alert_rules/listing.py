"""The list of rules: what each watches, how often it spoke lately, and how often it was right."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from apps.alerts import selectors as alerts_read
from apps.alerts import services as alerts
from apps.alerts.models import Alert, AlertRule, Watched
from apps.alerts.selectors import Precision
from apps.alerts.types import AlertState, RuleKind, RuleState

from ...types import Spark
from ..sparks import line

DAYS = 30
TONES = {RuleState.LIVE: "good", RuleState.DRAFT: "info", RuleState.OFF: "calm"}
SEVERITIES = {"urgent": "bad", "warning": "warn", "info": "info"}
_ORDER = {RuleState.LIVE: 0, RuleState.DRAFT: 1, RuleState.OFF: 2}


@dataclass(frozen=True)
class Row:
    """`fires`: for how many accounts its matter holds now; `spark`: alerts per day."""

    rule: AlertRule
    words: str
    open: int
    fires: int
    lately: int
    spark: Spark | None
    precision: Precision

    @property
    def tone(self) -> str:
        return TONES[RuleState(self.rule.state)]

    @property
    def loud(self) -> str:
        return SEVERITIES[self.rule.severity]

    @property
    def is_notice(self) -> bool:
        return self.rule.kind == RuleKind.NOTICE


@dataclass(frozen=True)
class Listing:
    rows: list[Row]
    states: list[tuple[str, str, int]]
    total: int


def words_of(rule: AlertRule) -> str:
    """What it watches, as a sentence."""
    return alerts.rules.in_words(alerts.rules.read(rule.current.says)) if rule.current else rule.why


def listing(*, state: str, words: str, now: datetime) -> Listing:
    """All rules that fit, in five statements: live ones first, then the ones that spoke most."""
    every = list(AlertRule.objects.select_related("current").order_by("name", "pk"))
    counted = Counter(str(rule.state) for rule in every)
    states = [(str(one.value), str(one.label), counted[str(one.value)]) for one in RuleState]
    lower = words.lower()
    chosen = [rule for rule in every if (not state or rule.state == state) and (not lower or lower in rule.name.lower() or lower in rule.key)]
    keys = [rule.pk for rule in chosen]
    open_now = Count("pk", filter=~Q(state=AlertState.RESOLVED))
    opened = dict(Alert.objects.filter(rule__in=keys).exclude(state=AlertState.RESOLVED).order_by().values_list("rule").annotate(open=open_now))
    fires = dict(Watched.objects.filter(rule__in=keys, since__isnull=False).order_by().values_list("rule").annotate(count=Count("pk")))
    days: dict[int, Counter[int]] = {}
    since = now - timedelta(days=DAYS)
    for rule_id, at in Alert.objects.filter(rule__in=keys, opened_at__gt=since, opened_at__lte=now).values_list("rule", "opened_at"):
        days.setdefault(rule_id, Counter())[min((now - at).days, DAYS - 1)] += 1
    right = alerts_read.precision(keys, now=now)
    rows = [
        Row(
            rule,
            words_of(rule),
            opened.get(rule.pk, 0),
            fires.get(rule.pk, 0),
            sum(days.get(rule.pk, Counter()).values()),
            _spark(days[rule.pk]) if rule.pk in days else None,
            right.get(rule.pk, alerts_read.NOTHING),
        )
        for rule in chosen
    ]
    rows.sort(key=lambda row: (_ORDER[RuleState(row.rule.state)], row.is_notice, -row.lately, row.rule.name))
    return Listing(rows, states, len(every))


def _spark(days: Counter[int]) -> Spark:
    values = [float(days[ago]) for ago in range(DAYS - 1, -1, -1)]
    return line(values, words=f"{sum(days.values())} alerts in {DAYS} days, at most {max(days.values())} on one day")
