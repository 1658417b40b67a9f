"""Trainings in processes of their own, hurt in the middle: what scores goes on, nothing half-made stays, the training ends all the same."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection

from apps.alerts.models import Alert
from apps.churn import runs, services
from apps.churn.models import ModelVersion, TrainingRun
from apps.churn.selectors import live_model
from apps.core import clock
from apps.core.actor import Actor
from apps.core.jobs import nudge
from tests.churn import worlds
from tests.faults.crew import Crew

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
ACTOR = Actor.job("test")
LEASE = 3


@pytest.fixture
def outside(settings):
    """What a process of its own needs to stand on this test's database."""
    settings.TRAINING_LEASE_SECONDS = LEASE
    database = os.environ["DATABASE_URL"].replace("/cs?", f"/{connection.settings_dict['NAME']}?")
    return {"DATABASE_URL": database, "TRAINING_LEASE_SECONDS": str(LEASE), "LOG_LEVEL": "ERROR"}


@pytest.fixture
def definition():
    now = clock.now()
    worlds.company(now.date())
    return services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)


def until(true, seconds=120, then=lambda: None):
    """Patience only: it ends as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, list(TrainingRun.objects.values())
        then()
        time.sleep(0.05)


def test_a_killed_training_leaves_the_champion_alone_and_ends_with_another_worker(outside, definition, tmp_path):
    first = live_model(definition)
    run = runs.ask_for_training(definition, actor=ACTOR, now=clock.now())
    row = TrainingRun.objects.filter(pk=run.pk)
    crew = Crew(1, tmp_path / "workers.log", **outside)
    try:
        crew.fill()
        until(lambda: row.filter(state="running", done__gte=0.3).exists(), then=lambda: nudge("churn.train", run.pk))
        crew.kill_one()
        assert row.values_list("state", "attempts").get() == ("running", 1), "killed in the middle"
        assert list(ModelVersion.objects.all()) == [first]
        now = clock.now()
        assert services.score_all(as_of=now, now=now, actor=ACTOR) > 0

        crew.fill()
        until(lambda: runs.sweep(now=clock.now()) == 1)
        until(lambda: row.filter(ended_at__isnull=False).exists(), then=lambda: nudge("churn.train", run.pk))
        run.refresh_from_db()
        assert (run.state, run.attempts, run.version) == ("done", 2, live_model(definition)), run.result
        assert ModelVersion.objects.count() == 2

        again = runs.ask_for_training(definition, actor=ACTOR, now=clock.now() + timedelta(seconds=1))
        row = TrainingRun.objects.filter(pk=again.pk)
        until(lambda: row.filter(state="running").exists(), then=lambda: nudge("churn.train", again.pk))
        runs.stop(again, actor=ACTOR, now=clock.now())
        until(lambda: row.filter(state="cancelled").exists())
        assert ModelVersion.objects.count() == 2
        assert not Alert.objects.filter(kind="failed_training").exists()
    finally:
        crew.dismiss()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_the_command_with_one_line_and_nothing_stored(how, outside, definition):
    command = [sys.executable, "manage.py", "train_churn", "--json"]
    # What runs in the background of a script is deaf to Ctrl-C from birth; this one is not.
    child = subprocess.Popen(
        command,
        env={**os.environ, **outside},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until(lambda: TrainingRun.objects.filter(state="running", done__gte=0.3).exists())
    child.send_signal(how)
    said, complained = child.communicate(timeout=120)
    assert child.returncode == 130, complained
    assert said == ""
    assert complained.splitlines() == ["CommandError: Stopped. Nothing was stored, what scored before goes on."]
    run = TrainingRun.objects.get()
    assert (run.state, run.asked_by) == ("cancelled", "job:command.train_churn")
    assert run.result.startswith("Stopped at the keyboard during ")
    assert str(live_model(definition)) == "rule v1"
