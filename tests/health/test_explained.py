"""A health in words: what is shown comes from what was stored."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.accounts.models import Pulse
from apps.core.actor import Actor
from apps.core.reading import read
from apps.health import registry, selectors, services
from apps.health.models import AccountHealth
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ACTOR = Actor.job("test")


@pytest.fixture
def account(now):
    account = make.account(started_on=now.date() - 300 * DAY, renews_on=now.date() + 200 * DAY)
    make.meanings(login="engagement", report="core")
    make.weeks_of_use(account, until=now, weeks=16, per_week=4)
    make.activity(account, *[now - day * DAY for day in range(9)], name="report")
    make.story(account, now=now - DAY)
    Pulse.objects.create(account=account, value=10, at=now)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    return account


def test_the_card_adds_up_to_the_score(account, now):
    card = read(selectors.card(account, now=now))
    assert sum(dimension.contribution for dimension in card.dimensions) == card.view.score
    assert sum(part.contribution for dimension in card.dimensions for part in dimension.parts) == card.view.score
    assert card.view.disagrees
    assert [lever.gain for lever in card.levers] == sorted((lever.gain for lever in card.levers), reverse=True)
    assert "No contact is known at any account" in card.missing


def test_why_shows_the_tier_that_hit_and_what_would_change_it(account, now):
    why = selectors.why(account, "core_28", now=now)
    assert why.part.words == "9 core actions in 28 days"
    assert [(tier.words, tier.points) for tier in why.tiers if tier.hit] == [("8 to under 14", Decimal(45))]
    assert why.rule == "36 % of Adoption, which is 20 % of the score; these tiers hold at 60 and more days as a customer"
    up, down = why.levers
    assert up.words == "5 more core actions within 28 days"
    assert down.words == "2 fewer core actions within 28 days"
    assert why.evidence.counts == (("report", 9),)
    assert len(why.evidence.facts) == 9


def test_the_promised_gain_is_what_the_deed_brings(account, now):
    gain = selectors.why(account, "core_28", now=now).levers[0].gain
    before = AccountHealth.objects.get(account=account)
    make.activity(account, *[now] * 5, name="report")
    services.score_all(as_of=now + timedelta(minutes=1), now=now + timedelta(minutes=1), actor=ACTOR)
    parts = {part["measure"]: part for part in AccountHealth.objects.get(account=account).parts}
    old = {part["measure"]: part for part in before.parts}
    assert round(Decimal(parts["core_28"]["contribution"] - old["core_28"]["contribution"]) / 100, 1) == gain


@pytest.mark.parametrize("key", sorted(registry.BY_KEY))
def test_every_measure_can_say_why(account, now, key):
    why = selectors.why(account, key, now=now)
    assert why.part.name == registry.BY_KEY[key].name
    assert "{" not in why.part.words
    assert all("{" not in lever.words and lever.words for lever in why.levers)
    assert len(why.history) == 1


def test_its_past_is_told_by_what_was_stored_then(account, now):
    later = now + 20 * DAY
    services.score_all(as_of=later, now=later, actor=ACTOR)
    then = selectors.why(account, "core_28", now=later, moment=now + DAY)
    assert then.part.words == "9 core actions in 28 days"
    steps = selectors.why(account, "core_28", now=later).history
    assert [step.words for step in steps] == ["8 core actions in 28 days", "9 core actions in 28 days"]
    assert read(selectors.card(account, now=later, moment=now - DAY)) is None
    assert selectors.why(account, "luck", now=later) is None


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("tickets_open", 1, "1 open ticket"),
        ("tickets_open", 12, "12 open tickets"),
        ("core_28", 1, "1 core action in 28 days"),
        ("renewal_days", -3, "Renews in −3 days"),
        ("survey", Decimal("83.50"), "Surveys of 180 days stand at 83.5 of 100"),
        ("people", 1, "1 person known there"),
        ("survey", None, "No survey was answered within 180 days"),
    ],
)
def test_figures_in_words(key, value, words):
    assert registry.told(key, value) == words
