"""One matter is one open task, whoever asks; it is put off with a reason, taken on, closed with a result, and given to whose turn it is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts import services as accounts
from apps.accounts.models import AccountRole
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.interventions import services, tasks_for_people
from apps.interventions.models import Escalation, Task, TaskAssignee, TaskSource
from apps.interventions.types import Priority, SourceKind, TaskResult, TaskType
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def account(now):
    return make.account(name="Riverside Dental", owner=make.user())


def ask(account, now, **fields):
    values = {"title": "Call them", "why": "Logins fell.", "minutes": 15, "reason": "call", "due_at": now + timedelta(days=1), "actor": ACTOR}
    return services.open_task(account=account, now=now, **{**values, **fields})


def test_a_task_knows_its_type_reason_priority_and_the_chance_that_they_leave(account, now):
    make.risk(account, now=now, probability=0.62, source="logistic v3")
    task = ask(account, now, reason="reply")
    assert (task.type, task.reason_words, task.priority, task.chance) == ("activity", "the customer answered and waits", "high", 0.62)
    assert (task.owner, task.dedup_key) == (account.owner, f"{account.pk}:activity:reply")


def test_a_rules_score_is_no_chance(account, now):
    make.risk(account, now=now, probability=0.62, source="rule v1")
    assert ask(account, now).chance is None


def test_plays_alerts_and_people_that_ask_for_one_matter_share_one_task_and_each_stays_known(account, now):
    run, other = make.enrolment(account, now=now), make.enrolment(account, now=now)
    first = ask(account, now, enrolment=run, evidence=[{"words": "Logins -54 %"}])
    for source in ({"enrolment": other}, {"source": (SourceKind.ALERT, "alert:7")}, {"source": (SourceKind.CAMPAIGN, "campaign:3")}):
        assert ask(account, now, title="Another title", evidence=[{"words": "Logins -54 %"}, {"words": "Sponsor left"}], **source) == first
    ask(account, now, actor=Actor.user(account.owner))
    task = Task.objects.get()
    assert (task.title, [fact["words"] for fact in task.evidence]) == ("Call them", ["Logins -54 %", "Sponsor left"])
    assert sorted(TaskSource.objects.values_list("kind", "key")) == sorted(
        [
            ("play", f"enrolment:{run.pk}"),
            ("play", f"enrolment:{other.pk}"),
            ("alert", "alert:7"),
            ("campaign", "campaign:3"),
            ("person", f"user:{account.owner_id}"),
        ]
    )
    assert Event.objects.filter(type="task.opened").count() == 1


def test_type_reason_and_name_tell_matters_apart(account, now):
    ask(account, now)
    ask(account, now, task_type=TaskType.EXPANSION)
    ask(account, now, reason="renewal", name="2026")
    ask(account, now, reason="renewal", name="2027")
    assert Task.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_replay_storm_leaves_one_task_that_counts_who_asked(account, now):
    runs = [make.enrolment(account, now=now) for _ in range(4)]

    def storm(number):
        for _ in range(25):
            ask(account, now, enrolment=runs[number % 4])
        connection.close()

    make.at_once(storm, 8)
    assert Task.objects.count() == 1
    assert sorted(TaskSource.objects.values_list("times", flat=True)) == [50, 50, 50, 50]
    assert Event.objects.filter(type="task.opened").count() == 1


def test_whoever_joins_may_raise_the_priority_and_bring_the_day_forward_but_never_the_reverse(account, now):
    ask(account, now, due_at=now + timedelta(days=3))
    ask(account, now, priority=Priority.URGENT, due_at=now + timedelta(days=1))
    ask(account, now, priority=Priority.LOW, due_at=now + timedelta(days=9))
    task = Task.objects.get()
    assert (task.priority, task.due_at) == ("urgent", now + timedelta(days=1))


def test_a_snoozed_task_is_joined_and_sleeps_on(account, now):
    task = ask(account, now)
    services.snooze_task(task, days=3, reason="They are away", actor=ACTOR, now=now)
    assert ask(account, now + timedelta(hours=1), due_at=now + timedelta(hours=2)) == task
    task.refresh_from_db()
    assert (task.status(now), task.due_at, task.status(now + timedelta(days=3))) == ("snoozed", now + timedelta(days=3), "open")
    assert list(Task.objects.awake(now)) == []
    assert list(Task.objects.awake(now + timedelta(days=3))) == [task]


def test_a_snooze_without_a_reason_is_refused_and_changes_nothing(account, now):
    task = ask(account, now)
    with pytest.raises(Refused, match="Say why it can wait"):
        services.snooze_task(task, days=3, reason="  ", actor=ACTOR, now=now)
    before = task.due_at
    task.refresh_from_db()
    assert (task.due_at, task.snoozed_until) == (before, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.update(snoozed_until=now)


def test_closing_keeps_a_result_that_is_counted_and_words(account, now):
    task = ask(account, now)
    services.close_task(task, outcome="They stay until June", result=TaskResult.SAVED, actor=ACTOR, now=now)
    task.refresh_from_db()
    assert (task.state, task.result, task.outcome, task.closed_by) == ("done", "saved", "They stay until June", "job:test")
    assert Event.objects.get(type="task.closed").payload["result"] == "saved"
    assert ask(account, now) != task, "after closing the matter may come up again"


def test_what_a_play_asked_for_is_dropped_only_when_nobody_else_asked(account, now):
    run, other = make.enrolment(account, now=now), make.enrolment(account, now=now)
    shared = ask(account, now, enrolment=run)
    ask(account, now, enrolment=other)
    own = ask(account, now, enrolment=run, reason="reply")
    tasks_for_people.drop_for([run.pk], because="goal met", actor=ACTOR, now=now, cause=None)
    shared.refresh_from_db()
    own.refresh_from_db()
    assert (shared.state, own.state) == ("open", "dropped")
    tasks_for_people.drop_for([other.pk], because="goal met", actor=ACTOR, now=now, cause=None)
    shared.refresh_from_db()
    assert shared.state == "dropped"


def test_a_task_is_taken_on_once(account, now):
    task = ask(account, now)
    services.acknowledge_task(task, actor=ACTOR, now=now)
    with pytest.raises(Refused, match="somebody has it already"):
        services.acknowledge_task(task, actor=Actor.job("other"), now=now)
    task.refresh_from_db()
    assert (task.acknowledged_at, task.acknowledged_by) == (now, "job:test")
    assert Event.objects.filter(type="task.acknowledged").count() == 1


def test_a_task_is_given_only_to_somebody_who_sees_the_account(account, now):
    task, colleague = ask(account, now), make.user()
    with pytest.raises(Refused, match="does not look after this account"):
        services.assign_task(task, to=colleague, actor=ACTOR, now=now)
    accounts.stand_in(account, user=colleague, actor=ACTOR, now=now)
    services.assign_task(task, to=colleague, actor=ACTOR, now=now)
    task.refresh_from_db()
    assert task.owner == colleague


def test_what_nobody_owns_goes_round_the_team_and_who_gets_it_sees_the_account(now):
    team = make.team()
    one, two, _elsewhere = make.user(team=team), make.user(team=team), make.user(Role.VIEWER, team=team)
    owners = []
    for hour in range(4):
        account = make.account(owner=None)
        AccountRole.objects.create(account=account, user=_elsewhere, role="sales")
        owners.append(ask(account, now + timedelta(hours=hour)).owner)
    assert owners == [one, two, one, two]
    assert TaskAssignee.objects.filter(level="owner").count() == 4
    assert AccountRole.objects.filter(role="backup").count() == 4


def test_high_and_urgent_tasks_stand_on_the_ladder_from_the_start_and_others_when_asked(account, now):
    ask(account, now, reason="a", priority=Priority.URGENT)
    ask(account, now, reason="b", priority=Priority.NORMAL)
    ask(account, now, reason="c", priority=Priority.HIGH, escalate=False)
    ask(account, now, reason="d", priority=Priority.NORMAL, escalate=True)
    assert sorted(Escalation.objects.values_list("task__reason", flat=True)) == ["a", "d"]
