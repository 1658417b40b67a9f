"""From a change of risk to somebody else's machine, over real HTTP."""

import json
import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.db import connection, transaction
from standardwebhooks import Webhook as Official
from standardwebhooks import WebhookVerificationError

from apps.alerts.models import Alert
from apps.churn.types import Band
from apps.core import clock
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import RiskLowered, RiskRaised
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.services import webhooks
from apps.integrations.types import RISK_BANDS
from apps.integrations.webhooks import dispatch, offers, signing
from cs_platform.privacy import erase
from tests import make

from .receiver import Receiver, Reply

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = make.ACTOR


@pytest.fixture(autouse=True)
def nearby(settings):
    """Receivers of these tests live on this machine."""
    import ipaddress

    settings.WEBHOOK_INSIDE_NETWORKS, settings.WEBHOOK_ALLOW_HTTP = [ipaddress.ip_network("127.0.0.0/8")], True


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.released.set()
    found.shutdown()


def raised(account, now, *, before="low", after="high", kind=RiskRaised) -> Event:
    """The change of risk, announced and handled."""
    scored = make.prediction(account, now=now, probability=0.62)
    with transaction.atomic():
        said = kind(account_id=account.pk, prediction_id=scored.pk, from_band=before, to_band=after, probability=0.62)
        row = events.publish(said, actor=ACTOR, now=now)
    events.sweep(now=clock.now() + timedelta(days=9))
    return row


def pump(now=None) -> int:
    """Until nothing is due; the limit is patience only."""
    return dispatch.pump(clock=lambda: now or clock.now(), seconds=120)


def state(delivery: WebhookDelivery | None = None) -> tuple[str, int, int | None]:
    row = WebhookDelivery.objects.get(pk=delivery.pk) if delivery else WebhookDelivery.objects.get()
    return row.state, row.attempt, row.status


def test_a_risk_that_rises_is_told_with_reasons_in_words_and_a_signature_that_the_official_library_accepts(receiver, settings):
    settings.BASE_URL = "https://cs.example.com"
    now = clock.now()
    hook, secret = webhooks.create(url=receiver.url, events=["risk.raised"], actor=ACTOR, now=now)
    account = make.account(external_id="acme", name="Acme")
    row = raised(account, now)
    assert pump() == 1

    (got,) = receiver.received
    body = got.verified(secret)
    assert (got.path, got.headers["content-type"]) == ("/in?from=cs", "application/json")
    assert body["type"] == "risk.raised"
    assert body["timestamp"] == row.at.isoformat().replace("+00:00", "Z")
    as_of = body["data"].pop("as_of")
    assert as_of == now.isoformat()
    assert body["data"] == {
        "account": {"id": account.pk, "external_id": "acme", "name": "Acme"},
        "link": f"https://cs.example.com/accounts/{account.pk}/",
        "probability": 0.62,
        "low": None,
        "high": None,
        "band": {"before": "low", "after": "high"},
        "reasons": [{"words": "No activity for 23 days", "raises": True}, {"words": "Customer for 3 years", "raises": False}],
        "definition": "test",
        "model": "rule v1",
    }
    assert len(got.body) < 2_000
    assert state() == ("delivered", 1, 200)
    hook.refresh_from_db()
    assert hook.last_ok_at is not None
    with pytest.raises(WebhookVerificationError):
        Official(secret).verify(got.body.replace(b"0.62", b"0.12"), got.headers)


def test_only_what_is_wanted_is_queued_and_once_however_often_it_is_handled(receiver):
    now = clock.now()
    both = make.webhook(receiver.url, now=now, events=["risk.raised", "risk.lowered"])
    high = make.webhook(receiver.url, now=now, bands=["high"])
    other = make.webhook(receiver.url, now=now, definitions=["another"])
    own = make.webhook(receiver.url, now=now, definitions=["test"])
    off = make.webhook(receiver.url, now=now)
    webhooks.switch_off(off, actor=ACTOR, now=now)
    account = make.account()
    watch = raised(account, now, after="medium")
    rises = raised(account, now + timedelta(minutes=1))
    falls = raised(account, now + timedelta(minutes=2), before="high", after="low", kind=RiskLowered)
    queued = set(WebhookDelivery.objects.values_list("webhook", "event"))
    assert queued == {
        (both.pk, watch.pk),
        (both.pk, rises.pk),
        (both.pk, falls.pk),
        (high.pk, rises.pk),
        (own.pk, watch.pk),
        (own.pk, rises.pk),
    }
    assert not WebhookDelivery.objects.filter(webhook=other).exists()
    offers.offer(RiskRaised(**rises.payload), rises, now=now)
    assert WebhookDelivery.objects.count() == 6


def test_any_event_can_be_offered_by_a_word_in_the_wiring(receiver, monkeypatch):
    from apps.events import switchboard
    from apps.integrations import handlers

    now, account = clock.now(), make.account(external_id="acme", name="Acme")
    monkeypatch.setitem(switchboard._table, "account.churned", {"integrations.offer": handlers.offer})
    assert "account.churned" in offers.offered()
    make.webhook(receiver.url, now=now, events=["account.churned"])
    from apps.events.vocabulary import AccountChurned

    with transaction.atomic():
        events.publish(AccountChurned(account_id=account.pk, on="2026-03-01"), actor=ACTOR, now=now)
    events.sweep(now=clock.now() + timedelta(days=9))
    data = WebhookDelivery.objects.get().data
    assert (data["on"], data["account"]["external_id"]) == ("2026-03-01", "acme")


def test_the_bands_are_those_of_the_churn_risk():
    assert set(RISK_BANDS) == set(Band.values)


def test_during_a_rotation_either_secret_verifies_and_afterwards_the_new_one_alone(receiver):
    now = clock.now()
    hook, old = webhooks.create(url=receiver.url, events=["risk.raised"], actor=ACTOR, now=now)
    new = webhooks.rotate(hook, actor=ACTOR, now=now, overlap=timedelta(hours=1))
    make.delivery(hook, now=now)
    pump()
    assert receiver.received[0].verified(old) == receiver.received[0].verified(new)
    Webhook.objects.update(old_until=now - timedelta(seconds=1))
    make.delivery(hook, now=now)
    pump()
    receiver.received[1].verified(new)
    with pytest.raises(WebhookVerificationError):
        receiver.received[1].verified(old)


def test_a_secret_stands_nowhere_in_the_database(receiver):
    hook, secret = webhooks.create(url=receiver.url, events=["risk.raised"], actor=ACTOR, now=clock.now())
    second = webhooks.rotate(hook, actor=ACTOR, now=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(t::text, ' ') from integrations_webhook t")
        kept = cursor.fetchone()[0]
        cursor.execute("select string_agg(t::text, ' ') from events_event t")
        kept += cursor.fetchone()[0]
    assert secret.removeprefix("whsec_") not in kept
    assert second.removeprefix("whsec_") not in kept
    assert secret != second


def test_a_changed_secret_key_is_served_by_its_fallback_and_without_one_nothing_is_sent(receiver, settings):
    now, before = clock.now(), settings.SECRET_KEY
    hook, secret = webhooks.create(url=receiver.url, events=["risk.raised"], actor=ACTOR, now=now)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key", [before]
    hook.refresh_from_db()
    assert signing.secrets_of(hook, now=now) == [secret]
    settings.SECRET_KEY_FALLBACKS = []
    make.delivery(hook, now=now)
    pump()
    assert receiver.received == []
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempt) == ("waiting", 1)
    assert "SECRET_KEY_FALLBACKS" in row.answer


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


def test_nothing_of_an_erased_account_is_sent_any_more(receiver):
    now = clock.now()
    account = make.account(external_id="acme-international", name="Acme International")
    make.webhook(receiver.url, now=now)
    raised(account, now)
    assert "Acme International" in json.dumps(WebhookDelivery.objects.get().data)
    erase.erase_account(account, actor=ACTOR, now=now)
    assert WebhookDelivery.objects.get().data == {}
    assert pump() == 0
    assert receiver.received == []
    row = WebhookDelivery.objects.get()
    assert (row.state, row.answer) == ("failed", "Not sent: the account was erased.")
    with pytest.raises(Refused):
        webhooks.send_again(row, now=now)


def test_old_deliveries_are_forgotten_and_forgotten_ones_given_up(now):
    hook = make.webhook(now=now)
    old = make.delivery(hook, now=now, state="delivered", done_at=now - dispatch.KEPT - timedelta(days=1))
    recent = make.delivery(hook, now=now, state="delivered", done_at=now)
    lost = make.delivery(hook, now=now, queued_at=now - timedelta(days=6))
    assert dispatch.forget(now=now) == 1
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == {recent.pk, lost.pk}
    assert not WebhookDelivery.objects.filter(pk=old.pk).exists()
    assert dispatch.sweep(now=now) == 1
    assert state(lost)[0] == "failed"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"events": []}, "no_events"),
        ({"events": ["risk.rased"]}, "unknown_event"),
        ({"bands": ["highest"]}, "unknown_band"),
        ({"url": "ftp://example.com/"}, "bad_address"),
        ({"url": "http://10.0.0.1/"}, "bad_address"),
    ],
)
def test_a_webhook_that_could_never_work_is_refused(said, code, now):
    with pytest.raises(Refused) as refusal:
        webhooks.create(**{"url": "https://example.com/in", "events": ["risk.raised"], "actor": ACTOR, "now": now, **said})
    assert refusal.value.code == code
    assert not Webhook.objects.exists()
    assert not Event.objects.exists()


def test_the_vectors_of_the_specification(now):
    """From the specification's reference libraries: this secret, id, time and body give this signature."""
    from datetime import UTC, datetime

    found = signing.sign(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
    )
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
