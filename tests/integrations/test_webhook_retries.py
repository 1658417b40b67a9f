"""What is tried again, when, and when it is given up; one receiver's trouble is not another's."""

import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.db import connection

from apps.alerts.models import Alert
from apps.core import clock
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.services import webhooks
from apps.integrations.webhooks import dispatch
from tests import make

from .deliveries import pump, state
from .receiver import Receiver, Reply

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nearby")]
ACTOR = make.ACTOR


@pytest.mark.parametrize("reply", [Reply(500), Reply(404), Reply(301, {"Location": "http://127.0.0.1/"}), Reply(dumb=True), Reply(199)], ids=str)
def test_what_is_no_success_is_tried_again_under_the_same_id_with_the_same_body(receiver, reply):
    now = clock.now()
    receiver.replies = [reply]
    hook = make.webhook(receiver.url, now=now)
    delivery = make.delivery(hook, now=now)
    pump()
    assert state()[:2] == ("waiting", 1)
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since is not None) == (1, True)
    assert pump() == 0, "it rests"

    later = clock.now() + timedelta(minutes=1)
    assert pump(later) == 1
    assert state() == ("delivered", 2, 200)
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert first.id == delivery.message_id
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since, hook.rest_until) == (0, None, None)


def test_the_waits_grow_over_three_days_and_then_it_is_given_up(receiver):
    began = moment = clock.now()
    receiver.then = Reply(503, body=b"down for repair")
    make.delivery(make.webhook(receiver.url, now=began), now=began)
    waits = []
    while state()[0] == "waiting":
        assert pump(moment) == 1
        row = WebhookDelivery.objects.select_related("webhook").get()
        if row.state == "waiting":
            waits.append((row.due_at - moment).total_seconds())
            moment = max(row.due_at, row.webhook.rest_until)
    assert len(receiver.received) == dispatch.MAX_TRIES == 10
    assert all(least <= wait <= least * 1.25 for least, wait in zip((w.total_seconds() for w in dispatch.WAITS), waits, strict=True))
    assert timedelta(days=3) < moment - began < timedelta(days=4)
    assert (state()[0], WebhookDelivery.objects.get().answer) == ("failed", "down for repair")
    hook = Webhook.objects.get()
    assert not hook.is_active
    assert hook.off_reason.endswith("10 in a row. The last: 503 down for repair")

    events.sweep(now=clock.now() + timedelta(days=9))
    alert = Alert.objects.get(kind="webhook")
    assert (alert.account, alert.state, alert.why[0]) == (None, "open", hook.off_reason)
    webhooks.switch_on(hook, actor=ACTOR, now=moment)
    events.sweep(now=clock.now() + timedelta(days=9))
    alert.refresh_from_db()
    assert alert.state == "resolved"


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(receiver, as_date):
    now = clock.now()
    wanted = format_datetime(now + timedelta(hours=2)) if as_date else "7200"
    receiver.replies = [Reply(429, {"Retry-After": wanted})]
    hook = make.webhook(receiver.url, now=now)
    make.delivery(hook, now=now)
    make.delivery(hook, now=now + timedelta(minutes=10))
    pump(now)
    hook.refresh_from_db()
    waits = [WebhookDelivery.objects.earliest("pk").due_at - now, hook.rest_until - now]
    assert all(timedelta(hours=1, minutes=59, seconds=58) <= wait <= timedelta(hours=2) for wait in waits)
    assert pump(now + timedelta(hours=1)) == 0, "the others wait too"


@pytest.mark.parametrize(("words", "seconds"), [("", 0), ("soon", 0), ("-5", 0), ("999999999999", 86_400), ("Tue, 01 Jan 1980 00:00:00 GMT", 0)])
def test_a_strange_retry_after_is_bounded(words, seconds, now):
    assert dispatch._asked(dispatch.Answer(429, "", words), now) == timedelta(seconds=seconds)


def test_a_receiver_that_is_gone_is_switched_off_at_once(receiver):
    now = clock.now()
    receiver.then = Reply(410)
    hook = make.webhook(receiver.url, now=now)
    first, second = make.delivery(hook, now=now), make.delivery(hook, now=now + timedelta(days=1))
    pump(now)
    assert (state(first)[0], state(second)[:2]) == ("failed", ("failed", 0))
    hook.refresh_from_db()
    assert (hook.is_active, hook.off_reason) == (False, "The receiver said that it is gone for good (410).")
    events.sweep(now=clock.now() + timedelta(days=9))
    assert Alert.objects.get(kind="webhook").title.startswith("The webhook ")
    assert list(Event.objects.filter(type="webhook.changed").order_by("id").values_list("payload__change", flat=True)) == ["made", "given up"]


def test_a_short_trouble_switches_nothing_off(receiver):
    now = clock.now()
    receiver.then = Reply(500)
    hook = make.webhook(receiver.url, now=now)
    for _ in range(8):
        make.delivery(hook, now=now)
    moment = now
    for _ in range(20):
        pump(moment)
        hook.refresh_from_db()
        moment = hook.rest_until
    assert hook.failures >= 20
    assert moment - now < dispatch.GIVE_UP_AFTER
    assert hook.is_active


def test_a_slow_receiver_holds_up_only_itself(receiver):
    now = clock.now()
    slow = Receiver(then=Reply(hold=True))
    slowly, quickly = make.webhook(slow.url, now=now), make.webhook(receiver.url, now=now)
    for _ in range(30):
        make.delivery(slowly, now=now)
    for _ in range(30):
        make.delivery(quickly, now=now + timedelta(microseconds=1))
    sent: list[int] = []

    def work() -> None:
        sent.append(pump())
        connection.close()

    sender = threading.Thread(target=work)
    sender.start()
    try:
        receiver.wait_for(30)
        assert len(slow.received) == dispatch.OF_ONE
    finally:
        slow.released.set()
        sender.join()
    slow.shutdown()
    assert sent == [60]
    assert WebhookDelivery.objects.filter(state="delivered").count() == 60
    assert len({got.id for got in slow.received}) == 30


def test_two_senders_share_the_queue_and_send_nothing_twice(receiver):
    now = clock.now()
    for number in range(4):
        hook = make.webhook(receiver.url, now=now, description=f"hook {number}")
        for _ in range(15):
            make.delivery(hook, now=now)

    def work(number: int) -> None:
        pump()
        connection.close()

    make.at_once(work, 3)
    assert WebhookDelivery.objects.filter(state="delivered", attempt=1).count() == 60
    assert len(receiver.received) == len({got.id for got in receiver.received}) == 60


def test_a_sender_that_comes_back_late_overwrites_nothing(receiver):
    now = clock.now()
    make.delivery(make.webhook(receiver.url, now=now), now=now)
    (late,) = dispatch.claim(now=now)
    later = now + timedelta(minutes=5)
    assert dispatch.sweep(now=later) == 1
    (again,) = dispatch.claim(now=later)
    assert dispatch.record(again, dispatch.Answer(200, "ok"), now=later) == "delivered"
    assert dispatch.record(late, dispatch.Answer(500, "late"), now=later) is None
    assert state() == ("delivered", 2, 200)
    assert Webhook.objects.get().failures == 0


def test_switching_off_gives_up_what_waits_and_what_is_under_way_is_not_tried_again(receiver):
    now = clock.now()
    hook = make.webhook(receiver.url, now=now)
    under_way, waiting = make.delivery(hook, now=now), make.delivery(hook, now=now + timedelta(hours=1))
    (claimed,) = dispatch.claim(now=now)
    webhooks.switch_off(hook, actor=ACTOR, now=now)
    assert state(waiting)[0] == "failed"
    dispatch.record(claimed, dispatch.Answer(500, "no"), now=now)
    assert state(under_way)[0] == "failed"
    with pytest.raises(Refused) as refusal:
        webhooks.send_again(under_way, now=now)
    assert refusal.value.code == "webhook_off"

    webhooks.switch_on(hook, actor=ACTOR, now=now)
    webhooks.send_again(waiting, now=now)
    pump()
    assert receiver.received[0].id == waiting.message_id
    webhooks.send_again(waiting, now=clock.now())
    pump()
    assert [got.id for got in receiver.received] == [waiting.message_id] * 2


def test_a_test_is_tried_once_and_counts_for_nothing(receiver):
    now = clock.now()
    receiver.replies = [Reply(500)]
    hook, secret = webhooks.create(url=receiver.url, events=["risk.raised"], actor=ACTOR, now=now)
    webhooks.test(hook, now=now)
    pump()
    assert state() == ("failed", 1, 500)
    hook.refresh_from_db()
    assert (hook.failures, hook.is_active) == (0, True)
    webhooks.test(hook, now=now)
    pump()
    assert receiver.received[1].verified(secret)["type"] == "webhook.test"
