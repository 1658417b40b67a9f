"""How rows are kept apart, and which way of scoring they choose."""

from datetime import date, timedelta

import numpy as np
import pytest

from apps.churn import selection, splitting
from apps.churn.dataset import Dataset
from apps.churn.progress import silent
from apps.churn.scoring import encoding, engine, fitting, measures
from apps.churn.scoring.sample import log_loss
from apps.churn.types import ModelKind


def made(accounts=900, dates=10, *, bent=False, seed=0):
    """Accounts at dates four weeks apart; who leaves hangs on falling use and silence, `bent`: only where both come together."""
    draw = np.random.default_rng(seed)
    days = [date(2025, 1, 6) + timedelta(days=28 * at) for at in range(dates)]
    parts = []
    gone = np.zeros(accounts, bool)
    for when in range(dates):
        here = np.flatnonzero(~gone)
        trend, since = draw.normal(0, 0.6, len(here)), draw.exponential(6, len(here)).round()
        odds = np.where((trend < -0.3) & (since > 6), -0.2, -4.2) if bent else -3.2 - 1.5 * trend + 0.05 * since
        left = draw.random(len(here)) < encoding.squash(odds)
        parts.append((here, np.full(len(here), when), trend, since, left))
        gone[here[left]] = True
    account, when, trend, since, left = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    nobody = np.zeros(len(account), bool)
    return Dataset(
        table={"trend_28": trend, "since": since},
        labels=left.astype(float),
        accounts=account,
        when=when,
        dates=days,
        window=28,
        names=[],
        treated=nobody,
        held_out=nobody,
    )


def test_rows_to_judge_on_are_later_and_of_accounts_that_were_not_learned_from():
    data = made()
    learn = splitting.split(data).learn
    folds = splitting.forward(data, learn)
    assert len(folds) == 3
    for inside, outside in folds:
        assert not set(data.accounts[inside]) & set(data.accounts[outside])
        known = max(data.dates[at] for at in data.when[inside]) + timedelta(days=data.window)
        assert known <= min(data.dates[at] for at in data.when[outside])
        assert learn[inside].all()
        assert learn[outside].all()


@pytest.mark.parametrize("kind", [ModelKind.LOGISTIC, ModelKind.NETWORK, ModelKind.TREES])
def test_a_figure_that_grew_out_of_what_was_learned_counts_as_the_outermost(kind):
    """In a young record everybody is older today than anybody was at the dates that could be learned from."""
    data = made()
    data.table["tenure"] = 28.0 * data.when + data.accounts % 7
    found = fitting.fit(kind, data.table, data.labels, list(data.table))

    def told(of_age):
        return engine.chances(kind, found, encoding.of([data.rows(1)[0] | {"tenure": of_age}]))[0]

    oldest = float(data.table["tenure"].max())
    assert told(oldest * 3) == told(oldest + 1) == told(oldest)
    assert told(-50.0) == told(0.0)


def test_every_account_is_judged_once_where_there_are_no_dates():
    data = made(dates=1)
    data.dates, data.when = [], np.zeros(len(data.labels), int)
    split = splitting.split(data)
    folds = splitting.forward(data, split.learn)
    judged = np.concatenate([outside for _, outside in folds])
    assert sorted(judged) == sorted(np.flatnonzero(split.learn))


def test_rows_that_count_for_nothing_are_neither_learned_nor_proved_on():
    data = made()
    data.treated, data.held_out = data.accounts % 5 == 0, data.accounts % 5 == 1
    counts = data.weights > 0
    assert 0 < counts.sum() < len(counts)
    split = splitting.split(data)
    assert not (split.learn & ~counts).any()
    assert not (split.test & ~counts).any()


@pytest.mark.parametrize(("accounts", "stage", "kinds"), [(300, "shrunken", 1), (900, "full", 3), (2200, "full", 4)])
def test_more_history_carries_more_ways_of_scoring(accounts, stage, kinds):
    data = made(accounts, dates=6)
    learn = np.ones(len(data.labels), bool)
    found = selection.select(data, learn, list(data.table), silent)
    assert (found.stage, len(found.trials)) == (stage, kinds)


def test_the_simple_way_is_kept_where_leaving_follows_a_weighted_sum_and_trees_win_where_it_does_not():
    plain, bent = made(1500, 8), made(1500, 8, bent=True)
    chosen = {}
    for name, data in (("plain", plain), ("bent", bent)):
        chosen[name] = selection.select(data, splitting.split(data).learn, list(data.table), silent).chosen
    assert chosen["plain"] == ModelKind.LOGISTIC
    assert chosen["bent"] in (ModelKind.TREES, ModelKind.STACK)


@pytest.mark.parametrize("kind", [ModelKind.LOGISTIC, ModelKind.TREES, ModelKind.NETWORK])
def test_a_bent_model_tells_the_bent_log_odds(kind):
    data = made(600, 4)
    found = fitting.fit(kind, data.table, data.labels, list(data.table))
    before = engine.learned(kind, found).log_odds(data.table.__getitem__)
    after = engine.learned(kind, fitting.bent(kind, found, -0.3, 0.7)).log_odds(data.table.__getitem__)
    assert after == pytest.approx(-0.3 + 0.7 * before, abs=1e-9)


def test_a_stack_of_given_shares_is_bent_as_a_whole():
    data = made(600, 4)
    members = {kind: fitting.fit(kind, data.table, data.labels, list(data.table)) for kind in (ModelKind.LOGISTIC, ModelKind.TREES)}
    stack = fitting.together(members, 0.1, [0.6, 0.4])
    one, other = (engine.learned(kind, found).log_odds(data.table.__getitem__) for kind, found in members.items())
    told = engine.learned(ModelKind.STACK, fitting.bent(ModelKind.STACK, stack, -0.3, 0.7)).log_odds(data.table.__getitem__)
    assert told == pytest.approx(-0.3 + 0.7 * (0.1 + 0.6 * one + 0.4 * other), abs=1e-9)


def test_a_stack_of_members_that_tell_nothing_tells_every_row_the_same():
    data = made(600, 4)
    members = {kind: fitting.fit(kind, data.table, data.labels, list(data.table)) for kind in (ModelKind.LOGISTIC, ModelKind.TREES)}
    stack = fitting.together(members, -1.5, [0.0, 0.0])
    assert engine.learned(ModelKind.STACK, stack).log_odds(data.table.__getitem__).tolist() == [-1.5] * len(data.labels)
    assert len(engine.scores(ModelKind.STACK, stack, encoding.of(data.rows(5)))) == 5


def test_shares_of_a_stack_are_even_where_little_is_known_and_speak_where_much_is():
    """Of two ways that tell the same with other luck a few rows cannot tell which is better; one that tells nothing is found out by many."""
    draw = np.random.default_rng(0)

    def shares(rows, noise):
        odds = draw.normal(-1, 1, rows)
        labels = (draw.random(rows) < encoding.squash(odds)).astype(float)
        told = np.column_stack([odds + draw.normal(0, 0.3, rows), odds + draw.normal(0, 0.3, rows) if not noise else draw.normal(-1, 1, rows)])
        return fitting.weigh(told, labels, np.ones(rows))[1]

    assert shares(200, False) == pytest.approx([0.5, 0.5], abs=0.15)
    one, other = shares(20_000, True)
    assert one > 0.75
    assert other < 0.05


def test_several_together_are_taken_rather_than_one_of_them_that_is_not_clearly_better():
    draw = np.random.default_rng(0)
    odds = draw.normal(-1, 1.5, 3000)
    labels, ones, accounts = (draw.random(3000) < encoding.squash(odds)).astype(float), np.ones(3000), np.arange(3000)

    def taken(**told):
        trials = {ModelKind(name): selection.Trial(ModelKind(name), found, log_loss(labels, found, ones)) for name, found in told.items()}
        return selection._rather(trials, labels, ones, accounts)

    constant, far = np.full(3000, -1.0), odds + draw.normal(0, 2, 3000)
    better, worse = sorted((odds + draw.normal(0, 0.3, 3000) for _ in range(2)), key=lambda found: log_loss(labels, found, ones))
    assert taken(logistic=constant, trees=better, stack=worse) == ModelKind.STACK
    assert taken(logistic=constant, trees=better, stack=far) == ModelKind.TREES
    assert taken(logistic=worse, trees=better, stack=better) == ModelKind.LOGISTIC


def test_overconfident_log_odds_are_found_and_true_ones_left_alone():
    draw = np.random.default_rng(0)
    odds = draw.normal(-2, 1, 6000)
    labels = (draw.random(6000) < encoding.squash(odds)).astype(float)
    ones, accounts = np.ones(6000), np.arange(6000)
    intercept, slope, error = measures.bend(labels, odds, ones, accounts)
    assert abs(slope - 1) < 3 * error
    assert abs(intercept) < 0.4
    assert selection._bend(labels, odds, ones, accounts) is None
    found = selection._bend(labels, 2 * odds + 0.5, ones, accounts)
    assert found[1] == pytest.approx(slope / 2, abs=0.01)
