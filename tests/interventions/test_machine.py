"""What a run does at each step, and the ways in which it ends."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from apps.core import clock
from apps.core.actor import Actor
from apps.events import switchboard
from apps.events.models import Event
from apps.interventions import auditing, definition, effects, goals, handlers, services, steps
from apps.interventions.models import Enrolment, StepRecord, Task
from apps.messaging import services as messaging
from apps.messaging.models import Message
from cs_platform.invariants import broken
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
HOUR = timedelta(hours=1)
WATCH = {"id": "watch", "kind": "watch"}
CALL = {"id": "call", "kind": "task", "title": "Call them", "reason": "call"}
FAR = {"reached": {"kind": "activity", "name": "something else"}}
LETTER = {"id": "letter", "kind": "message", "channel": "email", "template": "save-fading"}


@pytest.fixture
def customer(now):
    messaging.ensure_templates(now=now)
    account = make.account(owner=make.user())
    make.contact(account, role="champion", name="Ada Champion")
    return account


def wrong(now):
    """Nobody delivers the events of these tests."""
    return [row["name"] for row in broken(now) if row["name"] != "event_waiting"]


def started(account, now, *, steps, **says):
    play = make.play(says={"steps": steps, **says})
    return services.enrol(play, account_id=account.pk, actor=ACTOR, now=now)


def told(run):
    return list(StepRecord.objects.filter(enrolment=run).order_by("position").values_list("step", "went", "because"))


def ended(run):
    run.refresh_from_db()
    return run.exit_reason


def test_a_branch_goes_where_the_first_case_that_holds_says_and_tells_why(customer, now):
    type(customer).objects.filter(pk=customer.pk).update(plan="Team", arr=50_000)
    cases = [
        {"when": {"fact": "plan", "value": "Solo"}, "go": "watch"},
        {"when": {"all": [{"fact": "plan", "value": "Team"}, {"fact": "arr", "op": "over", "value": 10}]}, "go": "call"},
    ]
    run = started(customer, now, steps=[{"id": "which", "kind": "branch", "cases": cases}, LETTER, CALL, WATCH])
    steps.advance(now=now)
    assert told(run) == [("which", "call", "plan is Team and ARR is over 10 in its currency"), ("call", "", ""), ("watch", "", "")]


def test_a_branch_on_what_became_of_the_run_itself(customer, now):
    case = {"when": {"fact": "run.held_up", "op": "at_least", "value": 1}, "go": "call"}
    lost = {**LETTER, "id": "lost", "template": "nobody-wrote-it"}
    run = started(customer, now, steps=[lost, {"id": "which", "kind": "branch", "cases": [case]}, LETTER, CALL])
    steps.advance(now=now)
    assert [step for step, *_ in told(run)] == ["lost", "which", "call"]
    assert Message.objects.count() == 0


FOR_REPLY = {"id": "answer", "kind": "wait_for", "event": "reply", "minutes": 120, "on_event": "watch", "on_timeout": "call"}


def test_a_wait_ends_by_its_event_or_by_its_time_and_nobody_polls(customer, now):
    run = started(customer, now, steps=[LETTER, FOR_REPLY, {"kind": "end"}, CALL, WATCH])
    assert steps.advance(now=now) == 2
    assert steps.advance(now=now + HOUR) == 0
    run.refresh_from_db()
    assert (run.waits_for, run.position, run.due_at) == ("reply", 1, now + 2 * HOUR)
    services.note_reply(message_id=Message.objects.get().pk, actor=ACTOR, now=now + HOUR)
    steps.advance(now=now + HOUR)
    assert told(run)[1:] == [("answer", "watch", "they replied"), ("watch", "", "")]
    assert ended(run) == "", "the step waits for an answer, so the answer does not end the run"


def test_a_wait_whose_time_has_passed_takes_its_other_way(customer, now):
    run = started(customer, now, steps=[LETTER, FOR_REPLY, {"kind": "end"}, CALL, WATCH])
    steps.advance(now=now)
    steps.advance(now=now + 2 * HOUR)
    assert told(run)[1:3] == [("answer", "call", "2 hours passed"), ("call", "", "")]


def test_a_reply_ends_a_run_that_does_not_wait_for_one_unless_the_play_goes_on(customer, now):
    wait = {"kind": "wait", "minutes": 600}
    run = started(customer, now, steps=[LETTER, wait, CALL])
    steps.advance(now=now)
    services.note_reply(message_id=Message.objects.get().pk, actor=ACTOR, now=now)
    assert ended(run) == "replied"
    goes_on = started(customer, now, steps=[LETTER, wait, CALL], stop_on_reply=False)
    steps.advance(now=now)
    services.note_reply(message_id=Message.objects.latest("pk").pk, actor=ACTOR, now=now)
    assert (ended(goes_on), goes_on.replied_at) == ("", now)


def test_a_run_wakes_when_its_task_is_closed_and_knows_what_came_of_it(customer, now, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: now + HOUR)
    wait = {"id": "done", "kind": "wait_for", "event": "task_closed", "minutes": 600}
    case = {"when": {"fact": "run.task_outcome", "op": "has", "value": "happy"}, "go": "end"}
    run = started(customer, now, steps=[CALL, wait, {"id": "which", "kind": "branch", "cases": [case]}, LETTER, {"id": "end", "kind": "end"}])
    steps.advance(now=now)
    services.close_task(Task.objects.get(), outcome="They are happy", actor=ACTOR, now=now + HOUR)
    row = Event.objects.get(type="task.closed")
    handlers.note_task_closed(switchboard.revive(row), row)
    steps.advance(now=now + HOUR)
    assert told(run)[1:] == [
        ("done", "which", "the task was closed: They are happy"),
        ("which", "end", "outcome of this run's latest task has happy"),
        ("end", "", ""),
    ]
    assert (ended(run), Message.objects.count()) == ("finished", 0)


def test_a_run_wakes_when_the_customer_does_it(customer, now, monkeypatch):
    run = started(customer, now, steps=[{"id": "w", "kind": "wait_for", "event": "activity:export", "minutes": 600}, WATCH], goal=FAR)
    steps.advance(now=now)
    later = now + HOUR
    monkeypatch.setattr(clock, "now", lambda: later)
    for name in ("login", "export"):
        make.activity(customer, later, name=name)
    for row in Event.objects.filter(type="activity.received").order_by("pk"):
        handlers.look_again(switchboard.revive(row), row)
    steps.advance(now=later)
    assert told(run) == [("w", "watch", "they did “export”"), ("watch", "", "")]


def test_a_trait_is_set_with_the_play_as_its_source_and_a_webhook_is_told(customer, now):
    update = {"id": "mark", "kind": "update", "trait": "in_trouble", "value": True}
    run = started(customer, now, steps=[update, {"id": "tell", "kind": "webhook", "name": "crm"}])
    steps.advance(now=now)
    customer.refresh_from_db()
    assert customer.traits == {"in_trouble": True}
    called = Event.objects.get(type="play.called")
    assert (called.payload["name"], called.payload["enrolment_id"], called.cause) == ("crm", run.pk, run.cause)
    assert ended(run) == "finished"


def test_an_automatic_message_takes_the_first_channel_that_reaches_the_person_and_says_so(customer, now):
    auto = {**LETTER, "channel": "auto"}
    person = customer.contacts.get()
    messaging.record_consent(contact=person, channel="email", topic="success", allowed=False, source="test", now=now)
    run = started(customer, now, steps=[auto])
    steps.advance(now=now)
    assert (Message.objects.get().channel, told(run)[0][2]) == ("in_app", "in-app message: the first in the fixed order that is allowed")
    nowhere = started(customer, now, steps=[{**auto, "channels": ["email"]}])
    steps.advance(now=now)
    assert "no channel with words for this step reaches them" in StepRecord.objects.get(enrolment=nowhere).what


def test_a_message_to_a_role_goes_to_that_person_or_to_nobody(customer, now):
    sponsor = make.contact(customer, role="sponsor", name="Boss")
    run = started(customer, now, steps=[{**LETTER, "to": "sponsor"}, {**LETTER, "id": "more", "to": "admin"}])
    steps.advance(now=now)
    assert Message.objects.get().contact == sponsor
    assert "whom we can reach" in StepRecord.objects.get(enrolment=run, step="more").what


@pytest.mark.parametrize(
    ("mode", "left", "met"),
    [("goal", "", "goal"), ("unmatched", "unmatched", ""), ("goal_or_unmatched", "unmatched", "goal"), ("never", "", "")],
)
def test_each_exit_mode_ends_a_run_for_its_own_reasons(mode, left, met, customer, now):
    type(customer).objects.filter(pk=customer.pk).update(plan="Team")
    says = {"audience": {"fact": "plan", "value": "Team"}, "goal": {"reached": {"kind": "activity", "name": "login"}, "window_days": 5}}
    waits = [{"kind": "wait", "minutes": 60}, {"kind": "wait", "minutes": 60}]
    leaves, reaches = (started(customer, now, steps=waits, exit_mode=mode, **says) for _ in range(2))
    make.activity(customer, now + HOUR / 2)
    Enrolment.objects.filter(pk=leaves.pk).update(judged_at=now)
    services.check_goals([customer.pk], actor=ACTOR, now=now + HOUR / 2)
    assert ended(reaches) == met
    type(customer).objects.filter(pk=customer.pk).update(plan="Solo")
    steps.advance(now=now)
    steps.advance(now=now + HOUR)
    assert ended(leaves) == left


def test_a_run_that_never_ends_early_does_every_step_after_its_window(customer, now):
    says = {"exit_mode": "never", "goal": {"window_days": 1}}
    run = started(customer, now, steps=[{"kind": "wait", "minutes": 3 * 24 * 60}, CALL], **says)
    other = started(customer, now, steps=[{"kind": "wait", "minutes": 3 * 24 * 60}, CALL], goal={"window_days": 1})
    for day in (0, 1, 3):
        steps.advance(now=now + timedelta(days=day))
    assert (ended(run), [step for step, *_ in told(run)]) == ("finished", ["wait-1", "call"])
    assert (ended(other), [step for step, *_ in told(other)]) == ("timeout", ["wait-1"])


def test_the_goal_is_judged_as_things_stood_when_the_window_closed_for_both_arms(customer, now):
    goal = {"reached": {"kind": "condition", "when": {"fact": "open_tickets", "op": "at_least", "value": 1}}, "window_days": 2}
    treated = started(customer, now, steps=[{"kind": "end"}], goal=goal)
    held_out = make.enrolment(customer, now=now, of=make.play(says={"goal": goal}), arm="held_out", window_ends_at=now + timedelta(days=2))
    too_late = make.account()
    make.ticket(too_late, now + timedelta(days=2, hours=1))
    missed = started(too_late, now, steps=[{"kind": "end"}], goal=goal)
    steps.advance(now=now)
    make.ticket(customer, now + timedelta(days=1))
    later = now + timedelta(days=3)
    assert goals.judge_windows(actor=ACTOR, now=later) == 3
    for run in (treated, held_out, missed):
        run.refresh_from_db()
    closed = now + timedelta(days=2)
    assert [run.goal_met_at for run in (treated, held_out, missed)] == [closed, closed, None]
    assert [run.exit_reason for run in (treated, held_out, missed)] == ["finished", "goal", "finished"]
    assert goals.judge_windows(actor=ACTOR, now=later) == 0


def test_a_paused_play_keeps_its_runs_where_they_are_and_an_archived_one_finishes_them(customer, now):
    run = started(customer, now, steps=[{"kind": "wait", "minutes": 60}, CALL])
    steps.advance(now=now)
    services.turn(run.play, "paused", actor=ACTOR, now=now)
    assert steps.advance(now=now + timedelta(days=2)) == 0
    services.turn(run.play, "archived", actor=ACTOR, now=now + timedelta(days=2))
    steps.advance(now=now + timedelta(days=2))
    assert (ended(run), [step for step, *_ in told(run)]) == ("finished", ["wait-1", "call"])


def test_a_step_that_breaks_ends_its_own_run_and_what_it_wrote_is_taken_back(customer, now, monkeypatch):
    real = effects.tasks_for_people.open_task

    def broken_task(**given):
        made = real(**given)
        if given["account"] == customer:
            raise RuntimeError("no such thing")
        return made

    monkeypatch.setattr(effects.tasks_for_people, "open_task", broken_task)
    other = make.account()
    runs = [started(account, now, steps=[CALL, WATCH]) for account in (customer, other)]
    steps.advance(now=now)
    assert [ended(run) for run in runs] == ["error", ""]
    assert [task.account for task in Task.objects.all()] == [other]
    assert "no such thing" in StepRecord.objects.get(enrolment=runs[0]).what
    assert wrong(now) == []


def test_the_auditor_tells_once_what_does_not_move_and_that_it_is_over(customer, now):
    run = started(customer, now, steps=[CALL, WATCH])
    assert auditing.audit(actor=ACTOR, now=now + timedelta(minutes=9)) == 0
    late = now + timedelta(minutes=11)
    assert [auditing.audit(actor=ACTOR, now=late) for _ in range(2)] == [1, 1]
    told_of = Event.objects.filter(type="play.stuck").order_by("pk")
    assert [row.payload["words"] for row in told_of] == ["1 run is overdue by more than ten minutes"]
    assert wrong(late) == ["step_overdue"]
    steps.advance(now=late)
    assert auditing.audit(actor=ACTOR, now=late) == 0
    assert [row.payload["stuck"] for row in told_of.all()] == [1, 0]
    services.turn(run.play, "paused", actor=ACTOR, now=late)
    assert auditing.audit(actor=ACTOR, now=late + timedelta(days=90)) == 0, "a paused run is meant to stand"


def test_the_example_of_the_documentation_is_a_play_without_flaws():
    text = (Path(settings.BASE_DIR) / "docs" / "plays.md").read_text(encoding="utf-8")
    example = definition.read(json.loads(text.split("```json")[1].split("```")[0]))
    assert [step.id for step in example.steps] == ["letter", "answer", "which", "note", "call", "watch"]
