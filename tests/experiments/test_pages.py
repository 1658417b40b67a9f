"""The experiments pages: what they say, their buttons, and the calculator."""

from datetime import timedelta

import pytest

from apps.accounts.types import Role
from apps.dashboards.selectors import experiments as shown
from apps.experiments import services
from apps.experiments.models import Experiment
from tests import make

from .test_experiments import ACTOR, crowd, later, let_in, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    client.force_login(make.user())
    return client


def test_an_empty_page_says_what_comes_here(browser):
    page = browser.get("/experiments/").content.decode()
    assert "Nothing has been tried yet." in page
    assert "Nobody is held out" in page
    assert "7,678 accounts: 3,839 treated and 3,839 not." in page


def test_the_list_tells_the_last_look(browser, now):
    experiment = running(now, planned_size=200, planned_looks=4)
    let_in(experiment, crowd(230), now, rates={"control": 0.2, "short": 0.7})
    services.draw_holdout(key="global", share_percent=5, actor=ACTOR, now=now)
    assert "1 experiment runs; planned looks decided 0 so far." in browser.get("/experiments/").content.decode()
    services.take_looks(actor=ACTOR, now=later(experiment, now))
    page = browser.get("/experiments/").content.decode()
    assert "1 experiment runs; planned looks decided 1 so far." in page
    assert "+50.4 points (+31.4 to +69.4)" in page
    assert "230 of 2 × 200 accounts" in page
    assert "<td>global</td>" in page


def test_one_experiment_tells_baseline_rule_and_sizes(browser, now):
    # Long ago, so that its windows are over by the clock of the page.
    then = now - timedelta(days=400)
    experiment = running(then, planned_size=200, planned_looks=4)
    let_in(experiment, crowd(230), then, rates={"control": 0.2, "short": 0.7})
    page = browser.get(f"/experiments/{experiment.pk}/").content.decode()
    assert "We cannot tell yet" in page
    assert "Without it: “Long subject”" in page
    assert "planned looks (O&#x27;Brien-Fleming)" in page
    assert "Take the planned look" in page
    browser.post(f"/do/experiments/{experiment.pk}/look/")
    page = browser.get(f"/experiments/{experiment.pk}/").content.decode()
    assert "“Short subject” is better than “Long subject”" in page
    assert "Take the planned look" not in page


def test_buttons_start_and_stop_and_viewers_only_look(client, browser, now):
    experiment = make.experiment(now=now)
    browser.post(f"/do/experiments/{experiment.pk}/start/")
    assert Experiment.objects.get().state == "running"
    assert browser.post(f"/do/experiments/{experiment.pk}/burn/").status_code == 404
    client.force_login(make.user(Role.VIEWER))
    assert client.post(f"/do/experiments/{experiment.pk}/stop/").status_code == 403
    assert "Stop</button>" not in client.get(f"/experiments/{experiment.pk}/").content.decode()
    assert Experiment.objects.get().state == "running"
    client.force_login(make.user())
    client.post(f"/do/experiments/{experiment.pk}/stop/", {"reason": "enough"})
    assert Experiment.objects.get().stop_reason == "enough"
    again = client.post(f"/do/experiments/{experiment.pk}/start/", follow=True).content.decode()
    assert "is stopped and cannot be running" in again
    assert client.get("/experiments/999999/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "words", "other", "problem"),
    [
        (
            {},
            "7,678 accounts: 3,839 treated and 3,839 not. Then a change from 10 to 12 % is found in 4 of 5 cases.",
            "1,000 accounts can tell a rise of",
            "",
        ),
        ({"share": "90"}, "19,", "1,000 accounts can tell a rise of", ""),
        ({"accounts": "4", "rate": "50", "effect": "10"}, "770 accounts", "4 accounts cannot tell any rise.", ""),
        ({"rate": "0"}, "", "", "Rates lie between 0 and 1, and the effect is not zero."),
        ({"rate": "ten"}, "", "", "Use numbers, such as 10 and 2."),
        ({"rate": "nan"}, "", "", "Rates lie between 0 and 1, and the effect is not zero."),
        ({"share": "100"}, "", "", "The share lies between 0 and 100 %, and there are at least two accounts."),
        ({"effect": "1e-9"}, "", "", "The change is at least a hundredth of a point."),
        ({"effect": "-2"}, "6,422 accounts", "1,000 accounts", ""),
    ],
)
def test_the_calculator_answers_both_ways_and_says_what_it_cannot_read(asked, words, other, problem):
    found = shown.power(asked)
    assert found.problem == problem
    assert found.words.startswith(words)
    assert found.other.startswith(other)


def test_the_list_warns_of_groups_of_the_wrong_sizes(browser, now):
    experiment = running(now, rule="always_valid")
    ids = crowd(700)
    given = services.assign(experiment, account_ids=ids, now=now, actor=ACTOR)
    lost = [pk for pk in ids if given[pk].variant == "short"][:120]
    services.expose(experiment, account_ids=[pk for pk in ids if pk not in lost], now=now)
    page = browser.get("/experiments/").content.decode()
    assert "planned looks decided 0 so far. 1 has groups of the wrong sizes." in page
    assert "groups are not as planned" in page
