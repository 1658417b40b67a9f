"""Who is held out, for how long, and that every stratum gives its share."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.shares import position
from apps.events.models import Event
from apps.experiments import drawing, hashing, selectors, services
from apps.experiments.models import Holdout, HoldoutMember
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
PLAY = "play:save-fading"


def customers(**strata):
    """Accounts by tier: so many with each of the revenues."""
    rows = [
        Account(external_id=f"{tier}-{arr}-{n}", name=f"{tier} {n}", tier=tier, arr=arr)
        for tier, sizes in strata.items()
        for arr, count in sizes.items()
        for n in range(count)
    ]
    return [account.pk for account in Account.objects.bulk_create(rows)]


def draw(now, **fields):
    return services.draw_holdout(**{"key": PLAY, "share_percent": 10, "actor": ACTOR, "now": now, **fields})


def test_every_tier_and_band_gives_its_share(now):
    customers(enterprise={5_000: 40, 400_000: 25}, growth={20_000: 103}, **{"": {1_000: 7}})
    holdout = draw(now)
    whole, out = Counter(), Counter()
    for stratum, held in holdout.members.values_list("stratum", "held_out"):
        whole[stratum] += 1
        out[stratum] += held
    assert whole == {"enterprise / ARR band 0": 40, "enterprise / ARR band 3": 25, "growth / ARR band 1": 103, "no tier / ARR band 0": 7}
    assert out["enterprise / ARR band 0"] == 4
    assert out["enterprise / ARR band 3"] in (2, 3)
    assert out["growth / ARR band 1"] in (10, 11)
    assert sum(out.values()) in (17, 18)
    drawn = Event.objects.get(type="holdout.drawn").payload
    assert (drawn["accounts"], drawn["held_out"], drawn["key"]) == (175, sum(out.values()), PLAY)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.sampled_from([1, 5, 10, 12.5, 33, 50]), st.text(max_size=8))
def test_no_stratum_is_more_than_one_account_from_its_share(sizes, percent, salt):
    rows = [(100 * band + n, f"tier{band}", 0) for band, size in enumerate(sizes) for n in range(size)]
    found = drawing.drawn(salt, percent / 100, rows)
    for band, size in enumerate(sizes):
        held = sum(out for pk, _, out in found if pk // 100 == band)
        assert abs(held - size * percent / 100) < 1 + 1e-6
    assert abs(sum(out for *_, out in found) - sum(sizes) * percent / 100) < 1 + 1e-6


def test_every_account_is_held_out_equally_often_also_in_tiny_strata():
    """A stratum of three at 10 % is not forgotten, nor always asked: over many salts each account has the chance of 10 %."""
    rows = [(n, "small" if n < 3 else "large", 0) for n in range(40)]
    out = np.zeros(40)
    for salt in range(2_000):
        for pk, _, held in drawing.drawn(str(salt), 0.1, rows):
            out[pk] += held
    assert np.abs(out / 2_000 - 0.1).max() < 0.03
    assert abs(out[:3].sum() / 6_000 - 0.1) < 0.015


def test_leavers_are_not_drawn_and_a_draw_can_be_limited(now):
    ids = customers(growth={1_000: 20})
    Account.objects.filter(pk=ids[0]).update(stage="churned")
    assert draw(now).members.count() == 19
    assert draw(now, key="play:other", account_ids=ids[:5]).members.count() == 4


def test_membership_stays_for_the_period_whatever_becomes_of_the_account(now):
    ids = customers(growth={1_000: 60})
    draw(now)
    before = selectors.held_out(PLAY, ids, now)
    assert len(before) == 6
    Account.objects.filter(pk__in=ids).update(tier="enterprise", arr=900_000)
    for days in (0, 30, 90):
        assert selectors.held_out(PLAY, ids, now + timedelta(days=days)) == before
    assert selectors.held_out(PLAY, ids, now + timedelta(days=91)) == set()
    assert selectors.held_out(PLAY, ids, now - timedelta(seconds=1)) == set()
    assert selectors.held_out("play:unknown", ids, now) == set()


def test_newcomers_are_placed_by_their_hash_before_and_after_they_are_admitted(now):
    customers(growth={1_000: 10})
    holdout = draw(now, share_percent=50)
    new = customers(late={1_000: 200})
    at = now + timedelta(days=3)
    before = selectors.held_out(PLAY, new, at)
    assert before == {pk for pk in new if position(holdout.salt, pk) < 0.5}
    assert 70 < len(before) < 130
    assert services.admit_new(now=at) == 200
    assert services.admit_new(now=at) == 0
    assert selectors.held_out(PLAY, new, at) == before
    assert HoldoutMember.objects.filter(account__in=new, since=at).count() == 200


def test_newcomers_do_not_join_a_draw_among_chosen_accounts_by_themselves(now):
    ids = customers(growth={1_000: 10})
    holdout = draw(now, account_ids=ids)
    new = customers(late={1_000: 5})
    assert services.admit_new(now=now) == 0
    assert services.admit(holdout, account_ids=new, now=now) == 5
    assert holdout.members.count() == 15


def test_one_thing_has_one_holdout_at_a_time(now):
    customers(growth={1_000: 10})
    draw(now)
    with pytest.raises(Refused, match="still running"):
        draw(now + timedelta(days=1), share_percent=20)
    assert Holdout.objects.count() == 1
    draw(now, key="global")
    assert Holdout.objects.count() == 2


@pytest.mark.parametrize("fields", [{"share_percent": 0}, {"share_percent": 60}, {"period": timedelta(hours=1)}, {"period": timedelta(days=9_000)}])
def test_a_holdout_has_a_sane_share_and_length(now, fields):
    with pytest.raises(Refused):
        draw(now, **fields)
    assert not Holdout.objects.exists()


def test_when_a_period_is_over_others_are_drawn_and_history_answers_for_every_day(now):
    ids = customers(growth={1_000: 200})
    draw(now, share_percent=20)
    first = selectors.held_out(PLAY, ids, now)
    at = now + timedelta(days=91)
    assert services.renew_holdouts(actor=ACTOR, now=at - timedelta(seconds=1)) == 0
    assert services.renew_holdouts(actor=ACTOR, now=at) == 1
    second = selectors.held_out(PLAY, ids, at)
    assert (len(first), len(second)) == (40, 40)
    assert second != first
    assert selectors.held_out(PLAY, ids, at - timedelta(days=1)) == first
    assert set(HoldoutMember.objects.at(at).filter(held_out=True).values_list("account_id", flat=True)) == second
    assert list(Holdout.objects.order_by("pk").values_list("state", flat=True)) == ["over", "running"]


def test_a_holdout_ended_by_hand_is_not_drawn_again(now):
    ids = customers(growth={1_000: 20})
    holdout = draw(now)
    held = selectors.held_out(PLAY, ids, now)
    at = now + timedelta(days=10)
    services.end_holdout(holdout, actor=ACTOR, now=at)
    assert services.renew_holdouts(actor=ACTOR, now=at + timedelta(days=200)) == 0
    assert selectors.held_out(PLAY, ids, at) == set()
    assert selectors.held_out(PLAY, ids, at - timedelta(days=1)) == held
    holdout.refresh_from_db()
    with pytest.raises(Refused, match="over already"):
        services.end_holdout(holdout, actor=ACTOR, now=at)


def test_holdouts_and_experiments_shuffle_independently(now):
    """Of those held out half are in each variant: the salts share nothing."""
    ids = customers(growth={1_000: 2_000})
    holdout = draw(now, share_percent=50)
    held = selectors.held_out(PLAY, ids, now)
    experiment = services.start(make.experiment(now=now), actor=ACTOR, now=now)
    short = {pk for pk, one in services.assign(experiment, account_ids=ids, now=now, actor=ACTOR).items() if one.variant == "short"}
    assert abs(len(held & short) / len(short) - 0.5) < 0.06
    with pytest.raises(Refused, match="shuffle of its own"):
        make.experiment(now=now, key=holdout.salt)


def test_two_experiments_shuffle_independently():
    units = [f"u{n}" for n in range(4_000)]
    places = np.array([[hashing.position(seed, unit) for unit in units] for seed in ("first", "second")])
    assert abs(np.corrcoef(places)[0, 1]) < 0.05
    assert abs(places.mean() - 0.5) < 0.01
