"""What a try of a rule on past days foretells is what the watch then does, day by day, to the last alert."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from apps.accounts.models import Account, DailyRollup
from apps.alerts.models import Alert, AlertRule, RuleDay, Watched
from apps.alerts.rules import backtest, early, watching, writing
from apps.alerts.rules.definition import read
from apps.alerts.types import RuleState
from apps.core.actor import Actor
from apps.health.models import AccountHealth, HealthModel, HealthScore
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
FIRST, DAYS = date(2026, 3, 2), 90
BASELINE = {"kind": "baseline", "figure": "usage", "way": "below", "score": 3.5, "change": 0.5, "least": 20, "by": "weekday", "cooldown_days": 14}
LEVEL = {"kind": "baseline", "figure": "usage", "way": "both", "score": 3.0}
DROP = {"kind": "threshold", "figure": "health", "way": "below", "limit": -15, "over_days": 7, "release": -8}
POOR = {"kind": "band", "figure": "health_band", "into": ["poor"]}
AHEAD = {"kind": "forecast", "figure": "health", "way": "below", "limit": 50}
SILENT = {"kind": "absence", "figure": "sponsor_silent_days", "days": 30}


def at(day: date, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def story():
    """Twelve customers whose use and health go up, down and away over half a year; one who left in the middle."""
    draw = random.Random(7)
    accounts = [make.account(name=f"Customer {number}", started_on=date(2025, 1, 1), arr=10_000 * (number + 1)) for number in range(12)]
    begin = FIRST - timedelta(days=100)
    model = HealthModel.objects.create(name="plain", number=1, tree={}, created_at=at(begin), created_by="test")
    rollups, scores = [], []
    for account in accounts:
        level, health = draw.uniform(25, 140), draw.uniform(55, 90)
        for number in range(100 + DAYS):
            day = begin + timedelta(days=number)
            if draw.random() < 0.012:
                level *= draw.choice([0.35, 0.4, 1.8])
            level = min(max(level, 20), 300)
            if number != 150:
                share = 0.4 if day.weekday() >= 5 else 1
                rollups.append(DailyRollup(account=account, day=day, name="login", count=max(int(draw.gauss(level * share, level**0.5)), 0), value=1))
            health = min(max(health + draw.gauss(0, 2.5) - (6 if draw.random() < 0.05 else 0) + (70 - health) * 0.04, 5), 100)
            if draw.random() < 0.8:
                band = "poor" if health <= 50 else "fair" if health <= 75 else "good"
                scores.append(
                    HealthScore(
                        account=account, model=model, as_of=at(day, 9), score=round(health, 2), band=band, coverage=100, created_at=at(day, 9)
                    )
                )
        sponsor = make.contact(account, role="sponsor")
        note = account.notes.create(kind="call", body="x", at=at(begin + timedelta(days=draw.randrange(60, 120))), created_at=at(begin))
        note.contacts.add(sponsor)
    DailyRollup.objects.bulk_create(rollups)
    HealthScore.objects.bulk_create(scores)
    leaver = accounts[3]
    Account.objects.filter(pk=leaver.pk).update(stage="churned", churned_on=FIRST + timedelta(days=40))
    assert AccountHealth.objects.count() == 0
    return accounts


def made(key: str, says: dict[str, object]) -> AlertRule:
    rule = writing.create(key=key, name=key, says=says, by=None, actor=ACTOR, now=at(FIRST))
    writing.turn(rule, RuleState.LIVE, actor=ACTOR, now=at(FIRST))
    return rule


def replayed(rule: AlertRule, *, hours: tuple[int, ...] = ()) -> list[tuple[date, int | None]]:
    """The days and accounts of the alerts that the watch opens over the 90 days; `hours`: looks at everybody within each day too."""
    everybody = list(Account.objects.values_list("pk", flat=True))
    for number in range(DAYS + 1):
        day = FIRST + timedelta(days=number)
        watching.look(now=at(day) + timedelta(minutes=5), actor=ACTOR)
        for hour in hours if number < DAYS else ():
            early.mark(everybody, now=at(day, hour))
            early.look(now=at(day, hour), actor=ACTOR)
    told = Alert.objects.filter(rule=rule, kind="rule").exclude(dedup_key__endswith=":together")
    return sorted((date.fromisoformat(alert.facts["day"]), alert.account_id) for alert in told)


@pytest.mark.parametrize("says", [BASELINE, LEVEL, DROP, POOR, AHEAD, SILENT], ids=lambda says: f"{says['kind']}-{says.get('by', '')}")
def test_ninety_days_through_the_watch_bring_exactly_what_the_try_foretold(story, says):
    found = backtest.run(read(says), first=FIRST, last=FIRST + timedelta(days=DAYS - 1))
    rule = made("r", says)
    assert replayed(rule) == [(one.day, one.account_id) for one in found.fired]
    assert len(found.fired) > 0
    assert {row.day for row in RuleDay.objects.filter(together=True)} == set(found.together)


@pytest.mark.parametrize("says", [DROP, POOR, SILENT], ids=lambda says: says["kind"])
def test_looking_during_the_day_too_brings_the_same_alerts(story, says):
    found = backtest.run(read(says), first=FIRST, last=FIRST + timedelta(days=DAYS - 1))
    rule = made("r", says)
    assert replayed(rule, hours=(10, 20)) == [(one.day, one.account_id) for one in found.fired]


def test_a_look_that_was_broken_off_and_done_again_tells_nothing_twice(story):
    rule = made("r", DROP)
    told = replayed(rule)
    before = list(Watched.objects.order_by("pk").values("account", "since", "calm", "began_on", "day"))
    last = FIRST + timedelta(days=DAYS - 1)
    RuleDay.objects.filter(day=last).update(told_at=None, judged_at=None, claimed_at=None)
    watching.look(now=at(last + timedelta(days=1), 3), actor=ACTOR)
    assert Alert.objects.filter(rule=rule).count() == len(told)
    assert list(Watched.objects.order_by("pk").values("account", "since", "calm", "began_on", "day")) == before
