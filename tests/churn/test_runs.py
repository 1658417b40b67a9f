"""The life of a training: asked for once, worked on in sight, stopped, begun again, ended with its reason and an alert when it failed."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from apps.alerts.models import Alert
from apps.churn import runs, services, training
from apps.churn.models import ModelVersion, TrainingRun
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from tests.churn import worlds

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)
PERSON = Actor("user", "7")


@pytest.fixture
def definition(now):
    return services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)


def ended():
    return [(event.payload["state"], event.actor) for event in Event.objects.filter(type="training.ended").order_by("pk")]


def broken(error):
    def train(*args, report, **named):
        report("Learning from the earlier dates", 0.4)
        raise error

    return train


def test_two_asks_are_one_training(definition, now):
    first = runs.ask_for_training(definition, actor=PERSON, now=now)
    second = runs.ask_for_training(definition, why="because of drift", actor=ACTOR, now=now + DAY)

    assert second == first
    assert list(TrainingRun.objects.values_list("state", "asked_by", "why", "as_of")) == [("queued", "user:7", "on demand", now)]
    with pytest.raises(Refused, match="is learning already, asked for by user:7"):
        runs.train_here(definition, as_of=now, actor=ACTOR, clock=lambda: now)


def test_a_training_is_seen_at_work_and_ends_with_its_version_and_reason(definition, now, monkeypatch):
    worlds.company(now.date())
    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    later, seen = now + timedelta(minutes=2), []
    real = training.gather

    def gather(*args, **named):
        seen.append(TrainingRun.objects.values_list("state", "step", "done", "beat_at", "attempts").get())
        return real(*args, **named)

    monkeypatch.setattr(training, "gather", gather)

    words = runs.work(run.pk, clock=lambda: later)

    (state, step, done, beat_at, attempts), *_ = seen
    assert (state, done, beat_at, attempts) == ("running", 0.0, later, 1)
    assert step
    run.refresh_from_db()
    assert (run.state, run.done, run.ended_at, run.result) == ("done", 1.0, later, words)
    assert words.startswith("Put to work.")
    assert run.version == definition.versions.get(is_live=True)
    assert run.version.metrics["asked_by"] == "user:7"
    assert ended() == [("done", "user:7")]
    assert runs.work(run.pk, clock=lambda: later) == "", "a repeated task finds nothing to do"


def test_too_little_history_is_refused_and_the_rule_goes_on(definition, now):
    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    runs.work(run.pk, clock=lambda: now)
    run.refresh_from_db()
    assert (run.state, run.version) == ("refused", None)
    assert run.result.startswith("Too little history for a model")
    assert not Alert.objects.exists()


def test_a_waiting_training_stops_at_once_and_one_at_work_before_its_next_stage(definition, now, monkeypatch):
    waiting = runs.ask_for_training(definition, actor=PERSON, now=now)
    runs.stop(waiting, actor=PERSON, now=now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.result) == ("cancelled", "Stopped by user:7 before it began.")
    assert runs.work(waiting.pk, clock=lambda: now) == ""

    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    before = ModelVersion.objects.count()
    real = training.gather

    def gather(*args, **named):
        runs.stop(run, actor=PERSON, now=now)
        return real(*args, **named)

    worlds.company(now.date())
    monkeypatch.setattr(training, "gather", gather)
    runs.work(run.pk, clock=lambda: now)

    run.refresh_from_db()
    assert run.state == "cancelled"
    assert "Nothing was stored." in run.result
    assert ModelVersion.objects.count() == before
    assert ended() == [("cancelled", "user:7"), ("cancelled", "user:7")]
    with pytest.raises(Refused, match="is over"):
        runs.stop(run, actor=PERSON, now=now)


def test_what_leaving_means_may_change_while_it_learns_and_then_nothing_is_stored(definition, now, monkeypatch):
    worlds.company(now.date())
    real = training.gather

    def gather(*args, **named):
        services.define(name="leaving", kind="cancelled", horizon_days=60, now=now)
        return real(*args, **named)

    monkeypatch.setattr(training, "gather", gather)
    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    assert "what leaving means was changed" in runs.work(run.pk, clock=lambda: now)
    assert set(ModelVersion.objects.values_list("kind", flat=True)) == {"rule"}


def test_a_training_that_breaks_fails_with_an_alert_that_the_next_good_one_settles(definition, now, monkeypatch):
    monkeypatch.setattr(training, "train", broken(ValueError("no")))
    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    with pytest.raises(ValueError, match="no"):
        runs.work(run.pk, clock=lambda: now)
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.result.startswith("It broke at “Learning from the earlier dates” (ValueError).")
    events.sweep(now=now)
    alert = Alert.objects.get(kind="failed_training")
    assert alert.title == "The churn model of leaving could not be trained"
    assert alert.why[0] == run.result

    monkeypatch.undo()
    runs.work(runs.ask_for_training(definition, actor=PERSON, now=now + DAY).pk, clock=lambda: now + DAY)
    events.sweep(now=now + DAY)
    alert.refresh_from_db()
    assert alert.state == "resolved"


@pytest.mark.django_db(transaction=True)
def test_an_interrupt_in_the_middle_of_a_statement_has_its_last_word_written(definition, now):
    def interrupted(step, done):
        # The statement is sent and its answer not yet read, as where a signal falls between the two.
        connection.ensure_connection()
        connection.connection.pgconn.send_query(b"select 1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.train_here(definition, as_of=now, actor=ACTOR, clock=lambda: now, watch=interrupted)
    run = TrainingRun.objects.get()
    assert run.state == "cancelled"
    assert run.result.startswith("Stopped at the keyboard during ")


def lose_worker(run, now):
    """As if its process had gone at `now`."""
    TrainingRun.objects.filter(pk=run.pk).update(state="running", attempts=run.attempts + 1, beat_at=now, step="Learning from everything", done=0.8)
    run.refresh_from_db()


def test_a_training_whose_worker_died_begins_again_and_fails_after_three_attempts(definition, now):
    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    lease = timedelta(seconds=settings.TRAINING_LEASE_SECONDS)
    for attempt in (1, 2):
        lose_worker(run, now)
        assert runs.sweep(now=now + lease) == 0, "a beat of just now is a sign of life"
        now += lease + timedelta(seconds=1)
        assert runs.sweep(now=now) == 1
        run.refresh_from_db()
        assert (run.state, run.attempts, run.done) == ("queued", attempt, 0)
        assert run.step == "Begins again: its worker died at “Learning from everything”"
    lose_worker(run, now)
    now += lease + timedelta(seconds=1)
    runs.sweep(now=now)
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.result.startswith("Its worker died 3 times, the last time at “Learning from everything”.")
    events.sweep(now=now)
    assert Alert.objects.get().kind == "failed_training"


def test_a_worker_that_was_only_slow_stores_nothing_once_another_has_begun(definition, now, monkeypatch):
    worlds.company(now.date())
    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    real = training.gather

    def gather(*args, **named):
        lease = timedelta(seconds=settings.TRAINING_LEASE_SECONDS + 1)
        runs.sweep(now=now + lease)
        TrainingRun.objects.filter(pk=run.pk).update(state="running", attempts=2, beat_at=now + lease)
        return real(*args, **named)

    monkeypatch.setattr(training, "gather", gather)
    assert runs.work(run.pk, clock=lambda: now) == "It was taken for dead and begun again elsewhere."
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("running", 2), "the run belongs to the other worker"
    assert set(ModelVersion.objects.values_list("kind", flat=True)) == {"rule"}


def test_a_worker_that_died_after_the_version_was_stored_has_done_its_work(definition, now):
    worlds.company(now.date())
    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    lose_worker(run, now)
    services.train(definition, as_of=now, now=now, actor=PERSON)
    runs.sweep(now=now + DAY)
    run.refresh_from_db()
    assert (run.state, run.version) == ("done", definition.versions.get(is_live=True))
    assert ModelVersion.objects.count() == 2


def test_a_dead_worker_of_a_stopped_training_is_the_end_of_it(definition, now):
    run = runs.ask_for_training(definition, actor=PERSON, now=now)
    lose_worker(run, now)
    runs.stop(run, actor=PERSON, now=now)
    runs.sweep(now=now + DAY)
    run.refresh_from_db()
    assert (run.state, run.result) == ("cancelled", "Stopped; its worker had died.")


def test_a_lost_nudge_is_repeated(definition, now, django_capture_on_commit_callbacks):
    runs.ask_for_training(definition, actor=PERSON, now=now)
    with django_capture_on_commit_callbacks() as nudges:
        assert runs.sweep(now=now) == 0
        assert runs.sweep(now=now + DAY) == 1
    assert len(nudges) == 1


def test_every_definition_learns_anew_after_its_days(definition, now, settings):
    settings.CHURN_RETRAIN_DAYS = 14
    services.define(name="silent", kind="inactive", horizon_days=30, inactive_days=30, make_default=False, now=now)
    assert runs.ask_for_due(now=now) == 2
    assert set(TrainingRun.objects.values_list("definition__name", "why", "asked_by")) == {
        ("leaving", "by schedule", "job:churn.retrain"),
        ("silent", "by schedule", "job:churn.retrain"),
    }
    for run in TrainingRun.objects.all():
        runs.work(run.pk, clock=lambda: now)
    assert runs.ask_for_due(now=now + 13 * DAY) == 0
    runs.ask_for_training(definition, actor=PERSON, now=now + 13 * DAY)
    assert runs.ask_for_due(now=now + 14 * DAY) == 1
    assert TrainingRun.objects.filter(state="queued").count() == 2
