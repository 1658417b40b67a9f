"""Climbs under several workers, killed workers, and people who take alerts on in the very moment of a step."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from django.db import connection

from apps.accounts.types import Role
from apps.alerts import services
from apps.alerts.escalation import climbing, handlers
from apps.alerts.models import Climb, ClimbStep, Notice, NoticeSending
from apps.alerts.notifying import sending
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import AlertChanged
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = Actor.job("test")
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.fixture
def climbs():
    """Sixty alerts of one owner, each at its first step."""
    owner, policy = make.user(), make.policy(now=NOON)
    make.user(Role.ADMINISTRATOR)
    account = make.account(owner=owner)
    return [make.alert_climb(make.alert(account, now=NOON), now=NOON, policy=policy) for _ in range(60)]


def counts():
    taken = ClimbStep.objects.filter(done_at__isnull=False).count()
    return taken, Notice.objects.count(), Event.objects.filter(type="alert.told").count()


def test_several_workers_take_each_step_once(climbs):
    def work(_):
        climbing.advance(now=NOON)
        connection.close()

    make.at_once(work, 4)
    assert counts() == (60, 60, 60)
    assert ClimbStep.objects.filter(done_at=None, kind="wait").count() == 60


def test_a_worker_killed_in_the_middle_takes_nothing_twice(climbs):
    words = (
        "from datetime import datetime, UTC; from apps.alerts.escalation import climbing; climbing.advance(now=datetime(2026, 3, 11, 12, tzinfo=UTC))"
    )
    database = os.environ["DATABASE_URL"].replace("/cs?", f"/{connection.settings_dict['NAME']}?")
    worker = subprocess.Popen([sys.executable, "manage.py", "shell", "-v", "0", "-c", words], env={**os.environ, "DATABASE_URL": database})
    deadline = time.monotonic() + 60
    while not Notice.objects.exists():
        assert time.monotonic() < deadline
        assert worker.poll() is None, "it ended before it had begun"
        time.sleep(0.002)
    worker.kill()
    worker.wait()
    done = counts()
    assert 0 < done[0] < 60, "killed in the middle"
    assert done == (done[0],) * 3
    assert climbing.advance(now=NOON) == 60 - done[0]
    assert counts() == (60, 60, 60)


def test_taking_on_in_the_moment_of_the_step_ends_one_way_or_the_other(climbs):
    """Either it was taken on first and nobody is told, or the step came first and the climb stops after it. Nobody waits for the other for ever."""
    few = climbs[:12]

    def work(number):
        if number:
            for climb in few:
                services.acknowledge(climb.alert, actor=ACTOR, now=NOON)
                handlers.follow_alert(AlertChanged(account_id=climb.alert.account_id, alert_id=climb.alert_id, state="acknowledged"), None)
        else:
            climbing.advance(now=NOON)
        connection.close()

    make.at_once(work, 2)
    climbing.advance(now=NOON)
    assert set(Climb.objects.filter(pk__in=[climb.pk for climb in few]).values_list("state", flat=True)) == {"acknowledged"}
    told = set(Notice.objects.values_list("alert", flat=True))
    taken = set(ClimbStep.objects.filter(done_at__isnull=False).values_list("climb__alert", flat=True))
    assert told == taken
    assert not NoticeSending.objects.filter(notice__alert__state="acknowledged", state="waiting").exists()


def test_several_senders_send_each_notice_once(climbs, peer):
    climbing.advance(now=NOON)

    def work(_):
        sending.advance(clock=lambda: NOON)
        connection.close()

    make.at_once(work, 3)
    assert (len(peer.mails), NoticeSending.objects.filter(state="sent").count()) == (60, 60)
    assert len({mail["Message-ID"] for mail in peer.mails}) == 60
