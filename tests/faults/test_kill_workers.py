import os
from datetime import UTC, datetime

import pytest
import redis
from django.db import connection

from apps.events.models import Event
from apps.messaging.models import MessageAttempt
from tests import make
from tests.faults.environment import TIMES, next_working_noon
from tests.faults.scenario import Scenario, run


def flush_our_broker_keys(settings) -> None:
    with redis.from_url(settings.VALKEY_URL) as client:
        for key in client.scan_iter(f"{settings.VALKEY_PREFIX}.work.*"):
            client.delete(key)


@pytest.mark.fault
@pytest.mark.timeout(400)
@pytest.mark.django_db(transaction=True)
def test_killed_workers_and_a_flushed_broker_lose_nothing_and_send_nothing_twice(settings, monkeypatch, tmp_path):
    """The short form of `make faults`: 60 messages, an SMTP server that drops and delays replies, kill -9 of whole workers."""
    make.open_channels()
    monkeypatch.setenv("CS_CLOCK_SHIFT", str(next_working_noon(datetime.now(UTC))))
    database = os.environ["DATABASE_URL"].replace("/cs?", f"/{connection.settings_dict['NAME']}?")

    def hurt(crew) -> None:
        crew.kill_one()
        if crew.kills % 2 == 0:
            flush_our_broker_keys(settings)

    scenario = Scenario(
        "short form",
        hurt,
        messages=60,
        workers=2,
        least_kills=3,
        # Each is a new worker, which takes seconds to start on a busy machine.
        most_kills=6,
        # Patience only: it ends when every message has. A lease that outlives its worker takes its time on a busy machine.
        seconds=150,
        pause=(0.8, 2.0),
        peer={"drop": 0.06, "slow": 0.04, "refuse": 0.1, "shortest": 0.1, "longest": 0.4},
    )
    report = run(scenario, tmp_path, **TIMES, DATABASE_URL=database, LOG_LEVEL="ERROR")

    assert report.wrong == []
    assert report.doubled == []
    assert report.lost == []
    assert report.sent + report.unknown + report.failed == 60
    assert report.failed == 0
    # Whatever reached the peer is sent, or listed for a person.
    assert report.at_peer <= report.sent + report.unknown
    assert Event.objects.filter(type="message.sent").count() == report.sent
    assert Event.objects.filter(type="message.not_sent", payload__state="unknown").count() == report.unknown
    assert not MessageAttempt.objects.filter(ended_at=None).exists()
