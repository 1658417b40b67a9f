import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django_celery_beat.models import PeriodicTask
from waffle.models import Flag, Switch

from apps.accounts.models import User
from apps.core import flags
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import JobRun
from apps.events.vocabulary import AlertOpened, RiskRaised
from apps.interventions.models import Play
from cs_platform import schedule
from cs_platform.invariants import INVARIANTS, broken
from tests import make

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_prepare_creates_what_is_missing_and_says_so_once(monkeypatch):
    monkeypatch.setenv("ADMIN_EMAIL", "first@admin.test")
    monkeypatch.setenv("ADMIN_PASSWORD", "long-enough-word")
    said = run("prepare")
    assert f"created: {len(schedule.JOBS)} jobs; " in said
    assert "administrators first@admin.test" in said
    assert User.objects.get().is_superuser
    assert {task.task for task in PeriodicTask.objects.all()} >= {job.task for job in schedule.JOBS}
    assert Switch.objects.filter(active=True).count() == len(flags.CHANNELS) + 1
    assert Flag.objects.get(name="play.save-fading").everyone is True
    assert Play.objects.get(state="live").says.holdout_percent == 10
    assert run("prepare") == ""
    Switch.objects.all().delete()
    Flag.objects.filter(name="play.save-fading").delete()
    assert run("prepare") == f"created: {len(flags.CHANNELS) + 1} switches; flags play.save-fading\n"
    Switch.objects.all().delete()
    assert "channel.email, " in run("prepare", "--verbosity", "2")


def test_prepare_keeps_what_staff_changed():
    run("prepare")
    PeriodicTask.objects.filter(name="churn.score_all").update(enabled=False)
    Flag.objects.update(everyone=False)
    Switch.objects.update(active=False)
    run("prepare")
    assert PeriodicTask.objects.get(name="churn.score_all").enabled is False
    assert Flag.objects.get(name="play.save-fading").everyone is False
    assert not Switch.objects.filter(active=True).exists()


@pytest.mark.django_db(transaction=True)
def test_a_staff_edit_of_a_schedule_survives_a_start_of_beat():
    from celery import current_app
    from django_celery_beat.models import IntervalSchedule
    from django_celery_beat.schedulers import DatabaseScheduler

    run("prepare")
    slower, _ = IntervalSchedule.objects.get_or_create(every=30, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(name="events.sweep").update(interval=slower)
    scheduler = DatabaseScheduler(app=current_app)
    assert scheduler.schedule["events.sweep"].schedule.run_every == timedelta(seconds=30)
    assert PeriodicTask.objects.get(name="events.sweep").interval == slower


def test_prepare_refuses_a_short_password(monkeypatch):
    monkeypatch.setenv("ADMIN_EMAIL", "first@admin.test")
    monkeypatch.setenv("ADMIN_PASSWORD", "short")
    with pytest.raises(CommandError, match="10 characters or more"):
        run("prepare")
    assert not User.objects.exists()


def test_explain_event_prints_the_chain_with_actors(now):
    with transaction.atomic():
        cause = events.publish(
            RiskRaised(account_id=7, prediction_id=1, from_band="low", to_band="high", probability=0.6), actor=Actor.job("churn.score_stale"), now=now
        )
        effect = events.publish(AlertOpened(account_id=7, alert_id=3, severity="urgent"), actor=Actor.job("alerts.handlers"), now=now, cause=cause)
    lines = run("explain_event", str(effect.pk)).splitlines()
    assert lines[0].startswith(f"  #{cause.pk} risk.raised by job:churn.score_stale +0.000 s")
    assert lines[1].startswith(f">   #{effect.pk} alert.opened by job:alerts.handlers")
    assert "alert.opened" in run("explain_event", str(cause.pk))


def test_explain_event_of_nothing_says_so():
    with pytest.raises(CommandError, match="There is no event 99"):
        run("explain_event", "99")


def test_all_invariants_hold_on_a_used_database(now):
    account = make.account()
    make.activity(account, now, now + timedelta(hours=1))
    events.sweep(now=now + timedelta(hours=1))
    assert broken(now) == []
    assert json.loads(run("invariants", "--json").splitlines()[-1]) == {"checked": len(INVARIANTS), "broken": []}


def test_a_broken_rollup_is_named_and_the_command_fails(now):
    account = make.account()
    make.activity(account, now)
    events.sweep(now=now)
    with connection.cursor() as cursor:
        cursor.execute("update accounts_dailyrollup set count = 5")
    with pytest.raises(CommandError, match="1 of"):
        run("invariants", "--json")
    assert [(entry["name"], entry["rows"], entry["first"]) for entry in broken(now)] == [("rollups_equal_events", 1, [account.pk])]


def test_a_message_to_someone_who_said_no_is_found(now):
    person = make.contact(make.account())
    person.consents.create(channel="email", topic="success", allowed=False, source="test", at=now - timedelta(days=1))
    make.message(person, now=now, state="sent", claimed_at=now, sent_at=now)
    assert {entry["name"] for entry in broken(now)} == {"sent_without_consent", "sent_without_attempt"}


def test_the_events_page_is_what_the_vocabulary_and_the_wiring_say():
    call_command("document_events", "--check")


def test_run_cycle_runs_what_is_due_at_that_moment(now):
    run("prepare")
    said = json.loads(run("run_cycle", "--now", "2026-03-11T12:00:00Z", "--json").splitlines()[-1])
    assert said["now"] == "2026-03-11T12:00:00+00:00"
    assert set(said["jobs"]) == {job.task for job in schedule.JOBS}
    JobRun.objects.update_or_create(name="churn.score_all", defaults={"last_success_at": now - timedelta(hours=1)})
    again = json.loads(run("run_cycle", "--now", "2026-03-11T12:00:00Z", "--json").splitlines()[-1])
    assert "churn.score_all" not in again["jobs"]


def test_run_cycle_refuses_a_moment_it_cannot_read():
    with pytest.raises(CommandError, match="Write 2026-03-01"):
        run("run_cycle", "--now", "soon")
