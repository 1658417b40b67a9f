"""The log of what was decided about a message: every move has its line, equal holds in a row are one, and a dead message gets another try."""

from datetime import timedelta

import pytest

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import dispatch, doubts, services, states, statuses
from apps.messaging.models import Consent, Decision, Message, MessageAttempt
from apps.messaging.types import MessageState, Told
from tests import make

pytestmark = pytest.mark.django_db
MAYA = Actor("user", "7")


def log(message: Message) -> list[tuple[str, str, str, int]]:
    return list(message.decisions.order_by("id").values_list("state", "reason", "actor", "times"))


@pytest.fixture
def sam():
    return make.contact(make.account(time_zone="UTC"), name="Sam Reed", email="sam@customer.test")


def test_a_message_tells_its_life_from_the_plan_to_the_answer(sam, now):
    services.write_template(key="hello", channel="in_app", subject="Hi", body="There", actor=MAYA, now=now)
    given = {"template_key": "hello", "lane": "save", "idem_key": "one", "context": {}, "expires_at": now + timedelta(days=1)}
    message = services.compose(contact=sam, channel="in_app", **given, due_at=now, actor=MAYA, now=now - timedelta(hours=2))
    services.compose(contact=sam, channel="in_app", **given, due_at=now, actor=MAYA, now=now)
    dispatch.one_round("in_app", owner="w1", clock=lambda: now)
    services.record_reply(token=message.reply_token, text="Yes", now=now + timedelta(hours=1))

    house = "job:messaging.dispatch"
    assert log(message) == [
        ("queued", "", "user:7", 1),
        ("sending", "", house, 1),
        ("sent", "", house, 1),
        ("replied", "They answered.", f"contact:{sam.pk}", 1),
    ]
    moments = list(message.decisions.order_by("id").values_list("at", flat=True))
    assert (moments[0], moments[1], moments[3]) == (now - timedelta(hours=2), now, now + timedelta(hours=1))
    assert set(message.decisions.values_list("account", flat=True)) == {sam.account_id}


def test_the_same_hold_every_minute_is_one_line_that_counts(sam, now):
    night = now.replace(hour=23)
    message = make.message(sam, now=night)
    for minute in range(5):
        Message.objects.filter(pk=message.pk).update(due_at=night)
        dispatch.one_round("email", owner="w1", clock=lambda minute=minute: night + timedelta(minutes=minute))
    held = message.decisions.get()
    assert (held.state, held.times, held.at, held.last_at) == ("held", 5, night, night + timedelta(minutes=4))
    assert held.reason.startswith("Quiet hours until Thu 12 Mar 08:00")
    assert held.due_at == now.replace(day=12, hour=8)

    states.move_one(message, MessageState.HELD, now=night, reason="Already 2 messages in 24 hours.")
    states.move_one(message, MessageState.HELD, now=night, reason=held.reason)
    assert [(state, times) for state, _, _, times in log(message)] == [("held", 5), ("held", 1), ("held", 1)]


def test_many_move_in_one_statement_and_only_those_that_may(sam, now, django_assert_num_queries):
    waiting = [make.message(sam, now=now, state=state) for state in ("queued", "held", "queued")]
    gone = make.message(sam, now=now, state="sent")
    with django_assert_num_queries(1):
        moved = states.move(Message.objects.order_by("due_at"), MessageState.CANCELLED, now=now, actor=MAYA, reason="No more.")
    assert moved == 3
    assert {entry.message_id for entry in Decision.objects.all()} == {message.pk for message in waiting}
    assert set(Decision.objects.values_list("state", "reason", "actor", "at")) == {("cancelled", "No more.", "user:7", now)}
    gone.refresh_from_db()
    assert gone.state == "sent"


def test_no_move_leaves_no_line(sam, now):
    message = make.message(sam, now=now, state="sent")
    assert not states.move_one(message, MessageState.HELD, now=now, reason="x")
    assert log(message) == []


def test_refusals_say_why_and_who_said_no(sam, now):
    Consent.objects.create(contact=sam, channel="email", allowed=False, source="one-click", at=now)
    message = make.message(sam, now=now)
    dispatch.one_round("email", owner="w1", clock=lambda: now)
    assert log(message) == [("suppressed", "Sam Reed does not want “success” by email.", "job:messaging.dispatch", 1)]


def test_a_providers_word_and_a_found_doubt_name_who_told(sam, now, monkeypatch):
    message = make.message(sam, now=now, channel="sms", state="sent", provider="twilio", claimed_at=now)
    statuses.record(provider="twilio", event_id="SM1", message=message, told=Told.RETURNED, detail="30003 unreachable", raw={}, now=now)
    assert log(message) == [("returned", "twilio told: came back. 30003 unreachable", "source:twilio", 1)]

    doubtful = make.message(sam, now=now, channel="sms", state="unknown", provider="twilio", claimed_at=now)
    doubts._found(doubtful, "SM2", now)
    assert log(doubtful) == [("sent", "twilio was asked and has it.", "job:messaging.reconcile", 1)]


def test_a_person_who_settles_or_recalls_is_named(sam, now):
    doubtful = [make.message(sam, now=now, state="unknown", claimed_at=now) for _ in range(2)]
    services.settle_unknown(message=doubtful[0], was_sent=True, actor=MAYA, now=now)
    services.settle_unknown(message=doubtful[1], was_sent=False, actor=MAYA, now=now)
    waiting = make.message(sam, now=now)
    services.cancel_waiting(message_ids=[waiting.pk], reason="Recalled.", actor=MAYA, now=now)
    assert log(doubtful[0]) == [("sent", "Somebody found out that it did arrive.", "user:7", 1)]
    assert log(doubtful[1]) == [("queued", "Sent again by a person.", "user:7", 1)]
    assert log(waiting) == [("cancelled", "Recalled.", "user:7", 1)]


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_a_dead_message_is_queued_again_under_its_key_with_a_new_budget(sam, now, state, peer):
    message = make.message(sam, now=now, state=state, attempt=10, expires_at=now - timedelta(hours=1), lane="transactional", lane_rank=0)
    for number in range(1, 11):
        MessageAttempt.objects.create(message=message, number=number, owner="w", started_at=now, ended_at=now, outcome="refused")
    key = message.idem_key
    services.requeue(message=message, actor=MAYA, now=now)
    message.refresh_from_db()
    assert (message.state, message.idem_key, message.forgiven, dispatch._tries(message)) == ("queued", key, 10, 0)
    dispatch.one_round("email", owner="w1", clock=lambda: now)
    message.refresh_from_db()
    assert (message.state, message.attempt) == ("sent", 11)
    assert log(message)[0] == ("queued", "Queued again by a person.", "user:7", 1)


@pytest.mark.parametrize("state", ["sent", "queued", "cancelled", "suppressed", "unknown", "delivered"])
def test_nothing_else_can_be_queued_again(sam, now, state):
    message = make.message(sam, now=now, state=state)
    with pytest.raises(Refused, match="only what failed or came too late"):
        services.requeue(message=message, actor=MAYA, now=now)
    message.refresh_from_db()
    assert (message.state, log(message)) == (state, [])


def test_a_move_that_is_rolled_back_leaves_no_line(sam, now, monkeypatch):
    message = make.message(sam, now=now, channel="in_app", address="")
    claimed = dispatch.claim("in_app", owner="w1", now=now).sending[0]
    monkeypatch.setattr(dispatch.events, "publish", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        dispatch.send(claimed, now=now)
    assert [state for state, *_ in log(message)] == ["sending"]
