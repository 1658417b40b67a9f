"""The shares of variants: when they move, what stays, and that the better variant wins."""

from datetime import timedelta

import numpy as np
import pytest

from apps.accounts.models import Account
from apps.campaigns.campaigning import sharing
from apps.campaigns.models import WeightsVersion
from apps.campaigns.selectors import results
from apps.campaigns.services import results as services
from apps.experiments.learning import shares as learning
from apps.experiments.learning.thompson import Tally
from apps.experiments.statistics import strata
from apps.experiments.statistics.effects import Arm, effect
from tests import make

DAY = timedelta(days=1)
VARIANTS = [{"name": name, "template": "x", "weight": weight} for name, weight in (("a", 0.2), ("b", 0.4), ("c", 0.4))]


def in_turn(n):
    """As the weights say: 2 a, 4 b, 4 c of ten."""
    return "aabbbbcccc"[n % 10]


@pytest.mark.django_db
def test_nothing_moves_before_every_variant_has_a_hundred_accounts(now):
    campaign = make.campaign_read(now=now, variants=VARIANTS)
    make.went_out(campaign, make.crowd(600), at=now - 40 * DAY, held=120, variant=in_turn)

    assert services.move_shares(campaign, actor=make.ACTOR, now=now) is None
    told = results.shares(campaign, now=now)
    assert (told.version, dict(told.weights)) == (0, {"a": 0.2, "b": 0.4, "c": 0.4})
    assert told.why.endswith("We cannot tell yet: shares stay until every variant has 100 accounts whose window is over; missing: a 4.")


@pytest.mark.django_db
def test_the_control_keeps_its_share_and_the_better_variant_gets_what_is_free(now):
    campaign = make.campaign_read(now=now, variants=VARIANTS)
    accounts = make.crowd(1_250)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=250, variant=in_turn)
    by = {name: [one for n, one in enumerate(accounts[250:]) if in_turn(n) == name] for name in "abc"}
    for name, share in (("a", 0.1), ("b", 0.3), ("c", 0.12)):
        make.did(by[name][: int(len(by[name]) * share)], at + DAY)
    make.did(accounts[:20], at + DAY)

    moved = services.move_shares(campaign, actor=make.ACTOR, now=now)

    assert moved.number == 1
    assert moved.weights == {"a": 0.2, "b": pytest.approx(0.75), "c": pytest.approx(0.05)}
    assert moved.figures["variants"]["b"]["exposed"] == 400
    assert moved.figures["variants"]["b"]["rate"] == pytest.approx(0.3)
    assert moved.figures["held_out_rate"] == pytest.approx(0.08)
    assert moved.why == "b is the best with a chance of 100%; the control keeps its 20%."
    assert results.shares_for(campaign) == (1, moved.weights)
    # The next audience is frozen by them, with their number.
    assert sharing.shares(campaign, campaign.current.says) == sharing.Shares(1, moved.weights)
    told = {one.name: one for one in results.shares(campaign, now=now).arms}
    assert (told["b"].incremental, told["a"].control, told["b"].control) == (pytest.approx(0.22), True, False)
    # Asked again on the same day nothing has changed.
    assert services.move_shares(campaign, actor=make.ACTOR, now=now) is None
    assert WeightsVersion.objects.count() == 1


@pytest.mark.django_db
def test_sizes_that_are_not_as_drawn_move_nothing(now):
    campaign = make.campaign_read(now=now, variants=VARIANTS)
    accounts = make.crowd(1_250)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=250, variant=lambda n: "abc"[n % 3])
    make.did(accounts[250:400], at + DAY)
    assert services.move_shares(campaign, actor=make.ACTOR, now=now) is None


@pytest.mark.django_db
def test_other_variants_than_the_shares_were_learned_for_begin_as_written(now):
    campaign = make.campaign_read(now=now, variants=VARIANTS)
    WeightsVersion.objects.create(campaign=campaign, number=1, weights={"a": 0.5, "z": 0.5}, why="t", created_at=now, created_by="t")
    assert results.shares_for(campaign) == (0, {"a": 0.2, "b": 0.4, "c": 0.4})


def test_over_many_batches_the_control_share_stands_still_and_the_better_variant_wins():
    rates = {"control": 0.10, "b": 0.10, "c": 0.16}
    won, controls = [], []
    for seed in range(20):
        draw = np.random.default_rng(seed)
        present = {"control": 0.2, "b": 0.4, "c": 0.4}
        exposed, wins = dict.fromkeys(rates, 0), dict.fromkeys(rates, 0)
        for batch in range(15):
            for name, count in zip(rates, draw.multinomial(300, [present[name] for name in rates]), strict=True):
                exposed[name] += int(count)
                wins[name] += int(draw.binomial(count, rates[name]))
            tallies = {("", name): Tally(wins[name], exposed[name] - wins[name]) for name in rates}
            present = learning.moved(exposed, tallies, present, control="control", seed=seed * 100 + batch).shares
            controls.append(present["control"])
            assert sum(present.values()) == pytest.approx(1)
            assert min(present.values()) >= learning.FLOOR - 1e-9
        won.append(present["c"])
    assert set(controls) == {0.2}
    assert np.mean(won) > 0.7
    assert sum(share > 0.6 for share in won) >= 18


def test_equal_variants_are_not_driven_apart_for_good():
    ends = []
    for seed in range(20):
        draw = np.random.default_rng(seed)
        wins = {name: int(draw.binomial(1_000, 0.1)) for name in ("control", "b", "c")}
        tallies = {("", name): Tally(count, 1_000 - count) for name, count in wins.items()}
        found = learning.moved(dict.fromkeys(wins, 1_000), tallies, {"control": 0.2, "b": 0.4, "c": 0.4}, control="control", seed=seed)
        ends.append(found.shares["b"])
    assert 0.3 < np.mean(ends) < 0.5


def test_one_stratum_is_the_plain_effect_and_two_are_weighted_by_their_accounts():
    cell = (Arm(400, 120), Arm(100, 10))
    assert strata.stratified([cell]) == effect(*cell)
    both = strata.stratified([cell, (Arm(100, 10), Arm(400, 20))])
    assert both.difference == pytest.approx((0.2 + 0.05) / 2)
    assert (both.treated, both.held_out) == (Arm(500, 130), Arm(500, 30))
    # Thrown together it would be 20 points: the odds were better in the good draw.
    assert both.low < 0.125 < both.high < 0.2
    assert strata.weighed_rate([Arm(100, 50), Arm(300, 30)], [400, 400]) == (pytest.approx(0.3), pytest.approx(1 / (0.25 / 100 + 0.25 / 300)))
    assert strata.weighed_rate([Arm(0, 0)], [10]) is None


@pytest.mark.django_db
def test_accounts_of_a_segment_lean_on_the_others(now):
    campaign = make.campaign_read(now=now, variants=VARIANTS)
    accounts = make.crowd(625)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=125, variant=in_turn)
    Account.objects.filter(pk__in=[one.pk for one in accounts[:300]]).update(segment="retail")
    make.did(accounts[125:175], at + DAY)
    told = results.shares(campaign, now=now)
    assert sum(one.exposed for one in told.arms) == 500
