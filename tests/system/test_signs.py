"""What each vital sign says, from rows as they stand in the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.core.jobs import nudge
from apps.dashboards.system import jobs, processes, providers, queues, read_models, registry, store
from apps.dashboards.system.types import State
from apps.events import services as events
from apps.events.models import Heartbeat, JobRun
from apps.events.types import ProcessKind
from apps.messaging.models import ProviderHealth
from tests import make

pytestmark = pytest.mark.django_db
QUEUES = ["celery", "messages", "webhooks", "rounds"]


def lives(name, kind, *, at, since=None, queues=(), **says):
    events.heartbeats.beat(name, kind, host="here", pid=1, started_at=since or at - timedelta(hours=1), now=at, queues=queues, says=says)


def all_live(now, *, since=None):
    lives("web", ProcessKind.WEB, at=now, since=since, sockets=3)
    lives("beat", ProcessKind.BEAT, at=now, since=since)
    lives("worker", ProcessKind.WORKER, at=now, since=since, queues=QUEUES, hands=2, busy=1, doing=[])
    # The dead rows that other tests rolled back or cleared away are no sign of this house.
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_reset()")


def signs(check, now):
    return {vital.key: vital for vital in check(now)}


def test_all_is_well_while_everybody_shows_that_they_live(now):
    all_live(now)
    found = signs(processes.processes, now)
    assert {vital.state for vital in found.values()} == {State.OK}
    assert found["workers-celery"].says == "1 of 2 hands busy"
    assert found["web"].says == "1 process, 3 open pages"


def test_a_worker_that_is_silent_for_longer_than_the_limit_has_stopped_since_its_last_sign(now):
    all_live(now)
    later = now + timedelta(seconds=9)
    lives("web", ProcessKind.WEB, at=later, since=now - timedelta(hours=1))
    lives("beat", ProcessKind.BEAT, at=later)
    found = signs(processes.processes, later)
    assert found["beat"].state == State.OK
    assert [found[f"workers-{queue}"].state for queue in QUEUES] == [State.STOPPED] * 4
    assert found["workers-celery"].since == now


def test_a_worker_that_was_asked_to_stop_is_missed_at_once_where_it_was_the_only_one(now):
    all_live(now)
    events.heartbeats.farewell("worker", now=now)
    assert signs(processes.processes, now)["workers-rounds"].state == State.STOPPED


def test_a_worker_that_was_asked_to_stop_is_not_missed_where_others_go_on(now):
    all_live(now)
    lives("second", ProcessKind.WORKER, at=now, queues=QUEUES)
    events.heartbeats.farewell("worker", now=now)
    assert signs(processes.processes, now)["workers-celery"].state == State.OK


def test_one_of_two_workers_that_falls_silent_is_slow_and_named(now):
    all_live(now)
    lives("second", ProcessKind.WORKER, at=now - timedelta(minutes=1), queues=["celery"])
    found = signs(processes.processes, now)["workers-celery"]
    assert found.state == State.SLOW
    assert found.why.startswith("second has fallen silent; 1 of 2 go on.")


def test_two_clocks_are_one_too_many(now):
    all_live(now)
    lives("beat@other", ProcessKind.BEAT, at=now)
    assert signs(processes.processes, now)["beat"].state == State.SLOW


def test_what_has_never_been_seen_is_not_missed_while_the_product_wakes_up_and_missed_afterwards(now):
    lives("web", ProcessKind.WEB, at=now, since=now - timedelta(seconds=20))
    assert signs(processes.processes, now)["beat"].state == State.UNKNOWN
    later = now + timedelta(seconds=40)
    lives("web", ProcessKind.WEB, at=later, since=now - timedelta(seconds=20))
    assert signs(processes.processes, later)["beat"].state == State.STOPPED


def test_what_stopped_yesterday_is_not_missed_in_the_first_seconds_after_a_start(now):
    all_live(now - timedelta(days=1))
    lives("web", ProcessKind.WEB, at=now, since=now - timedelta(seconds=5))
    assert signs(processes.processes, now)["workers-celery"].state == State.UNKNOWN


def test_where_nobody_watches_nothing_is_known(now):
    assert {vital.state for vital in processes.processes(now)} == {State.UNKNOWN}


def test_old_rows_of_processes_are_forgotten_but_the_newest_of_each_kind_stays(now):
    all_live(now - timedelta(days=3))
    lives("older", ProcessKind.WORKER, at=now - timedelta(days=4))
    lives("web", ProcessKind.WEB, at=now)
    assert events.heartbeats.forget(now=now) == 1
    assert sorted(Heartbeat.objects.values_list("name", flat=True)) == ["beat", "web", "worker"]


@pytest.fixture
def sweep(db):
    interval, _ = IntervalSchedule.objects.get_or_create(every=60, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.all().delete()
    return PeriodicTask.objects.create(name="events.seal", task="events.seal", interval=interval, description="Seal the history")


def test_a_job_that_missed_its_turns_though_clock_and_workers_live_has_stopped(sweep, now):
    all_live(now)
    JobRun.objects.create(name="events.seal", last_started_at=now - timedelta(minutes=4), last_success_at=now - timedelta(minutes=4))
    found = signs(jobs.jobs, now)["job-events.seal"]
    assert found.state == State.STOPPED
    assert found.why == "It should run every 1 min and has not for 4 min."
    assert found.since == now - timedelta(minutes=4)


def test_a_job_is_not_late_before_its_clock_has_been_back_for_its_turns(sweep, now):
    all_live(now, since=now - timedelta(minutes=2))
    JobRun.objects.create(name="events.seal", last_success_at=now - timedelta(days=4))
    assert signs(jobs.jobs, now)["job-events.seal"].state == State.OK


def test_a_daily_job_is_missed_though_the_clock_is_started_anew_every_day(sweep, now):
    all_live(now, since=now - timedelta(hours=3))
    IntervalSchedule.objects.update(every=1, period=IntervalSchedule.DAYS)
    JobRun.objects.create(name="events.seal", last_success_at=now - timedelta(days=3))
    assert signs(jobs.jobs, now)["job-events.seal"].state == State.STOPPED


def test_a_job_that_is_new_is_not_due_yet(sweep, now):
    all_live(now)
    PeriodicTask.objects.update(date_changed=now - timedelta(seconds=20))
    found = signs(jobs.jobs, now)["job-events.seal"]
    assert (found.state, found.says) == (State.OK, "not due yet")


def test_a_job_that_was_never_run_is_late_too(sweep, now):
    all_live(now)
    PeriodicTask.objects.update(date_changed=now - timedelta(hours=1))
    assert signs(jobs.jobs, now)["job-events.seal"].state == State.STOPPED


def test_a_job_whose_clock_has_stopped_is_not_told_of_by_itself(sweep, now):
    all_live(now)
    events.heartbeats.farewell("beat", now=now)
    assert signs(jobs.jobs, now)["job-events.seal"].state == State.UNKNOWN


def test_a_job_whose_last_run_failed_says_with_what(sweep, now):
    all_live(now)
    JobRun.objects.create(
        name="events.seal", last_success_at=now - timedelta(seconds=90), last_failure_at=now - timedelta(seconds=30), last_error="KeyError('x')"
    )
    found = signs(jobs.jobs, now)["job-events.seal"]
    assert (found.state, found.why) == (State.SLOW, "Its last run failed: KeyError('x')")


def test_a_job_switched_off_by_staff_is_not_missed(sweep, now):
    all_live(now)
    PeriodicTask.objects.update(enabled=False)
    assert jobs.jobs(now) == []


def test_a_job_keeps_its_last_thirty_durations_and_no_more(now):
    for number in range(35):
        events.record_start("events.seal", now=now)
        events.record_success("events.seal", now=now, seconds=number, result="")
    events.record_failure("events.seal", now=now, error="no")
    run = JobRun.objects.get()
    assert run.recent == [float(number) for number in range(34, 4, -1)]
    assert (run.runs, run.failures, run.total_seconds) == (36, 1, sum(range(35)))


def test_due_events_are_counted_with_the_age_of_the_oldest(now):
    account = make.account()
    make.alert(account, now=now)
    found = signs(queues.rows, now)
    assert found["deliveries"].says == "none waits"
    with connection.cursor() as cursor:
        cursor.execute("insert into events_event (type, subject, payload, actor, at) values ('x', 'y', '{}', 'z', %s) returning id", [now])
        (event,) = cursor.fetchone()
    from apps.events.models import Delivery

    for seconds in (10, 400):
        Delivery.objects.create(event_id=event, handler=f"h{seconds}", due_at=now - timedelta(seconds=seconds))
    found = signs(queues.rows, now)
    assert found["deliveries"].says == "2 wait, the oldest for 6 min"
    assert found["deliveries"].state == State.STOPPED
    assert queues.waiting_words(list(found.values())) == "Nothing is lost: 2 events wait."


def test_figures_behind_their_facts_are_told_with_their_age(now):
    account = make.account()
    make.risk(account, now=now, probability=0.5)
    from apps.churn.models import AccountRisk

    AccountRisk.objects.update(stale_since=now - timedelta(minutes=2))
    found = signs(read_models.read_models, now)
    assert found["read-risk"].says == "1 account behind, the oldest for 2 min"
    assert found["read-risk"].state == State.SLOW
    assert found["read-health"].state == State.OK


def test_a_channel_whose_only_carrier_rests_has_stopped(now):
    ProviderHealth.objects.create(
        provider="smtp", failures=6, rests_until=now + timedelta(seconds=30), last_trouble="421: busy", last_trouble_at=now - timedelta(seconds=5)
    )
    found = signs(providers.providers, now)["channel-email"]
    assert found.state == State.STOPPED
    assert found.why == "smtp rests after 6 troubles, the last: 421: busy. Messages wait."
    assert found.since == now - timedelta(seconds=5)


def test_valkey_answers_and_queues_are_empty(now):
    found = signs(queues.broker, now)
    assert found["valkey"].state == State.OK
    assert found["queue-celery"].says == "none waits"


def test_tasks_that_wait_behind_others_are_counted_in_their_queue(now):
    nudge("churn.score_stale")
    nudge("churn.score_stale", patient=True)
    found = signs(queues.broker, now)["queue-celery"]
    assert found.says.startswith("2 wait, the oldest for ")
    assert (found.about["depth"], found.state) == (2, State.OK)


def test_a_valkey_that_is_away_is_stopped_since_it_was_first_missed(now, settings):
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    queues._client.cache_clear()
    try:
        queues.broker(now)
        found = signs(queues.broker, now + timedelta(seconds=3))
        assert (found["valkey"].state, found["valkey"].since) == (State.STOPPED, now)
    finally:
        settings.VALKEY_URL = ""
        queues._client.cache_clear()


def test_the_backup_is_as_old_as_the_file_that_it_touches(now, settings, tmp_path):
    settings.BACKUP_MARK = ""
    assert signs(store.backup, now)["backup"].state == State.UNKNOWN
    settings.BACKUP_MARK = str(tmp_path / "good")
    assert signs(store.backup, now)["backup"].state == State.STOPPED
    (tmp_path / "good").touch()
    assert signs(store.backup, now)["backup"].state == State.OK


def test_a_check_that_breaks_is_a_sign_itself_and_hides_no_other(now):
    def broken(now):
        with connection.cursor() as cursor:
            cursor.execute("select 1/0")

    found = registry.look(now, (broken, store.disk))
    assert [(vital.key, vital.state) for vital in found] == [("check-broken", State.UNKNOWN), ("disk", State.OK)]


def test_all_signs_together_have_keys_of_their_own(now):
    all_live(now)
    keys = [vital.key for vital in registry.look(now)]
    assert len(keys) == len(set(keys))
    assert not [key for key in keys if key.startswith("check-")]
