import time
from datetime import UTC, datetime

import pytest
import time_machine
from celery import Celery
from django.db import connection
from django.test.utils import CaptureQueriesContext
from waffle.models import Flag, Switch

from apps.core import clock, flags, jobs, shares, statements


def test_shares_are_stable_uniform_and_independent_between_salts():
    first = [shares.position("a", key) for key in range(4000)]
    assert first == [shares.position("a", key) for key in range(4000)]
    tenth = [sum(low / 10 <= value < (low + 1) / 10 for value in first) for low in range(10)]
    assert all(330 < count < 470 for count in tenth)
    both = sum(value < 0.5 and shares.position("b", key) < 0.5 for key, value in enumerate(first))
    assert 900 < both < 1100


def test_the_clock_can_be_shifted_for_a_whole_process(monkeypatch):
    with time_machine.travel(datetime(2026, 3, 11, tzinfo=UTC), tick=False):
        monkeypatch.setenv("CS_CLOCK_SHIFT", "3600")
        assert clock.now() == datetime(2026, 3, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T14:30:00Z", datetime(2026, 3, 1, 14, 30, tzinfo=UTC)),
        ("2026-03-01T14:30:00+01:00", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
    ],
)
def test_dates_from_a_command_line(words, moment):
    assert clock.read(words) == moment


@pytest.mark.parametrize("words", ["yesterday", "2026-13-01", "", "2026-02-30"])
def test_a_wrong_date_says_what_was_expected(words):
    with pytest.raises(ValueError, match="Write 2026-03-01"):
        clock.read(words)


@pytest.mark.django_db(transaction=True)
def test_a_play_reaches_the_share_of_accounts_that_its_flag_names():
    flag = Flag.objects.create(name="play.p", everyone=None, percent="25.0")
    reached = {account for account in range(2000) if flags.play_reaches("p", account)}
    assert 420 < len(reached) < 580
    flag.percent = "50.0"
    flag.save()
    assert reached < {account for account in range(2000) if flags.play_reaches("p", account)}, "a wider rollout keeps who was in"


@pytest.mark.django_db
@pytest.mark.parametrize(("everyone", "reached"), [(True, True), (False, False)])
def test_a_flag_for_everyone_or_nobody(everyone, reached):
    Flag.objects.create(name="play.p", everyone=everyone, percent="50.0")
    assert {flags.play_reaches("p", account) for account in range(50)} == {reached}


@pytest.mark.django_db
def test_a_play_without_a_flag_reaches_nobody():
    assert flags.play_reaches("unheard-of", 1) is False


@pytest.mark.django_db(transaction=True)
def test_a_kill_switch_closes_its_channel():
    switch = Switch.objects.create(name="channel.email", active=True)
    Switch.objects.create(name="channel.in_app", active=True)
    assert flags.open_channels() == ["email", "in_app"]
    switch.active = False
    switch.save()
    assert flags.open_channels() == ["in_app"]


def test_a_broker_that_is_down_costs_one_log_line_and_no_exception(settings, caplog, monkeypatch):
    dead = Celery("dead", broker="redis://127.0.0.1:1/0", set_as_current=False)
    dead.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(jobs, "current_app", dead)
    monkeypatch.setattr(jobs, "_paused_until", 0.0)
    began = time.monotonic()
    for _ in range(50):
        jobs.nudge("events.deliver", [1])
    assert time.monotonic() - began < 4
    assert caplog.text.count("the sweep will find the row") == 1


@pytest.mark.django_db
def test_a_hot_statement_is_planned_once_per_connection():
    hot = "select %(number)s::bigint + 1 as planned_once"
    assert [statements.prepared(hot, {"number": number}) for number in (1, 2, 3)] == [(2,), (3,), (4,)]
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%planned\\_once'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_a_hot_statement_of_several_rows_is_one_plan_whatever_the_size_of_its_numbers():
    hot = "select n as hot_row, %(until)s as until, '100 %%' as share from generate_series(%(since)s::bigint, %(until)s) n order by n"
    assert statements.prepared_table(hot, {"since": 1, "until": 2}) == (["hot_row", "until", "share"], [(1, 2, "100 %"), (2, 2, "100 %")])
    assert statements.prepared_table(hot, {"since": 5_000_000_000, "until": 5_000_000_000})[1] == [(5_000_000_000, 5_000_000_000, "100 %")]
    with CaptureQueriesContext(connection) as asked:
        assert statements.prepared_table(hot, {"since": 1, "until": 1})[1] == [(1, 1, "100 %")]
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%hot\\_row%'")
        assert cursor.fetchone() == (1,)
