"""What opens, is reached and taken back, from activity in any order."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from apps.accounts.models import Account, ActivityEvent
from apps.accounts.services import rollups
from apps.events.models import Event
from apps.milestones import services
from apps.milestones.models import Milestone, Progress
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def account() -> Account:
    return make.account(name="Riverside Dental", started_on=date(2026, 1, 1))


def judged(account: Account, milestone: Milestone, now: datetime) -> Progress:
    services.evaluate([account.pk], now=now, actor=make.ACTOR)
    return Progress.objects.get(account=account, milestone=milestone)


def told(kind: str) -> list[dict[str, object]]:
    return [event.payload for event in Event.objects.filter(type=kind).order_by("pk")]


def test_the_fifth_event_reaches_it_at_its_own_moment_not_when_we_found_out(account: Account, now: datetime) -> None:
    milestone = make.milestone("shared-often")
    moments = [now - timedelta(days=9 - number, minutes=number) for number in range(6)]
    make.activity(account, *moments[:4], name="report.shared")
    row = judged(account, milestone, now - 4 * DAY)
    assert (row.state, row.have, row.target, row.achieved_at) == ("open", 4.0, 5.0, None)
    assert row.opened_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert row.started_at == moments[0]
    assert told("milestone.achieved") == []
    make.activity(account, *moments[4:], name="report.shared")
    row = judged(account, milestone, now)
    assert (row.state, row.achieved_at, row.noticed_at, row.via) == ("achieved", moments[4], now, "rule")
    assert [(said["key"], said["achieved_at"], said["via"]) for said in told("milestone.achieved")] == [
        ("shared-often", moments[4].isoformat(), "rule")
    ]


def test_judging_again_writes_nothing_and_tells_nothing(account: Account, now: datetime) -> None:
    make.milestone("shared-often")
    make.activity(account, *[now - number * DAY for number in range(1, 6)], name="report.shared")
    assert services.evaluate([account.pk], now=now, actor=make.ACTOR) == 1
    assert services.evaluate([account.pk], now=now + timedelta(hours=1), actor=make.ACTOR) == 0
    assert len(told("milestone.achieved")) == 1


def test_a_late_event_moves_the_moment_back_and_is_not_told_twice(account: Account, now: datetime) -> None:
    milestone = make.milestone("shared-often")
    make.activity(account, *[now - number * DAY for number in range(1, 6)], name="report.shared")
    assert judged(account, milestone, now).achieved_at == now - DAY
    make.activity(account, now - 20 * DAY, name="report.shared")
    assert judged(account, milestone, now).achieved_at == now - 2 * DAY
    assert len(told("milestone.achieved")) == 1


def test_within_days_counts_whole_days_that_end_with_the_day_it_is_reached(account: Account, now: datetime) -> None:
    milestone = make.milestone("three-in-a-week", criteria={"count": "login", "at_least": 3, "within_days": 7})
    make.activity(account, now - 20 * DAY, now - 14 * DAY, now - 13 * DAY, name="login")
    row = judged(account, milestone, now)
    assert (row.state, row.have) == ("open", 0.0)
    make.activity(account, now - 19 * DAY, name="login")
    assert judged(account, milestone, now).achieved_at == now - 14 * DAY


def test_a_sum_takes_the_values_of_the_events(account: Account, now: datetime) -> None:
    milestone = make.milestone("hundred", criteria={"sum": "appointment.booked", "at_least": 100})
    make.activity(account, now - 3 * DAY, now - 2 * DAY, name="appointment.booked", value=40)
    assert judged(account, milestone, now).have == 80.0
    make.activity(account, now - DAY, name="appointment.booked", value=20)
    assert judged(account, milestone, now).achieved_at == now - DAY


def test_what_needs_another_opens_when_that_is_reached_and_in_the_same_look(account: Account, now: datetime) -> None:
    first = make.milestone("first-report", criteria={"count": "report.viewed", "at_least": 1})
    second = make.milestone("shared", criteria={"count": "report.shared", "at_least": 1}, needs=["first-report"])
    make.activity(account, now - 5 * DAY, name="report.shared")
    services.evaluate([account.pk], now=now, actor=make.ACTOR)
    assert not Progress.objects.filter(milestone=second).exists()
    make.activity(account, now - 2 * DAY, name="report.viewed")
    row = judged(account, second, now)
    assert Progress.objects.get(milestone=first).achieved_at == now - 2 * DAY
    assert (row.opened_at, row.achieved_at, row.started_at) == (now - 2 * DAY, now - 2 * DAY, None)


def test_a_trait_counts_since_it_was_as_asked(account: Account, now: datetime) -> None:
    milestone = make.milestone("single-sign-on", criteria={"all": [{"trait": "sso", "is": True}, {"metric": "seats_used_percent", "at_least": 50}]})
    Account.objects.filter(pk=account.pk).update(traits={"sso": True}, seats=10, seats_used=4)
    row = judged(account, milestone, now)
    assert (row.state, row.have, row.target) == ("open", 50.0, 100.0)
    account.refresh_from_db()
    from apps.accounts.services import edit

    edit(account, changes={"seats_used": 6}, actor=make.ACTOR, now=now - DAY)
    row = judged(account, milestone, now)
    assert (row.state, row.achieved_at) == ("achieved", now - DAY)


def test_an_audience_decides_whose_path_it_is_on(account: Account, now: datetime) -> None:
    make.milestone("for-pro", criteria={"count": "login", "at_least": 1}, audience={"tier": ["Pro"]})
    make.activity(account, now - DAY, name="login")
    assert services.evaluate([account.pk], now=now, actor=make.ACTOR) == 0
    assert not Progress.objects.exists()


def test_what_was_reached_before_it_went_live_is_taken_in_silently(account: Account, now: datetime) -> None:
    make.activity(account, *[now - number * DAY for number in range(1, 6)], name="report.shared")
    milestone = make.milestone("shared-often", live_at=now)
    assert judged(account, milestone, now).achieved_at == now - DAY
    assert told("milestone.achieved") == []


def test_corrected_facts_take_it_back_with_a_reason_and_what_builds_on_it_too(account: Account, now: datetime) -> None:
    first = make.milestone("first-report", criteria={"count": "report.viewed", "at_least": 1})
    second = make.milestone("shared", criteria={"count": "report.shared", "at_least": 1}, needs=["first-report"])
    make.activity(account, now - 3 * DAY, name="report.viewed")
    make.activity(account, now - 2 * DAY, name="report.shared")
    assert judged(account, second, now).state == "achieved"
    ActivityEvent.objects.filter(name="report.viewed").delete()
    rollups.rebuild()
    row = judged(account, second, now)
    assert (row.state, row.opened_at, row.achieved_at, row.via) == ("locked", None, None, "")
    assert Progress.objects.get(milestone=first).state == "open"
    assert [(said["key"], said["reason"]) for said in told("milestone.taken_back")] == [
        ("first-report", "The facts it was judged by were corrected"),
        ("shared", "“First-report”, which it needs, no longer counts"),
    ]


def test_marks_are_settled_once_and_a_leaver_is_judged_too(account: Account, now: datetime) -> None:
    milestone = make.milestone("shared-often")
    make.activity(account, *[now - number * DAY for number in range(1, 6)], name="report.shared")
    services.mark_stale([account.pk], now=now)
    assert services.evaluate_stale(now=now, actor=make.ACTOR) >= 1
    assert services.evaluate_stale(now=now, actor=make.ACTOR) == 0
    assert Progress.objects.get(milestone=milestone, account=account).state == "achieved"


def test_a_judgement_takes_a_fixed_number_of_statements(account: Account, now: datetime, django_assert_max_num_queries: object) -> None:
    for number in range(12):
        make.milestone(f"m{number}", criteria={"count": "login", "at_least": number + 1})
    make.activity(account, *[now - number * DAY for number in range(1, 9)], name="login")
    services.evaluate([account.pk], now=now, actor=make.ACTOR)
    with connection.execute_wrapper(lambda execute, *rest: execute(*rest)), django_assert_max_num_queries(16):  # type: ignore[operator]
        services.evaluate([account.pk], now=now, actor=make.ACTOR)
