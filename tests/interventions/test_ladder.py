"""The ladder with a frozen clock: `now` is Wednesday, 11 March 2026, 12:00 UTC, and everybody works 9 to 17 UTC unless a test says otherwise."""

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from apps.accounts.models import AccountRole
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.interventions import escalation, services
from apps.interventions.models import Escalation, EscalationStep, Holiday, Ladder, Task, TaskAssignee, WorkingTime
from apps.interventions.models.ladders import usual_levels
from apps.interventions.types import Priority
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def team():
    return make.team()


@pytest.fixture
def people(team):
    """Owner, backup, lead, head."""
    return make.user(team=team), make.user(team=team), make.user(Role.TEAM_LEAD, team=team), make.user(Role.ADMINISTRATOR)


@pytest.fixture
def account(people):
    owner, backup, *_ = people
    account = make.account(name="Riverside Dental", owner=owner, arr=24_000)
    AccountRole.objects.create(account=account, user=backup, role="backup")
    return account


def ask(account, now, **fields):
    values = {"title": "Call them", "why": "", "minutes": 15, "reason": "call", "due_at": now + timedelta(days=1), "priority": Priority.URGENT}
    return services.open_task(account=account, actor=ACTOR, now=now, **{**values, **fields})


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def rungs():
    return [(step.level, step.done_at, step.person) for step in EscalationStep.objects.order_by("position")]


def test_the_whole_ladder_in_working_time(account, people, now):
    """4 h to the backup (Wed 16:00), 8 h to the lead (Thu 16:00), 24 h to the head (Tue 16:00), then everything once again."""
    _, backup, lead, head = people
    task = ask(account, now)
    seen = []
    moment = now
    while moment < at(31, 0):
        escalation.advance(now=moment)
        seen += [(moment, step.level, step.person) for step in EscalationStep.objects.filter(done_at=moment)]
        moment += timedelta(hours=1)
    assert seen == [
        (at(11, 16), "backup", backup),
        (at(12, 16), "lead", lead),
        (at(17, 16), "head", head),
        (at(18, 12), "backup", backup),
        (at(19, 12), "lead", lead),
        (at(24, 12), "head", head),
    ]
    climb = Escalation.objects.get()
    assert (climb.state, climb.ended_at, climb.ended_by) == ("exhausted", at(24, 12), "job:interventions.escalate")
    task.refresh_from_db()
    assert (task.level, task.state, task.owner) == ("head", "open", account.owner)
    assert [event.payload["user_id"] for event in Event.objects.filter(type="task.escalated").order_by("id")] == [
        person.pk for person in (backup, lead, head) * 2
    ]


def test_a_rung_says_whom_it_reached_and_why(account, people, now):
    owner, backup, *_ = people
    ask(account, now)
    escalation.advance(now=at(11, 16))
    said = f"To {backup} as backup: {owner} did not take it on within 4 h of working time."
    assert EscalationStep.objects.get(position=0).what == said
    assert TaskAssignee.objects.get().why == said
    assert Event.objects.get(type="task.escalated").payload["why"] == said


def test_a_large_account_waits_one_hour(account, people, now):
    type(account).objects.update(arr=Decimal(50_000))
    account.refresh_from_db()
    ask(account, now)
    assert (escalation.advance(now=now + timedelta(minutes=59)), escalation.advance(now=now + timedelta(minutes=60))) == (0, 1)
    assert "within 1 h of working time (large account, ARR 50,000 USD)" in EscalationStep.objects.get(position=0).what


def test_nights_weekends_and_holidays_of_the_one_who_has_it_take_no_time(account, people, team, now):
    """Asked on Friday 15:00; Monday is a holiday of the team, Tuesday one of everybody: 2 h on Friday, 2 h on Wednesday."""
    Holiday.objects.create(team=team, day=date(2026, 3, 16), name="Team day")
    Holiday.objects.create(team=None, day=date(2026, 3, 17), name="Founding day")
    Holiday.objects.create(team=make.team(), day=date(2026, 3, 18), name="Somebody else's")
    ask(account, at(13, 15))
    assert EscalationStep.objects.get().due_at == at(18, 11)


def test_each_has_their_time_by_their_own_hours_and_zone(account, people, now):
    """The owner works in New York from 8 to 12 (12 to 16 UTC, after the change of 8 March); the backup in Tokyo, 9 to 17 there (0 to 8 UTC)."""
    owner, backup, *_ = people
    type(owner).objects.filter(pk=owner.pk).update(time_zone="America/New_York")
    type(owner).objects.filter(pk=backup.pk).update(time_zone="Asia/Tokyo")
    WorkingTime.objects.create(user=owner, begins="08:00", ends="12:00")
    account.refresh_from_db()
    ask(account, at(11, 13))
    assert EscalationStep.objects.get().due_at == at(12, 13)
    escalation.advance(now=at(12, 13))
    assert EscalationStep.objects.get(position=1).due_at == at(13, 8)


def test_the_next_has_the_task_in_their_book_and_list(account, people, now):
    _, backup, *_ = people
    task = ask(account, now)
    assert list(Task.objects.of(backup)) == []
    escalation.advance(now=at(11, 16))
    assert list(Task.objects.of(backup).for_user(backup)) == [task]


def test_without_a_named_backup_a_colleague_stands_in_by_turn_and_sees_the_account(account, people, now):
    _, backup, *_ = people
    AccountRole.objects.all().delete()
    ask(account, now)
    escalation.advance(now=at(11, 16))
    assert EscalationStep.objects.get(position=0).person == backup
    assert list(type(account).objects.for_user(backup)) == [account]


def test_a_level_on_which_nobody_stands_takes_no_time(account, people, now):
    _, backup, lead, head = people
    backup.is_active = lead.is_active = False
    backup.save()
    lead.save()
    ask(account, now)
    assert escalation.advance(now=at(11, 16)) == 3
    assert [(level, person) for level, done, person in rungs() if done] == [("backup", None), ("lead", None), ("head", head)]
    assert EscalationStep.objects.get(position=0).what == "Nobody else is there as backup; it goes on."


@pytest.mark.parametrize("how", ["acknowledge", "close"])
def test_taking_on_or_closing_stops_the_ladder(account, people, now, how):
    task = ask(account, now)
    if how == "acknowledge":
        services.acknowledge_task(task, actor=Actor.user(account.owner), now=now)
    else:
        services.close_task(task, outcome="called", actor=Actor.user(account.owner), now=now)
    assert escalation.advance(now=at(31, 12)) == 0
    climb = Escalation.objects.get()
    assert (climb.state, climb.ended_at) == ({"acknowledge": "acknowledged", "close": "closed"}[how], now)
    assert TaskAssignee.objects.count() == 0


def test_a_closing_that_is_taken_back_lets_the_ladder_go_on(account, people, now):
    task = ask(account, now)
    services.close_task(task, outcome="called", actor=ACTOR, now=now)
    services.reopen_task(task, due_at=now, actor=ACTOR, now=now)
    assert escalation.advance(now=at(11, 16)) == 1


def test_a_snoozed_task_waits_on_the_ladder_too(account, people, now):
    task = ask(account, now)
    services.snooze_task(task, days=5, reason="They are away", actor=ACTOR, now=now)
    assert EscalationStep.objects.get().due_at == at(16, 16)


def test_a_silent_customer_brings_the_next_level_at_once_and_the_same_matter_climbs_once(account, people, now):
    _, backup, *_ = people
    first = services.ask_the_next(account=account, why="Three messages, no answer.", actor=ACTOR, now=now)
    assert services.ask_the_next(account=account, why="Again.", actor=ACTOR, now=now) == first
    assert escalation.advance(now=now) == 1
    step = EscalationStep.objects.get(position=0)
    assert (step.person, step.what) == (backup, f"To {backup} as backup: the customer did not answer in time.")
    assert (Escalation.objects.count(), Escalation.objects.get().silence) == (1, "customer")


def test_a_normal_task_that_was_asked_to_climbs_from_its_due_time_on(account, people, now):
    ask(account, now, priority=Priority.NORMAL, escalate=True, due_at=at(12, 9))
    assert EscalationStep.objects.get().due_at == at(12, 13)


def test_a_climb_keeps_the_ladder_as_it_was(account, people, now):
    ask(account, now, reason="before")
    short = [{**level, "minutes": 60, "minutes_large": 60} for level in usual_levels()[:1]]
    made = services.write_ladder(levels=short, large_arr=Decimal(1), repeat=0, head=None, actor=ACTOR, now=now)
    ask(account, now, reason="after")
    due = dict(EscalationStep.objects.values_list("escalation__task__reason", "due_at"))
    assert (made.number, due) == (2, {"before": at(11, 16), "after": at(11, 13)})
    assert Ladder.objects.count() == 2
    escalation.advance(now=at(11, 13))
    assert Escalation.objects.get(task__reason="after").state == "exhausted"


@pytest.mark.parametrize(
    "levels", [[], "x", [{"level": "owner", "minutes": 1, "minutes_large": 1}], [{"level": "lead", "minutes": 0, "minutes_large": 1}]]
)
def test_what_makes_no_ladder_is_refused(now, levels):
    with pytest.raises(Refused):
        services.write_ladder(levels=levels, large_arr=Decimal(1), repeat=0, head=None, actor=ACTOR, now=now)
    assert Ladder.objects.filter(number=2).count() == 0


def test_a_worker_that_dies_before_the_commit_leaves_the_rung_to_the_next(account, people, now):
    """The rung, the hand-over and the rung after it commit together: dying before the end leaves nothing of it."""
    ask(account, now)

    with transaction.atomic():
        assert escalation.advance(now=at(11, 16)) == 1
        transaction.set_rollback(True)
    assert (TaskAssignee.objects.count(), Event.objects.filter(type="task.escalated").count()) == (0, 0)
    assert [done for _, done, _ in rungs()] == [None]
    assert escalation.advance(now=at(11, 16)) == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_take_each_rung_once(account, people, now):
    for number in range(12):
        ask(account, now, reason=f"r{number}")

    def work(_):
        escalation.advance(now=at(11, 16))
        connection.close()

    make.at_once(work, 4)
    assert EscalationStep.objects.filter(done_at__isnull=False).count() == 12
    assert Event.objects.filter(type="task.escalated").count() == 12


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_among_the_rungs_has_done_each_wholly_or_not_at_all(account, people, now):
    """`kill -9` on a process of its own; what it left is taken by the next, each rung once."""
    asked = 120
    for number in range(asked):
        ask(account, now, reason=f"r{number}")
    words = (
        "from datetime import datetime, UTC; from apps.interventions import escalation; escalation.advance(now=datetime(2026, 3, 11, 16, tzinfo=UTC))"
    )
    database = os.environ["DATABASE_URL"].replace("/cs?", f"/{connection.settings_dict['NAME']}?")
    worker = subprocess.Popen([sys.executable, "manage.py", "shell", "-v", "0", "-c", words], env={**os.environ, "DATABASE_URL": database})
    deadline = time.monotonic() + 60
    while not TaskAssignee.objects.exists():
        assert time.monotonic() < deadline
        assert worker.poll() is None, "it ended before it had begun"
        time.sleep(0.002)
    worker.kill()
    worker.wait()
    done = EscalationStep.objects.filter(done_at__isnull=False).count()
    assert 0 < done < asked, "killed in the middle"
    escalated = Event.objects.filter(type="task.escalated")
    assert (TaskAssignee.objects.count(), escalated.count(), EscalationStep.objects.count()) == (done, done, asked + done)
    assert escalation.advance(now=at(11, 16)) == asked - done
    assert (TaskAssignee.objects.count(), escalated.count(), escalated.values("payload__task_id").distinct().count()) == (asked,) * 3


@pytest.mark.django_db(transaction=True)
def test_taking_on_in_the_moment_of_the_rung_ends_one_way_or_the_other(account, people, now):
    """Either it was taken on first, or the rung came first and the climb stops after it. Nobody waits for the other for ever."""
    tasks = [ask(account, now, reason=f"r{number}") for number in range(8)]

    def work(number):
        if number:
            for task in tasks:
                services.acknowledge_task(task, actor=ACTOR, now=at(11, 16))
        else:
            escalation.advance(now=at(11, 16))
        connection.close()

    make.at_once(work, 2)
    assert set(Escalation.objects.values_list("state", flat=True)) == {"acknowledged"}
    assert escalation.advance(now=at(30, 16)) == 0
