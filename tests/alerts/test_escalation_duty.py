"""The on-duty calendar: turns by the wall clock of the rota's zone, and people who stand in."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from apps.alerts.escalation import rotas
from apps.alerts.models import DutyOverride
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def people():
    return [make.user(), make.user(), make.user()]


@pytest.fixture
def rota(people, now):
    """A week each from Monday, 9 March 2026, 9:00 in Berlin."""
    return rotas.write(
        None,
        key="weekly",
        name="Weekly watch",
        team=None,
        zone="Europe/Berlin",
        starts_on=date(2026, 3, 9),
        handover_at=time(9),
        turn_days=7,
        order=people,
        now=now,
    )


def at(day, hour, minute=0, month=3):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_turns_are_handed_over_at_the_same_time_on_the_wall_all_year(rota, people):
    """9:00 in Berlin is 8:00 UTC before Sunday, 29 March, and 7:00 UTC after it."""
    first, second, third = people
    assert rotas.on_duty(rota, at=at(9, 7, 59)) is None
    assert [rotas.on_duty(rota, at=moment) for moment in (at(9, 8), at(16, 7, 59), at(16, 8), at(23, 8), at(30, 6, 59), at(30, 7))] == [
        *(first, first, second, third, third, first),
    ]


def test_who_stands_in_counts_and_the_last_word_wins(rota, people, now):
    first, second, third = people
    rotas.stand_in(rota, user=second, starts_at=at(12, 0), ends_at=at(14, 0), why="Away", actor=ACTOR, now=now)
    rotas.stand_in(rota, user=third, starts_at=at(13, 0), ends_at=at(13, 12), why="", actor=ACTOR, now=now + timedelta(hours=1))
    shifts = rotas.shifts(rota, start=at(11, 0), end=at(18, 0))
    assert [(one.user, one.starts_at, one.ends_at) for one in shifts] == [
        (first, at(11, 0), at(12, 0)),
        (second, at(12, 0), at(13, 0)),
        (third, at(13, 0), at(13, 12)),
        (second, at(13, 12), at(14, 0)),
        (first, at(14, 0), at(16, 8)),
        (second, at(16, 8), at(18, 0)),
    ]
    assert [rotas.on_duty(rota, at=one.starts_at) for one in shifts] == [one.user for one in shifts]


def test_who_left_has_no_turns(rota, people):
    first, second, third = people
    type(second).objects.filter(pk=second.pk).update(is_active=False)
    assert [rotas.on_duty(rota, at=at(day, 12)) for day in (9, 16, 23)] == [first, third, first]


def test_standing_in_ends_now_when_it_is_taken_back_and_what_is_over_stays(rota, people, now):
    running = rotas.stand_in(rota, user=people[1], starts_at=at(11, 10), ends_at=at(12, 0), why="", actor=ACTOR, now=at(11, 9))
    rotas.take_back(running, now=now)
    assert DutyOverride.objects.get().ends_at == now
    with pytest.raises(Refused, match="stays in the calendar"):
        rotas.take_back(DutyOverride.objects.get(), now=now)


@pytest.mark.parametrize(("starts", "ends", "words"), [(1, 1, "end after it begins"), (-5, -1, "over already"), (0, 24 * 93, "three months")])
def test_what_cannot_be_stood_in_for(rota, people, now, starts, ends, words):
    with pytest.raises(Refused, match=words):
        rotas.stand_in(
            rota, user=people[1], starts_at=now + timedelta(hours=starts), ends_at=now + timedelta(hours=ends), why="", actor=ACTOR, now=now
        )
    assert DutyOverride.objects.count() == 0
