"""The life of a dry run: one at a time, stopped, begun again, ended with its words. The rehearsal itself is tested elsewhere."""

import sys
from datetime import timedelta
from types import ModuleType

import pytest

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.interventions import foretold, rehearsals
from apps.interventions.definition import Flaws
from apps.interventions.models import Rehearsal
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def play():
    return make.play(key="calls")


@pytest.fixture
def engine(monkeypatch):
    """A stand-in for the engine, which other tests hold to its word: here only the life around it counts."""
    module = ModuleType("apps.interventions.rehearsal")
    monkeypatch.setitem(sys.modules, "apps.interventions.rehearsal", module)

    def behave(rehearse):
        module.rehearse = rehearse

    return behave


def ask(play, now, **more):
    return rehearsals.ask(play, says=play.current.definition, actor=ACTOR, now=now, **more)


def work(row, now):
    ended = rehearsals.work(row.pk, clock=lambda: now)
    row.refresh_from_db()
    return ended


def test_a_dry_run_keeps_what_it_found(play, now, engine):
    row = ask(play, now)
    entered = foretold.Entered(7, now - timedelta(days=2), "treated", "k", "goal", now - timedelta(days=1), now - timedelta(days=1))
    line = foretold.Foreseen(7, entered.at, "treated", 0, "wait-1", "wait", entered.at, "Waiting 5 minutes.", fate_at=now)
    found = foretold.Foretold(row.since, row.until, (entered,), (line,), {"cooldown": 3}, {"email": 2}, {"quiet hours": 1}, 1, 10, 0.5)
    asked = {}

    def rehearse(says, *, play_key, since, until, progress):
        asked.update(says=says, play_key=play_key, since=since, until=until)
        progress(5, 5)
        return found

    engine(rehearse)
    assert work(row, now) == "done"
    assert (row.found, row.done, row.total, row.ended_at) == (found, 5, 5, now)
    assert asked == {"says": play.says, "play_key": "calls", "since": now - timedelta(days=90), "until": now}
    assert rehearsals.work(row.pk, clock=lambda: now) == ""


def test_who_asks_while_one_is_open_gets_that_one(play, now, engine):
    row = ask(play, now)
    assert ask(play, now + timedelta(minutes=1)) == row
    assert Rehearsal.objects.count() == 1


def test_flawed_words_and_endless_days_are_refused(play, now):
    with pytest.raises(Flaws):
        rehearsals.ask(play, says={"trigger": {"kind": "manual"}, "steps": []}, actor=ACTOR, now=now)
    with pytest.raises(Refused):
        ask(play, now, days=400)
    assert not Rehearsal.objects.exists()


def test_one_that_waits_is_stopped_at_once_and_never_begins(play, now, engine):
    row = ask(play, now)
    rehearsals.stop(row, now=now)
    assert work(row, now) == ""
    assert (row.state, row.error) == ("stopped", "Stopped before it began.")
    with pytest.raises(Refused):
        rehearsals.stop(row, now=now)


def test_one_at_work_stops_at_its_next_sign_of_life(play, now, engine):
    row = ask(play, now)

    def rehearse(says, *, progress, **_):
        rehearsals.stop(row, now=now)
        progress(10, 10)
        raise AssertionError("it went on")

    engine(rehearse)
    assert work(row, now) == "stopped"
    assert (row.error, row.result) == ("Stopped.", {})


def test_one_that_breaks_says_so_and_leaves_the_play_free(play, now, engine):
    row = ask(play, now)

    def rehearse(says, **_):
        raise ZeroDivisionError

    engine(rehearse)
    with pytest.raises(ZeroDivisionError):
        work(row, now)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "ZeroDivisionError" in row.error
    assert ask(play, now) != row


def test_one_whose_worker_died_begins_again_three_times_and_then_ends(play, now, engine):
    row = ask(play, now)
    for attempt in range(1, rehearsals.MOST_ATTEMPTS + 1):
        Rehearsal.objects.filter(pk=row.pk).update(state="running", attempts=attempt, beat_at=now)
        assert rehearsals.sweep(now=now + timedelta(minutes=1)) == 0
        assert rehearsals.sweep(now=now + timedelta(minutes=6)) == 1
        row.refresh_from_db()
        assert row.state == ("asked" if attempt < rehearsals.MOST_ATTEMPTS else "failed")


def test_a_worker_that_was_taken_for_dead_writes_nothing_more(play, now, engine):
    row = ask(play, now)

    def rehearse(says, *, progress, **_):
        Rehearsal.objects.filter(pk=row.pk).update(state="asked")
        progress(1, 1)

    engine(rehearse)
    assert work(row, now) == ""
    assert row.state == "asked"
