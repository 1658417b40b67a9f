"""On track, behind and stuck, by how long others of the cohort took."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.accounts.models import Account
from apps.alerts import handlers as alerts
from apps.alerts.models import Alert
from apps.events.models import Event
from apps.events.switchboard import revive
from apps.milestones import durations, selectors, services
from apps.milestones.models import Milestone, Pacing, Progress
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
START = date(2026, 1, 1)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def cohort(milestone: Milestone, days: list[float], *, plan: str = "") -> None:
    """Accounts that began on 1 January and reached it after so many days."""
    for number in days:
        account = make.account(started_on=START, plan=plan)
        make.activity(account, BEGAN + number * DAY, name="login")


@pytest.fixture
def milestone() -> Milestone:
    return make.milestone("first-login", criteria={"count": "login", "at_least": 1}, days={"behind": 10, "stuck": 20})


def late(now: datetime, **fields: object) -> Account:
    account = make.account(name="Riverside Dental", started_on=START, **fields)
    services.evaluate_all(now=now, actor=make.ACTOR)
    return account


def paces(now: datetime) -> list[tuple[str, str]]:
    services.judge_pace(now=now, actor=make.ACTOR)
    said = Event.objects.filter(type="milestone.pace_changed").order_by("pk")
    return [(event.payload["was"], event.payload["pace"]) for event in said]


def test_typed_days_hold_until_twenty_completions_are_known(milestone: Milestone) -> None:
    cohort(milestone, [float(number) for number in range(1, 20)])
    account = late(BEGAN + 30 * DAY)
    services.learn(now=BEGAN + 30 * DAY)
    row = Progress.objects.get(account=account)
    assert (row.behind_at, row.stuck_at) == (BEGAN + 10 * DAY, BEGAN + 20 * DAY)
    assert Pacing.objects.get(plan="").completions == 19


def test_from_twenty_on_the_cohorts_own_p75_and_p90_hold(milestone: Milestone) -> None:
    cohort(milestone, [float(number) for number in range(1, 22)])
    account = late(BEGAN + 40 * DAY)
    services.learn(now=BEGAN + 40 * DAY)
    row = Progress.objects.get(account=account)
    # Of 1 to 21 days, three quarters are there by 16 and nine tenths by 19.
    assert (row.behind_at, row.stuck_at) == (BEGAN + 16 * DAY, BEGAN + 19 * DAY)
    # Accounts judged afterwards read the same.
    other = late(BEGAN + 40 * DAY)
    assert Progress.objects.get(account=other).behind_at == BEGAN + 16 * DAY


def test_the_own_plan_counts_before_everybody(milestone: Milestone) -> None:
    cohort(milestone, [float(number) for number in range(1, 22)], plan="Team")
    cohort(milestone, [2.0] * 21, plan="Solo")
    account = late(BEGAN + 40 * DAY, plan="Solo")
    services.learn(now=BEGAN + 40 * DAY)
    assert Progress.objects.get(account=account).behind_at == BEGAN + 2 * DAY
    found = {one.cohort: (one.completions, one.p50, one.p75, one.p90) for one in selectors.durations(milestone.pk, now=BEGAN + 40 * DAY)}
    assert found["Team"] == (21, 11.0, 16.0, 19.0)
    assert found["Solo"] == (21, 2.0, 2.0, 2.0)
    assert found[""][0] == 42


def test_it_falls_behind_then_stuck_and_each_is_told_once(milestone: Milestone) -> None:
    late(BEGAN + 5 * DAY)
    assert paces(BEGAN + 9 * DAY) == []
    assert paces(BEGAN + 11 * DAY) == [("on_track", "behind")]
    assert paces(BEGAN + 12 * DAY) == [("on_track", "behind")]
    assert paces(BEGAN + 21 * DAY) == [("on_track", "behind"), ("behind", "stuck")]


def test_the_clock_of_a_young_milestone_begins_when_it_goes_live(now: datetime) -> None:
    make.milestone("new", criteria={"count": "login", "at_least": 1}, live_at=BEGAN + 100 * DAY, days={"behind": 10, "stuck": 20})
    account = late(BEGAN + 101 * DAY)
    row = Progress.objects.get(account=account)
    assert (row.opened_at, row.behind_at) == (BEGAN, BEGAN + 110 * DAY)


def test_a_pause_stops_the_clock_and_nobody_is_behind_meanwhile(milestone: Milestone) -> None:
    account = late(BEGAN + 5 * DAY)
    paces(BEGAN + 11 * DAY)
    row = Progress.objects.get(account=account)
    services.pause(row, actor=make.ACTOR, now=BEGAN + 12 * DAY)
    assert paces(BEGAN + 50 * DAY) == [("on_track", "behind"), ("behind", "on_track")]
    services.resume(row, actor=make.ACTOR, now=BEGAN + 42 * DAY)
    assert (row.state, row.behind_at, row.stuck_at) == ("open", BEGAN + 40 * DAY, BEGAN + 50 * DAY)
    assert paces(BEGAN + 43 * DAY)[-1] == ("on_track", "behind")


def test_who_left_is_not_late(milestone: Milestone) -> None:
    account = late(BEGAN + 5 * DAY)
    Account.objects.filter(pk=account.pk).update(stage="churned", churned_on=date(2026, 1, 8))
    assert paces(BEGAN + 30 * DAY) == []


def deliver(kind: str) -> None:
    said = Event.objects.filter(type=kind).latest("pk")
    {"milestone.pace_changed": alerts.note_pace, "milestone.achieved": alerts.settle_milestone}[kind](revive(said), said)


def test_one_alert_per_account_and_milestone_until_it_moves_on(milestone: Milestone) -> None:
    account = late(BEGAN + 5 * DAY)
    paces(BEGAN + 11 * DAY)
    deliver("milestone.pace_changed")
    alert = Alert.objects.get()
    assert (alert.title, alert.severity, alert.account) == ("Riverside Dental takes long to reach “First-login”", "info", account)
    assert alert.why == ["Behind: three in four of its cohort were there by 11 January 2026.", "It has not begun."]
    paces(BEGAN + 21 * DAY)
    deliver("milestone.pace_changed")
    alert.refresh_from_db()
    assert (Alert.objects.count(), alert.seen, alert.why[0]) == (1, 2, "Stuck: nine in ten of its cohort were there by 21 January 2026.")
    make.activity(account, BEGAN + 22 * DAY, name="login")
    services.evaluate([account.pk], now=BEGAN + 23 * DAY, actor=make.ACTOR)
    deliver("milestone.achieved")
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_shares_count_those_under_way_and_those_who_left(milestone: Milestone) -> None:
    cohort(milestone, [10.0, 20.0])
    late(BEGAN + 5 * DAY)
    gone = late(BEGAN + 40 * DAY)
    Account.objects.filter(pk=gone.pk).update(stage="churned", churned_on=date(2026, 1, 16))
    everybody = selectors.durations(milestone.pk, now=BEGAN + 40 * DAY)[0]
    assert (everybody.completions, everybody.under_way, everybody.left, everybody.already) == (2, 1, 1, 0)
    # 1 of 4 by day 10; one left on day 15; 1 of the 2 left to see by day 20: 1 - 3/4 * 1/2.
    assert durations.reached_by({10: [1, 0], 15: [0, 1], 20: [1, 0], 40: [0, 1]}, 20) == pytest.approx(0.625)
    assert everybody.share_p75 == pytest.approx(0.25)
    assert everybody.share_p90 == pytest.approx(0.25)


def test_who_had_done_it_all_when_it_opened_took_no_time(milestone: Milestone) -> None:
    make.milestone("again", criteria={"count": "login", "at_least": 1}, needs=["first-login"])
    cohort(milestone, [3.0])
    services.evaluate_all(now=BEGAN + 9 * DAY, actor=make.ACTOR)
    found = {(one.milestone_id == milestone.pk): (one.completions, one.already) for one in selectors.durations(now=BEGAN + 9 * DAY)}
    assert found == {True: (1, 0), False: (0, 1)}
