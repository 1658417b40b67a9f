"""On which channel a play writes, when, and what it learns from the answer."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.core.actor import Actor
from apps.experiments.models import ArmCount, PolicyDecision
from apps.interventions import choice, effects, services, steps
from apps.interventions.choice import Way
from apps.interventions.models import StepRecord
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import MessageState
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
# A Wednesday noon, in quiet hours of nobody.
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)
ASK = {"kind": "message", "id": "ask", "channel": "auto", "template": "quiet-champion"}


@pytest.fixture
def customer():
    messaging.ensure_templates(now=NOON)
    account = make.account(owner=make.user(), tier="gold")
    make.contact(account, role="champion", phone="+12025550111", time_zone="UTC")
    return account


def run_of(customer, **step):
    play = make.play(says={"steps": [{**ASK, **step}, {"kind": "watch"}], "stop_on_reply": False})
    return services.enrol(play, account_id=customer.pk, actor=ACTOR, now=NOON)


def first_step(run):
    return run.says.steps[0]


def test_without_learning_the_first_channel_of_the_fixed_order_is_taken(customer):
    run_of(customer)
    steps.advance(now=NOON)
    decision = PolicyDecision.objects.get()
    assert (decision.chosen, decision.how, Message.objects.get().channel) == ("email", "fixed", "email")
    record = StepRecord.objects.get(kind="message")
    assert (record.decision, record.because) == (decision, decision.reason)


def test_a_learned_choice_keeps_every_candidate_with_its_chance_or_why_not(customer):
    run_of(customer)
    steps.advance(now=NOON, learned=True)
    decision = PolicyDecision.objects.get()
    told = {entry["arm"]: entry for entry in decision.candidates}
    assert set(told) == {"email", "in_app", "push", "whatsapp", "sms", "voice"}
    assert decision.how in ("learned", "explored")
    assert sum(entry["propensity"] for entry in told.values() if entry["allowed"]) == pytest.approx(1)
    assert told["push"]["why_not"] == "no address, no consent or no words"
    assert "only an approved template" in told["whatsapp"]["why_not"]
    assert {arm for arm, entry in told.items() if entry["allowed"]} == {"email", "in_app", "sms"}
    assert decision.segment == "gold"


def test_a_channel_over_its_cap_is_no_candidate(customer):
    contact = customer.contacts.get()
    for day in range(1, 6):
        at = NOON - timedelta(days=day)
        make.message(contact, now=at, channel="sms", address=contact.phone, state=MessageState.SENT, claimed_at=at, sent_at=at)
    run_of(customer, channels=["sms"])
    steps.advance(now=NOON + timedelta(minutes=5), learned=True)
    assert not PolicyDecision.objects.exists()
    assert Message.objects.count() == 5
    assert StepRecord.objects.get(kind="message").what == "No message: no channel with words for this step reaches them."


def test_an_answer_settles_the_choice_once_and_the_policy_counts_it(customer):
    run_of(customer)
    steps.advance(now=NOON, learned=True)
    message = Message.objects.get()
    for _ in range(2):
        services.note_reply(message_id=message.pk, actor=ACTOR, now=NOON + timedelta(hours=3))
    decision = PolicyDecision.objects.get()
    assert (decision.success, decision.success_at) == (True, NOON + timedelta(hours=3))
    count = ArmCount.objects.get()
    assert (count.arm, count.segment, count.successes, count.failures) == (message.channel, "gold", 1.0, 0.0)


def test_nothing_is_learned_from_a_message_that_reached_nobody(customer):
    run_of(customer)
    steps.advance(now=NOON, learned=True)
    message = Message.objects.get()
    messaging.recall(message=message, reason="Not now.", actor=ACTOR, now=NOON)
    services.note_not_sent(message_id=message.pk)
    assert not PolicyDecision.objects.exists()
    assert StepRecord.objects.get(kind="message").decision is None


def test_a_step_that_is_taken_again_draws_the_same(customer):
    run = run_of(customer)
    run.contact.account = customer
    first = choice.choose(run, first_step(run), NOON, Way(learned=True))
    assert choice.choose(run, first_step(run), NOON + timedelta(hours=1), Way(learned=True)).channel == first.channel
    assert PolicyDecision.objects.count() == 1


def test_what_is_only_rehearsed_draws_the_same_and_stores_nothing(customer):
    run = run_of(customer)
    run.contact.account = customer
    way = Way(learned=True, rehearsed=lambda drafts, now: messaging.foresight.Foresight(now).rulings(drafts, now))
    foreseen = choice.choose(run, first_step(run), NOON, way)
    assert not PolicyDecision.objects.exists()
    drawn = choice.choose(run, first_step(run), NOON, Way(learned=True))
    assert (foreseen.channel, foreseen.why, foreseen.decision_id) == (drawn.channel, drawn.why, None)


def test_the_best_hour_is_one_at_which_the_channel_may_speak_and_this_person_is_active(customer):
    contact = customer.contacts.get()
    for week in range(1, 6):
        for day in range(5):
            at = NOON.replace(hour=16) - timedelta(days=7 * week + day - 2)
            make.activity_of(contact, at)
    run = run_of(customer, channel="email", hour="best")
    run.contact.account = customer
    made = effects.addressed(run, first_step(run), NOON, Way())
    assert (made.channel, made.due_at.date(), made.due_at.hour) == ("email", NOON.date(), 16)
    assert "times they were active on working days" in made.why
    assert first_step(run).hour == "best"


def test_a_best_hour_never_falls_into_quiet_hours(customer):
    contact = customer.contacts.get()
    for day in range(1, 29):
        make.activity_of(contact, NOON.replace(hour=2) - timedelta(days=day))
    run = run_of(customer, channel="sms", hour="best")
    run.contact.account = customer
    made = effects.addressed(run, first_step(run), NOON, Way())
    assert 8 <= made.due_at.hour < 20
    assert made.due_at.weekday() < 5
