from datetime import timedelta

import pytest
from django.db import connection

from apps.accounts import services as accounts
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.shares import position
from apps.events.models import Event
from apps.interventions import library, services, steps
from apps.interventions.models import Enrolment, Play, PlayVersion, StepRecord, Task
from apps.messaging import services as messaging
from apps.messaging.models import Message
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def play(now):
    library.ensure(now=now)
    messaging.ensure_templates(now=now)
    return make.rewrite(Play.objects.get(key=library.SAVE_FADING), now=now, holdout_percent=0)


@pytest.fixture
def customer(now):
    account = make.account(name="Riverside Dental", owner=make.user())
    make.contact(account, role="user")
    make.contact(account, role="champion", name="Ada Champion")
    make.weeks_of_use(account, until=now.replace(hour=0), weeks=8, per_week=10)
    return account


def enrol(play, account, now):
    return services.enrol(play, account_id=account.pk, actor=ACTOR, now=now)


def reach_first_message(now):
    """Through the first wait of five minutes."""
    steps.advance(now=now)
    steps.advance(now=now + timedelta(minutes=5))


def ran(enrolment):
    return list(StepRecord.objects.filter(enrolment=enrolment).order_by("position").values_list("kind", flat=True))


def test_a_play_walks_through_its_steps_as_their_time_comes(play, customer, now):
    enrolment = enrol(play, customer, now)
    assert (enrolment.arm, str(enrolment.contact), enrolment.baseline) == ("treated", "Ada Champion", 10.0)
    steps.advance(now=now)
    assert ran(enrolment) == ["wait"]
    steps.advance(now=now + timedelta(minutes=5))
    assert ran(enrolment) == ["wait", "message", "wait"]
    assert Message.objects.get().channel == "email"
    steps.advance(now=now + timedelta(days=2, minutes=5))
    assert ran(enrolment) == ["wait", "message", "wait", "message", "wait"]
    steps.advance(now=now + timedelta(days=4, minutes=5))
    assert ran(enrolment) == ["wait", "message", "wait", "message", "wait", "task", "watch"]
    task = Task.objects.get()
    assert (task.owner, task.state) == (customer.owner, "open")
    steps.advance(now=now + timedelta(days=30))
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.exit_reason) == ("ended", "timeout")


def test_messages_name_their_cause_so_that_a_repeated_step_makes_no_second_one(play, customer, now):
    enrolment = enrol(play, customer, now)
    reach_first_message(now)
    steps.advance(now=now + timedelta(minutes=10))
    message = Message.objects.get()
    assert message.idem_key == f"enrolment:{enrolment.pk}:step:1"
    assert message.cause == enrolment.cause
    assert message.cause.type == "play.entered"


def test_a_second_trigger_starts_no_second_run(play, customer, now):
    assert enrol(play, customer, now) is not None
    assert enrol(play, customer, now) is None
    with pytest.raises(Refused, match="runs already"):
        services.start_by_hand(play, account_id=customer.pk, actor=ACTOR, now=now)
    assert Enrolment.objects.count() == 1


def test_an_account_enters_again_only_after_the_cooldown(play, customer, now):
    services.stop(enrol(play, customer, now), actor=ACTOR, now=now)
    assert enrol(play, customer, now + timedelta(days=59)) is None
    assert enrol(play, customer, now + timedelta(days=61)) is not None


def test_the_held_out_are_watched_and_left_alone(play, customer, now):
    make.rewrite(play, now=now, holdout_percent=50)
    accounts_made = [make.account() for _ in range(40)]
    arms = {enrol(play, account, now).arm: account for account in accounts_made}
    expected = [account for account in accounts_made if position("holdout:save-fading", account.pk) < 0.5]
    assert sorted(Enrolment.objects.filter(arm="held_out").values_list("account", flat=True)) == sorted(account.pk for account in expected)
    steps.advance(now=now + timedelta(days=10))
    held_out = arms["held_out"]
    assert StepRecord.objects.filter(enrolment__account=held_out).count() == 0
    make.activity(held_out, now + timedelta(days=11))
    services.check_goals([held_out.pk], actor=ACTOR, now=now + timedelta(days=11))
    assert Enrolment.objects.get(account=held_out).exit_reason == "goal"


def test_recovered_activity_ends_the_run_and_takes_back_what_waits(play, customer, now):
    enrolment = enrol(play, customer, now)
    reach_first_message(now)
    later = now + timedelta(hours=5)
    make.activity(customer, *[now + timedelta(minutes=10 + minute) for minute in range(7)])
    assert services.check_goals([customer.pk], actor=ACTOR, now=later) == 0, "seven of ten a week is not yet 80 %"
    make.activity(customer, now + timedelta(hours=4))
    assert services.check_goals([customer.pk], actor=ACTOR, now=later) == 1
    enrolment.refresh_from_db()
    assert (enrolment.exit_reason, enrolment.goal_met_at, Message.objects.get().state) == ("goal", later, "cancelled")
    ended = Event.objects.get(type="play.ended")
    assert (ended.payload["reason"], ended.payload["outcome"]) == ("goal", "recovered")


def test_a_reply_stops_the_outreach_and_asks_a_person_to_answer(play, customer, now):
    enrolment = enrol(play, customer, now)
    reach_first_message(now)
    for _ in range(2):
        services.note_reply(message_id=Message.objects.get().pk, actor=ACTOR, now=now + timedelta(hours=1))
    enrolment.refresh_from_db()
    assert (enrolment.exit_reason, enrolment.replied_at) == ("replied", now + timedelta(hours=1))
    assert [task.title for task in Task.objects.waiting()] == ["Answer Ada Champion"]
    make.activity(customer, *[now + timedelta(hours=1, minutes=minute) for minute in range(8)])
    services.check_goals([customer.pk], actor=ACTOR, now=now + timedelta(hours=2))
    enrolment.refresh_from_db()
    assert (enrolment.exit_reason, enrolment.goal_met_at) == ("replied", now + timedelta(hours=2)), "the goal is still watched for"


def test_a_reply_to_a_message_of_no_play_changes_nothing(play, customer, now):
    services.note_reply(message_id=make.message(make.contact(customer), now=now).pk, actor=ACTOR, now=now)
    assert Task.objects.count() == 0


def test_a_customer_who_leaves_ends_the_run_and_its_tasks(play, customer, now):
    enrolment = enrol(play, customer, now)
    reach_first_message(now)
    steps.advance(now=now + timedelta(days=3))
    steps.advance(now=now + timedelta(days=6))
    assert Task.objects.waiting().count() == 1
    accounts.mark_churned(customer, on=now.date(), actor=ACTOR, now=now + timedelta(days=8))
    services.stop_for_leavers(actor=ACTOR, now=now + timedelta(days=8))
    enrolment.refresh_from_db()
    assert (enrolment.exit_reason, Task.objects.get().state) == ("churned", "dropped")
    assert enrol(play, customer, now + timedelta(days=100)) is None


def test_a_run_finishes_on_the_steps_it_began_with(play, customer, now):
    enrolment = enrol(play, customer, now)
    make.rewrite(play, now=now, steps=[{"kind": "watch"}])
    reach_first_message(now)
    assert ran(enrolment) == ["wait", "message", "wait"]
    assert Enrolment.objects.get().version.number == 2
    assert Play.objects.get(pk=play.pk).current.number == 3


def test_an_account_without_a_reachable_contact_skips_the_message_with_the_reason(play, now):
    account = make.account()
    make.contact(account, departed_on=now.date())
    make.contact(account, email="")
    enrolment = enrol(play, account, now)
    reach_first_message(now)
    assert StepRecord.objects.get(enrolment=enrolment, kind="message").what == "No email message: the account has no reachable contact."
    assert Message.objects.count() == 0


def test_a_paused_play_lets_nobody_in(play, customer, now):
    Play.objects.update(state="paused")
    play.refresh_from_db()
    assert enrol(play, customer, now) is None


def test_stopping_by_hand_is_recorded_and_refused_the_second_time(play, customer, now):
    enrolment = enrol(play, customer, now)
    services.stop(enrolment, actor=ACTOR, now=now)
    with pytest.raises(Refused, match="ended already"):
        services.stop(enrolment, actor=ACTOR, now=now)
    assert Event.objects.filter(type="play.ended").count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_triggers_at_once_start_one_run(play, customer, now):
    def trigger(_):
        enrol(play, customer, now)
        connection.close()

    make.at_once(trigger, 8)
    assert Enrolment.objects.count() == 1
    assert Event.objects.filter(type="play.entered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_take_each_step_once(play, now):
    for _ in range(12):
        enrol(play, make.account(), now)

    def work(_):
        reach_first_message(now)
        connection.close()

    make.at_once(work, 4)
    assert StepRecord.objects.count() == 12 * 3


def test_a_task_is_closed_once_with_its_outcome(play, customer, now):
    enrolment = enrol(play, customer, now)
    services.note_reply(message_id=_first_message(enrolment, now), actor=ACTOR, now=now)
    task = Task.objects.get()
    services.snooze_task(task, days=3, actor=ACTOR, now=now)
    task.refresh_from_db()
    assert task.due_at == now + timedelta(days=3)
    with pytest.raises(Refused, match="1 to 14 days"):
        services.snooze_task(task, days=15, actor=ACTOR, now=now)
    services.close_task(task, outcome="called", actor=ACTOR, now=now)
    with pytest.raises(Refused, match="closed already"):
        services.close_task(task, outcome="called", actor=ACTOR, now=now)
    with pytest.raises(Refused, match="closed already"):
        services.snooze_task(task, days=1, actor=ACTOR, now=now)
    assert Event.objects.filter(type="task.closed").count() == 1


def _first_message(enrolment, now):
    reach_first_message(now)
    return Message.objects.get(idem_key=f"enrolment:{enrolment.pk}:step:1").pk


def test_the_library_leaves_staffs_edits_alone(play, now):
    Play.objects.update(name="Our own")
    assert library.ensure(now=now) == []
    assert set(Play.objects.values_list("name", flat=True)) == {"Our own"}


def test_a_step_that_cannot_be_understood_ends_its_own_run_only(play, customer, now):
    other = make.account()
    broken = enrol(make.play(), customer, now)
    sound = enrol(play, other, now)
    PlayVersion.objects.filter(pk=broken.version_id).update(definition={"trigger": {"kind": "manual"}, "steps": [{"kind": "dance"}]})
    assert steps.advance(now=now) == 2
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.exit_reason, sound.state, ran(sound)) == ("error", "waiting", ["wait"])
    assert "dance" in StepRecord.objects.get(enrolment=broken).what


def test_a_message_may_wait_for_the_eyes_of_the_accounts_owner(customer, now):
    messaging.ensure_templates(now=now)
    reviewed = make.play(says={"steps": [{"kind": "message", "channel": "email", "template": "save-fading", "review_minutes": 240}]})
    enrol(reviewed, customer, now)
    steps.advance(now=now)
    message = Message.objects.get()
    assert (message.approver, message.due_at, message.is_draft) == (customer.owner, now + timedelta(hours=4), True)
    messaging.recall(message=message, reason="They called.", actor=ACTOR, now=now)
    message.refresh_from_db()
    assert message.state == "cancelled"
