"""The short form of the ingest scenarios of `make faults`: the same database, whose sessions are ended while clients send."""

import threading
import time
from uuid import uuid4

import pytest
from django.db import connection

from apps.accounts.models import ActivityEvent
from apps.accounts.services import rollups
from apps.core import clock
from apps.integrations import services
from tests import make
from tests.faults.ingest import Sent, _client


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_what_was_acknowledged_is_stored_once_while_database_sessions_end_and_valkey_is_away(live_server, settings, monkeypatch):
    from apps.integrations import views

    make.account(external_id="acme")
    key = services.create_source(name=f"f{uuid4().hex[:6]}", now=clock.now())[1]
    port, stop, sents = int(live_server.url.rsplit(":", 1)[1]), threading.Event(), [Sent() for _ in range(3)]
    threads = [threading.Thread(target=_client, args=(port, key, sent, stop)) for sent in sents]
    for thread in threads:
        thread.start()
    for round_number in range(8):
        time.sleep(0.25)
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
        if round_number == 3:
            settings.VALKEY_URL = "unix:///nowhere/valkey.sock"
            views._client.cache_clear()
    stop.set()
    for thread in threads:
        thread.join(45)
    views._client.cache_clear()

    assert [sent.open for sent in sents] == [set(), set(), set()]
    acknowledged = set().union(*(sent.acknowledged for sent in sents))
    stored = list(ActivityEvent.objects.values_list("message_id", flat=True))
    assert (len(stored), set(stored)) == (len(acknowledged), acknowledged)
    assert len(acknowledged) > 0
    assert rollups.differences() == 0
    assert set().union(*(sent.statuses for sent in sents)) <= {0, 200, 503}
