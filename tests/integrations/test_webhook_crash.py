"""A sender that dies between the receiver's yes and our own note of it: nothing is lost, and the repeat carries the same id."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection

from apps.core import clock
from apps.integrations.models import WebhookDelivery
from apps.integrations.services import webhooks
from apps.integrations.webhooks import dispatch
from tests import make

from .receiver import Receiver, Reply

_SENDER = """
import django
django.setup()
from apps.core import clock
from apps.integrations.webhooks import dispatch
dispatch.pump(clock=clock.now, seconds=60)
"""


# Patience only: two processes of ours start, on a machine that may be busy.
@pytest.mark.timeout(400)
@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_senders_killed_while_receivers_hold_their_answer_lose_nothing(settings):
    import ipaddress

    settings.WEBHOOK_INSIDE_NETWORKS, settings.WEBHOOK_ALLOW_HTTP = [ipaddress.ip_network("127.0.0.0/8")], True
    receiver, now = Receiver(then=Reply(hold=True)), clock.now()
    hook, secret = webhooks.create(url=receiver.url, events=["risk.raised"], actor=make.ACTOR, now=now)
    sent = [make.delivery(hook, now=now) for _ in range(dispatch.OF_ONE)]
    database = os.environ["DATABASE_URL"].replace("/cs?", f"/{connection.settings_dict['NAME']}?")
    environment = {**os.environ, "DATABASE_URL": database, "WEBHOOK_INSIDE_NETWORKS": "127.0.0.0/8", "WEBHOOK_ALLOW_HTTP": "1"}
    environment |= {"DJANGO_SETTINGS_MODULE": "cs_platform.settings.test", "WEBHOOK_LEASE_SECONDS": "1"}

    for kill in (1, 2):
        with subprocess.Popen([sys.executable, "-c", _SENDER], env=environment, start_new_session=True) as sender:
            receiver.wait_for(kill * len(sent), patience=120)
            os.killpg(sender.pid, signal.SIGKILL)
        assert set(WebhookDelivery.objects.values_list("state", "attempt")) == {("sending", kill)}
        dispatch.sweep(now=max(WebhookDelivery.objects.values_list("lease_until", flat=True)) + timedelta(seconds=1))
        WebhookDelivery.objects.update(due_at=now)

    receiver.then = Reply()
    assert dispatch.pump(clock=clock.now, seconds=5) == len(sent)
    assert set(WebhookDelivery.objects.values_list("state", "attempt")) == {("delivered", 3)}
    ids = [got.id for got in receiver.received]
    assert sorted(ids) == sorted(delivery.message_id for delivery in sent for _ in range(3))
    for got in receiver.received:
        got.verified(secret)
    receiver.released.set()
    receiver.shutdown()
