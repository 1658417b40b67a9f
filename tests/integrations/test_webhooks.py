"""From a change of risk to somebody else's machine, over real HTTP: what is told, to whom, and what is told no more."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from standardwebhooks import Webhook as Official
from standardwebhooks import WebhookVerificationError

from apps.churn.types import Band
from apps.core import clock
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import RiskLowered, RiskRaised
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.services import webhooks
from apps.integrations.types import RISK_BANDS
from apps.integrations.webhooks import dispatch, offers
from cs_platform.privacy import erase
from tests import make

from .deliveries import pump, raised, state

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nearby")]
ACTOR = make.ACTOR


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
