"""What if, by things that a person can picture: dials move the figures that belong together, and the answer stores nothing."""

from datetime import timedelta

import pytest

from apps.churn import at_work, dials, features, services, supposed
from apps.churn.models import ModelVersion, Prediction
from apps.churn.selectors import live_model
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests import make
from tests.churn import worlds

ACTOR = Actor.job("test")
DAY = timedelta(days=1)
USE, SUPPORT = dials.BY_KEY["use"], dials.BY_KEY["support"]
FADED = {
    "trend_28": -1.0,
    "n_28": 5.0,
    "trend_7": -0.4,
    "n_7": 2.0,
    "trend_days": 0.1,
    "active_28": 9.0,
    "active_7": 1.0,
    "n_112": 60.0,
    "n_year": 200.0,
    "active_year": 80.0,
    "since": 6.0,
    "since_usual": 2.5,
    "support_28": 3.0,
}


@pytest.fixture
def faded(db, now):
    """A customer that does half of what it used to, with two support problems."""
    account = make.account(started_on=now.date() - 400 * DAY)
    make.meanings(**{"ticket.opened": "support"})
    make.weeks_of_use(account, until=now - 28 * DAY, weeks=20, per_week=8)
    make.weeks_of_use(account, until=now - DAY, weeks=4, per_week=3)
    make.activity(account, now - 3 * DAY, now - 2 * DAY, name="ticket.opened")
    return account


def test_a_dial_stands_where_the_account_is(faded, now):
    (row,) = features.rows(as_of=now, account_ids=[faded.pk])
    assert dials.reading(USE, row) == pytest.approx(100 * row["n_28"] / 32, abs=6)
    assert dials.reading(SUPPORT, row) == 2
    assert dials.reading(USE, {"trend_28": None, "n_28": 3.0}) is None


def test_back_to_usual_lifts_what_lies_below_and_ends_the_silence():
    up = dials.turned(USE, FADED, 100)
    assert up == dials.as_usual(FADED)
    assert (up["trend_28"], up["trend_7"], up["since"], up["since_usual"]) == (0.0, 0.0, 1.0, 1.0)
    assert "trend_days" not in up
    assert up["n_112"] - FADED["n_112"] == pytest.approx(up["n_28"] - FADED["n_28"], abs=0.011)


def test_turned_down_nothing_rises_and_at_none_the_account_is_silent():
    down = dials.turned(USE, FADED, 10)
    assert all(down[key] < FADED[key] for key in down)
    none = dials.turned(USE, FADED, 0)
    assert (none["n_28"], none["active_28"], none["since"]) == (0.0, 0.0, 28.0)
    assert none["since_usual"] == pytest.approx(2.5 * 28 / 6, abs=0.01)


def test_a_dial_left_where_it_stands_moves_nothing(faded, now):
    definition = services.ensure_default(now=now)
    stands = {turn.dial.key: turn.now for turn in supposed.tried(definition, faded.pk, turned={}, now=now).turns}
    found = supposed.tried(definition, faded.pk, turned={key: value for key, value in stands.items() if value is not None}, now=now)
    assert (found.changed, found.after) == ({}, found.before)


def test_the_gain_of_a_trouble_is_what_turning_it_alone_gives(faded, now):
    definition = services.ensure_default(now=now)
    stored = Prediction.objects.count()
    helping = {turn.dial: turn for turn in supposed.tried(definition, faded.pk, turned={}, now=now).turns if turn.gain is not None}
    assert {dial.key for dial in helping} == {"use", "support"}
    for dial, turn in helping.items():
        found = supposed.tried(definition, faded.pk, turned={dial.key: dial.calm}, now=now)
        assert found.before.score.probability - found.after.score.probability == pytest.approx(turn.gain)
    assert Prediction.objects.count() == stored


def test_more_use_never_raises_the_risk_by_the_rule(faded, now):
    definition = services.ensure_default(now=now)
    told = [supposed.tried(definition, faded.pk, turned={"use": value}, now=now).after.score.probability for value in range(0, 151, 10)]
    assert told == sorted(told, reverse=True)
    assert told[0] > told[-1]


def test_beyond_its_ends_a_dial_does_not_turn(faded, now):
    definition = services.ensure_default(now=now)
    far = supposed.tried(definition, faded.pk, turned={"support": 10_000.0, "use": -5.0}, now=now)
    end = supposed.tried(definition, faded.pk, turned={"support": 5.0, "use": 0.0}, now=now)
    assert far.after == end.after


def test_an_account_without_a_pattern_is_asked_whether_it_is_active_again(db, now):
    account = make.account(started_on=now.date() - 12 * DAY)
    make.activity(account, now - 10 * DAY)
    definition = services.ensure_default(now=now)
    (use,) = [turn for turn in supposed.tried(definition, account.pk, turned={}, now=now).turns if turn.dial is USE]
    assert use.now is None
    assert use.gain > 0
    found = supposed.tried(definition, account.pk, turned={"use": 100.0}, now=now)
    assert found.changed["since"] == (10.0, 1.0)


def test_only_a_whole_model_speaks_and_nobody_for_an_account_that_left(db, now):
    accounts = worlds.company(now.date())
    definition = services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)
    assert services.train(definition, as_of=now, now=now, actor=ACTOR).promoted
    here, gone = (next(one for one in accounts if (one.stage == "churned") is left) for left in (False, True))
    version = live_model(definition)
    assert supposed.tried(definition, here.pk, turned={}, now=now).model == version
    assert supposed.tried(definition, gone.pk, turned={}, now=now) is None
    ModelVersion.objects.filter(pk=version.pk).update(parameters={}, checksum="broken")
    at_work._WHOLE.clear()
    assert str(supposed.tried(definition, here.pk, turned={}, now=now).model) == "rule v1"
    ModelVersion.objects.update(is_live=False)
    with pytest.raises(Refused):
        supposed.tried(definition, here.pk, turned={}, now=now)
