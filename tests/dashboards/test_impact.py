"""The impact lab's pages."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts.types import Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return make.user(Role.ADMINISTRATOR)


@pytest.fixture
def staff(lead):
    client = Client()
    client.force_login(lead)
    return client


def test_without_runs_the_page_says_what_will_stand_there(staff):
    words = staff.get("/impact/").content.decode()
    assert "No play had a run in these 90 days" in words
    assert "Nobody is left alone by everything" in words
    assert "We cannot tell yet: no decision has been settled." in words


def test_few_runs_are_told_as_not_known_yet_with_both_rates(staff, now, monkeypatch):
    monkeypatch.setattr("apps.core.clock.now", lambda: now)
    play = make.play(name="Save them")
    for arm, met in (("treated", 1), ("treated", 0), ("held_out", 0)):
        entered = now - timedelta(days=40)
        make.enrolment(make.account(), now=entered, of=play, arm=arm, goal_met_at=entered + timedelta(days=1) if met else None)
    words = staff.get("/impact/").content.decode()
    assert "Save them" in words
    assert "50.0 % (1 of 2) of the treated and 0.0 % (0 of 1) of those held out" in words.replace("\xa0", " ")
    assert "Cannot tell yet" in words
    drilled = staff.get(f"/impact/{play.key}/?arm=held_out").content.decode()
    assert drilled.count("<tr data-row") == 1


def test_an_arm_or_a_period_that_does_not_exist_is_no_error_page(staff, now):
    play = make.play()
    assert staff.get(f"/impact/{play.key}/?arm=both").status_code == 404
    assert staff.get("/impact/?days=abc&within=7").status_code == 200
    assert staff.get("/impact/nothing-such/").status_code == 404


def test_plays_whose_runs_are_all_young_stand_in_one_list(staff, now, monkeypatch):
    monkeypatch.setattr("apps.core.clock.now", lambda: now)
    play = make.play(name="Just begun")
    make.enrolment(make.account(), now=now - timedelta(days=3), of=play)
    words = staff.get("/impact/").content.decode()
    assert "No run is old enough to be judged yet." in words
    assert "Too young to judge" in words
    assert "1 run in their goal window" in words
    assert "Nobody was treated yet." not in words
