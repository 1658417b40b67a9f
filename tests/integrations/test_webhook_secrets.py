"""Who can tell that a webhook comes from us: secrets, their rotation, signatures."""

from datetime import timedelta

import pytest
from django.db import connection
from standardwebhooks import WebhookVerificationError

from apps.core import clock
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.services import webhooks
from apps.integrations.webhooks import signing
from tests import make

from .deliveries import pump

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nearby")]
ACTOR = make.ACTOR


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
