"""Today as a plan: what fits into the day's free minutes, what does not and why. The clock stands: Wednesday, 11 March 2026, 12:00 UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.accounts import services as accounts
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.reading import read
from apps.dashboards.selectors import day, today
from apps.events import services as events
from apps.events.vocabulary import HealthBandChanged, RiskLowered, RiskRaised
from apps.interventions import escalation
from apps.interventions import services as interventions
from apps.interventions.models import Holiday, Task, WorkingTime
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return datetime(2026, 3, 11, 12, tzinfo=UTC)


def due(csm, now, *, minutes, arr, probability=0.5, source="logistic v3", **fields):
    account = make.account(owner=csm, arr=arr, name=fields.pop("name", f"{minutes} min for {arr}"))
    make.risk(account, now=now, probability=probability, source=source)
    return make.task(account, now=now, minutes=minutes, **fields)


def plan(csm, now):
    work = today.worklist(csm, now=now)
    return [row.account.name for row in work.fitting], [(row.account.name, row.left_out) for row in work.left_out]


def test_a_minute_is_spent_where_it_saves_most(csm, now):
    due(csm, now, minutes=60, arr=60_000, name="large and slow")
    due(csm, now, minutes=10, arr=30_000, name="quick")
    rows = today.worklist(csm, now=now).rows
    assert [(row.rank, row.account.name, row.minutes) for row in rows] == [(1, "quick", 10), (2, "large and slow", 60)]
    # 0.5 x 30,000 x 15 %, the stated belief for work on a risk.
    assert rows[0].saved.value == pytest.approx(2_250)
    assert rows[0].saved.low < 2_250 < rows[0].saved.high


def test_what_fits_is_worth_most_and_the_rest_says_why_it_does_not(csm, now):
    WorkingTime.objects.create(user=csm, capacity_minutes=60)
    due(csm, now, minutes=35, arr=36_000, name="best per minute")
    due(csm, now, minutes=30, arr=30_000, name="one of a pair")
    due(csm, now, minutes=30, arr=29_000, name="the other")
    fits, left_out = plan(csm, now)
    assert fits == ["one of a pair", "the other"]
    assert left_out == [("best per minute", "needs 35 min; 0 min are left after what is worth more")]


def test_the_same_book_gives_the_same_list(csm, now):
    for minutes in (5, 10, 15, 20, 25, 30):
        due(csm, now, minutes=minutes, arr=10_000 + minutes % 10)
    first = plan(csm, now)
    assert plan(csm, now) == first


def test_a_day_is_what_the_person_keeps_free_less_what_is_done_and_what_is_left_of_work(csm, now):
    task = due(csm, now, minutes=40, arr=1)
    interventions.close_task(task, outcome="called", actor=Actor.user(csm), now=now)
    found = read(day.day(csm, now=now))
    assert (found.on, found.today, found.capacity, found.done, found.at_work, found.free) == (date(2026, 3, 11), True, 300, 40, 300, 260)
    late = read(day.day(csm, now=now.replace(hour=15)))
    assert (late.at_work, late.free) == (120, 120)


def test_after_work_the_next_working_day_is_planned(csm, now):
    Holiday.objects.create(day=date(2026, 3, 12), name="Founding day")
    due(csm, now, minutes=15, arr=1_000, name="a task")
    found = read(day.day(csm, now=now.replace(hour=18)))
    assert (found.on, found.today, found.free, found.words) == (date(2026, 3, 13), False, 300, "on Friday, 13 March")
    assert plan(csm, now.replace(hour=18)) == (["a task"], [])


def test_a_rules_score_ranks_but_promises_no_money(csm, now):
    due(csm, now, minutes=15, arr=10_000, source="rule v1")
    (row,) = today.worklist(csm, now=now).rows
    assert (row.can_tell, row.saved.value > 0) == (False, True)


def test_what_the_ladder_brought_comes_first_and_says_why(csm, now):
    owner = make.user(team=make.team())
    task = due(owner, now, minutes=20, arr=10, name="somebody else's", due_at=now + timedelta(days=2))
    accounts.stand_in(task.account, user=csm, actor=make.ACTOR, now=now)
    due(csm, now, minutes=20, arr=90_000, name="mine")
    assert plan(csm, now)[0] == ["mine"], "standing in for somebody is not yet their work"
    make.climb(task, now=now - timedelta(hours=24))
    escalation.advance(now=now)
    rows = today.worklist(csm, now=now).rows
    assert [row.account.name for row in rows] == ["somebody else's", "mine"]
    assert rows[0].handed == f"To {csm} as backup: {owner} did not take it on within 4 h of working time."


def test_a_snoozed_task_is_not_on_today(csm, now):
    task = due(csm, now, minutes=15, arr=1_000)
    interventions.snooze_task(task, days=1, reason="They are away", actor=make.ACTOR, now=now)
    assert plan(csm, now) == ([], [])
    assert plan(csm, now + timedelta(days=1))[0] == [task.account.name]


def test_since_yesterday_tells_the_newest_of_each_account_and_kind_loudest_first(csm, now):
    account, other = make.account(owner=csm, name="Riverside"), make.account(owner=csm, name="Lakeside")
    foreign = make.account(owner=make.user())

    def say(event, at):
        events.publish(event, actor=make.ACTOR, now=at)

    risk = {"prediction_id": 1, "from_band": "low", "to_band": "high", "probability": 0.7}
    say(HealthBandChanged(other.pk, 1, "good", "poor", "40.00"), now - timedelta(hours=1))
    say(RiskRaised(account.pk, **{**risk, "to_band": "medium"}), now - timedelta(hours=20))
    say(RiskRaised(account.pk, **risk), now - timedelta(hours=2))
    say(RiskLowered(other.pk, **risk), now - timedelta(days=3))
    say(RiskRaised(foreign.pk, **risk), now)
    changes = read(day.since_yesterday(csm, now=now))
    assert [(change.account, change.words, change.more) for change in changes] == [
        ("Riverside", "risk rose to high", 1),
        ("Lakeside", "health is poor now, was good", 0),
    ]


def test_the_days_ahead_count_minutes_promises_and_renewals(csm, now):
    account = make.account(owner=csm, renews_on=date(2026, 3, 16))
    make.task(account, now=now, due_at=datetime(2026, 3, 12, 9, tzinfo=UTC), minutes=200)
    make.task(account, now=now, due_at=datetime(2026, 3, 12, 15, tzinfo=UTC), minutes=110)
    accounts.promise(account=account, text="Send it", due_on=date(2026, 3, 13), owner=csm, actor=make.ACTOR, now=now)
    Holiday.objects.create(day=date(2026, 3, 17), name="Founding day")
    found = [
        (ahead.on.day, ahead.minutes, ahead.tasks, ahead.promises, ahead.renewals, ahead.free_day, ahead.full)
        for ahead in read(day.strip(csm, now=now))
    ]
    assert found == [
        (11, 0, 0, 0, 0, "", False),
        (12, 310, 2, 0, 0, "", True),
        (13, 0, 0, 1, 0, "", False),
        (16, 0, 0, 0, 1, "", False),
        (17, 0, 0, 0, 0, "Founding day", False),
    ]


def test_capacity_is_kept_per_person_and_refused_off_its_scale(csm, staff):
    assert staff.post("/do/capacity/", {"minutes": "200"}, HTTP_HX_REQUEST="true").status_code == 204
    assert WorkingTime.objects.get(user=csm).capacity_minutes == 200
    assert staff.post("/do/capacity/", {"minutes": "many"}, HTTP_HX_REQUEST="true").status_code == 409
    with pytest.raises(Refused):
        interventions.set_capacity(csm, minutes=961)
    assert WorkingTime.objects.get(user=csm).capacity_minutes == 200


def test_own_outcomes_draw_the_save_rate(csm, now):
    """Forty accounts with a chance of a half were worked on a hundred days ago; five left: of twenty would-be leavers fifteen were kept."""
    then = now - timedelta(days=100)
    for number in range(40):
        account = make.account(owner=csm, **({"stage": "churned", "churned_on": (then + timedelta(days=9)).date()} if number < 5 else {}))
        make.task(account, now=then, state="done", closed_at=then, chance=0.5, result="no_answer")
    make.task(make.account(), now=then, state="done", closed_at=then, chance=0.5, result="not_needed")
    make.task(make.account(), now=now, state="done", closed_at=now - timedelta(days=89), chance=0.5, result="saved")
    due(csm, now, minutes=15, arr=1_000)
    (row,) = today.worklist(csm, now=now).rows
    by_type = (0.15 * 20 + 15) / 40
    assert row.rate.mean == pytest.approx((by_type * 20 + 15) / 40)
    assert "40 accounts, 20.0 expected to leave if nothing was done, 5 left" in row.rate.words
    assert Task.objects.filter(state="done").count() == 42


def test_the_page_shows_the_day_the_plan_and_the_ways_to_close_and_put_off(staff, csm):
    now = datetime.now(UTC)
    due(csm, now, minutes=15, arr=80_000, evidence=[{"words": "Logins fell by 54 %", "about": "prediction:7"}])
    text = staff.get("/").content.decode()
    for words in (
        "free for tasks",
        "15 min planned in 1 account",
        "saved (",
        "Logins fell by 54 %",
        "What came of it?",
        "Why can it wait?",
        "Days ahead",
    ):
        assert words in text, words
