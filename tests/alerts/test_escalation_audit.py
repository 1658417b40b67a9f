"""The auditor: the workers that take the steps stand still for ten minutes, and by the real job functions people hear of it; then it drains."""

from datetime import timedelta

import pytest
from celery import current_app

from apps.accounts.types import Role
from apps.alerts import matters, services
from apps.alerts.escalation import auditing, climbing, policies
from apps.alerts.models import Alert, Climb, ClimbStep, EscalationPolicy, Notice, NoticeSending
from apps.core import clock
from apps.core.actor import Actor
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def head():
    return make.user(Role.ADMINISTRATOR, email="head@staff.test")


@pytest.fixture
def owner():
    return make.user(email="owner@staff.test")


@pytest.fixture
def alert(head, owner, now):
    EscalationPolicy.objects.all().delete()
    policies.prepare(now=now)
    matter = matters.Matter("risk", "1", "warning", "Riverside Dental is likely to leave", [], make.account(name="Riverside Dental", owner=owner))
    return services.open_alert(matter, actor=ACTOR, now=now)


def run(task, moment, monkeypatch):
    """The real job at a moment."""
    current_app.loader.import_default_modules()
    monkeypatch.setenv("CS_CLOCK_SHIFT", "0")
    shift = (moment - clock.now()).total_seconds()
    monkeypatch.setenv("CS_CLOCK_SHIFT", str(shift))
    return current_app.tasks[task].apply(throw=True).result


def alarm():
    return Alert.objects.filter(kind=matters.STUCK_ESCALATION).first()


def test_ten_minutes_without_workers_raise_an_alarm_that_reaches_the_head_and_then_all_drains(alert, head, owner, now, peer, monkeypatch):
    climbing.begin(alert, now=now)
    assert run("alerts.audit", now + timedelta(minutes=4), monkeypatch) == 0
    assert alarm() is None

    # Nobody takes steps; only the rounds run.
    assert run("alerts.audit", now + timedelta(minutes=10), monkeypatch) == 1
    raised = alarm()
    assert (raised.severity, raised.state) == ("urgent", "open")
    assert raised.why == [f"1 step is overdue; the oldest was due {now:%-d %b %H:%M} UTC: Riverside Dental is likely to leave"]
    # The auditor's own mail has left already, though those who send stand still too.
    assert [(mail["To"], mail["Subject"]) for mail in peer.mails] == [("head@staff.test", "Now: People are told of alerts late, or not at all")]

    # The workers are back: everything that was due is taken, once.
    assert run("alerts.escalate", now + timedelta(minutes=11), monkeypatch) >= 1
    assert run("alerts.send_notices", now + timedelta(minutes=11, seconds=5), monkeypatch) == 1
    assert peer.mails[-1]["To"] == "owner@staff.test"
    assert run("alerts.escalate", now + timedelta(minutes=12), monkeypatch) == 0
    assert NoticeSending.objects.exclude(state="sent").count() == 0
    # What came late is late still, and the alarm stays while it is fresh; then it settles by itself.
    assert run("alerts.audit", now + timedelta(minutes=15), monkeypatch) == 1
    assert Alert.objects.filter(kind=matters.STUCK_ESCALATION).count() == 1
    assert run("alerts.audit", now + timedelta(minutes=30), monkeypatch) == 0
    assert alarm().state == "resolved"
    assert Notice.objects.filter(user=head, alert=raised).count() == 1


def test_whoever_is_back_before_the_auditor_looked_is_found_all_the_same(alert, now, monkeypatch):
    climbing.begin(alert, now=now)
    run("alerts.escalate", now + timedelta(minutes=9), monkeypatch)
    words = "1 step was taken late, by up to 9 minutes: Riverside Dental is likely to leave"
    assert auditing.what_is_late(now=now + timedelta(minutes=10)) == [(1, words)]


def test_a_mail_that_fails_and_waits_for_its_next_try_is_no_alarm(alert, owner, now):
    climbing.begin(alert, now=now)
    climbing.advance(now=now)
    NoticeSending.objects.update(attempt=1)
    assert auditing.what_is_late(now=now + timedelta(hours=1)) == []
    NoticeSending.objects.update(attempt=0)
    assert auditing.what_is_late(now=now + timedelta(hours=1)) == [(1, "1 notice waits to be sent since more than 5 minutes.")]


def test_a_paused_or_ended_climb_is_never_late(alert, now):
    climb = climbing.begin(alert, now=now)
    climbing.pause(alert.pk, now=now)
    assert auditing.what_is_late(now=now + timedelta(days=1)) == []
    climbing.stop(alert.pk, "acknowledged", by="user:1", now=now)
    assert auditing.what_is_late(now=now + timedelta(days=1)) == []
    assert (Climb.objects.get(pk=climb.pk).state, ClimbStep.objects.filter(done_at=None).count()) == ("acknowledged", 1)
