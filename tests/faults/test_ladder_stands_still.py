"""The ladder of alerts with real workers: ten minutes without any, the auditor's alarm, a worker killed in the middle, then all drains once."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from django.db import connection

from apps.accounts.types import Role
from apps.alerts import matters
from apps.alerts.models import Alert, ClimbStep, Notice, NoticeSending
from apps.core import clock
from apps.core.jobs import nudge
from tests import make
from tests.alerts.conftest import peer  # noqa: F401  (a fixture)
from tests.faults.crew import Crew
from tests.faults.environment import TIMES, next_working_noon


@pytest.mark.fault
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_ten_minutes_without_workers_raise_the_alarm_and_then_all_drains_once(monkeypatch, tmp_path, peer, settings):  # noqa: F811
    """40 alerts are at their first step and nobody takes it."""
    current_app.loader.import_default_modules()
    noon = next_working_noon(datetime.now(UTC))
    monkeypatch.setenv("CS_CLOCK_SHIFT", str(noon))
    head, owner = make.user(Role.ADMINISTRATOR, email="head@staff.test"), make.user(email="owner@staff.test")
    now = clock.now()
    policy, account = make.policy(now=now), make.account(owner=owner)
    alerts = [make.alert(account, now=now) for _ in range(40)]
    for alert in alerts:
        make.alert_climb(alert, now=now, policy=policy)

    monkeypatch.setenv("CS_CLOCK_SHIFT", str(noon + timedelta(minutes=10).total_seconds()))
    assert current_app.tasks["alerts.audit"].apply(throw=True).result == 40
    alarm = Alert.objects.get(kind=matters.STUCK_ESCALATION)
    assert (alarm.severity, [mail["To"] for mail in peer.mails]) == ("urgent", [head.email])

    database = os.environ["DATABASE_URL"].replace("/cs?", f"/{connection.settings_dict['NAME']}?")
    mail = {"EMAIL_HOST": settings.EMAIL_HOST, "EMAIL_PORT": str(settings.EMAIL_PORT)}
    crew = Crew(1, tmp_path / "workers.log", **{**TIMES, **mail, "DATABASE_URL": database, "LOG_LEVEL": "ERROR"})
    try:
        crew.fill()
        deadline = time.monotonic() + 200
        while NoticeSending.objects.filter(notice__alert__in=alerts, state="sent").count() < 40:
            assert time.monotonic() < deadline, (tmp_path / "workers.log").read_text()[-2000:]
            nudge("alerts.escalate")
            nudge("alerts.send_notices")
            if not crew.kills and len(peer.mails) > 5:
                crew.kill_one()
                # The lease of whoever died runs out.
                NoticeSending.objects.filter(state="sending").update(lease_until=now)
            nudge("alerts.sweep_notices")
            crew.fill()
            time.sleep(0.3)
    finally:
        crew.dismiss()
    assert ClimbStep.objects.filter(kind="notify", done_at__isnull=False).count() == 40
    assert Notice.objects.filter(user=owner).count() == 40
    sent = [mail["Message-ID"] for mail in peer.mails if mail["To"] == owner.email]
    # Whoever was killed may have handed one over and not recorded it: it went again under the same Message-ID.
    assert len(set(sent)) == 40
    assert len(sent) <= 41
