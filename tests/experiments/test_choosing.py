"""Choosing an arm: what is allowed, what is written down, and how outcomes come home."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.actor import Actor
from apps.experiments import choosing, selectors, services
from apps.experiments.learning import thompson
from apps.experiments.learning.thompson import Option, Tally
from apps.experiments.models import ArmCount, PolicyDecision
from apps.experiments.types import Ask, Candidate
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
START = datetime(2026, 1, 1, tzinfo=UTC)
EMAIL, SMS, CALL = Candidate("email", value=30, cost=0.01), Candidate("sms", value=30, cost=0.06), Candidate("voice", value=30, cost=6)


@pytest.fixture
def account():
    return make.account()


def choose(account, now, key="k1", candidates=(EMAIL, SMS), **fields):
    return services.choose("channel", key=key, account_id=account.pk, candidates=candidates, now=now, actor=ACTOR, **fields)


def know(now, arm, successes, failures, segment="mid"):
    ArmCount.objects.create(policy="channel", segment=segment, arm=arm, successes=successes, failures=failures, as_of=now)


def test_a_decision_keeps_all_that_it_could_have_done(account, now):
    know(now, "sms", 300, 700)
    know(now, "email", 10, 990)
    barred = Candidate("whatsapp", allowed=False, why_not="no consent", value=30, cost=0.08)
    chosen = choose(account, now, candidates=(EMAIL, SMS, barred), segment="mid")
    row = PolicyDecision.objects.get()
    assert (chosen.arm, chosen.words, chosen.decision_id) == ("sms", "SMS: about 300 of 1000 answered in mid", row.pk)
    assert [(one["arm"], one["allowed"], one.get("why_not")) for one in row.candidates] == [
        ("email", True, None),
        ("sms", True, None),
        ("whatsapp", False, "no consent"),
    ]
    assert sum(one.get("propensity", 0) for one in row.candidates) == pytest.approx(1, abs=1e-5)
    # The floor of 3 % over two allowed arms leaves the worse one its 1.5 %.
    assert row.candidates[0]["propensity"] == pytest.approx(0.015, abs=1e-3)
    assert row.propensity == pytest.approx(0.985, abs=1e-3)
    assert row.candidates[1]["expected"] == pytest.approx(0.3, abs=0.01)
    assert (row.how, row.floor, row.version, len(row.context_hash)) == ("learned", 0.03, "thompson 1, floor 0.03, half-life 90 d", 64)
    assert row.window_until == now + timedelta(days=7)


def test_asked_again_the_first_answer_stands(account, now):
    first = choose(account, now)
    know(now, "email", 0, 5_000, segment="")
    know(now, "sms", 0, 5_000, segment="")
    assert choose(account, now + timedelta(days=1), candidates=(CALL,)) == first
    assert PolicyDecision.objects.count() == 1


def test_the_same_key_and_counts_choose_the_same_everywhere(account, now):
    chosen = [choose(account, now, key=f"k{n}").arm for n in range(30)]
    first = list(PolicyDecision.objects.order_by("pk").values_list("chosen", "propensity", "seed", "context_hash"))
    PolicyDecision.objects.all().delete()
    assert [choose(account, now, key=f"k{n}").arm for n in range(30)] == chosen
    assert list(PolicyDecision.objects.order_by("pk").values_list("chosen", "propensity", "seed", "context_hash")) == first


def test_where_nothing_is_allowed_it_says_why_and_keeps_nothing(account, now):
    barred = (Candidate("email", allowed=False, why_not="unsubscribed"), Candidate("sms", allowed=False, why_not="no number"))
    chosen = choose(account, now, candidates=barred)
    assert (chosen.arm, chosen.decision_id, chosen.words) == ("", None, "Nothing is allowed. email: unsubscribed; SMS: no number")
    assert choose(account, now, key="k2", candidates=()).words == "There is nothing to choose from."
    assert not PolicyDecision.objects.exists()


def test_a_costly_arm_is_taken_only_where_it_is_worth_it(account, now):
    for arm, successes, failures in (("email", 100, 900), ("voice", 250, 750)):
        know(now, arm, successes, failures, segment="")
    small = [Candidate("email", value=30, cost=0.01), Candidate("voice", value=30, cost=6)]
    large = [Candidate("email", value=300, cost=0.01), Candidate("voice", value=300, cost=6)]
    assert [choose(account, now, key=f"s{n}", candidates=small).arm for n in range(8)].count("email") >= 7
    assert [choose(account, now, key=f"l{n}", candidates=large).arm for n in range(8)].count("voice") >= 7


def test_fatigue_counts_like_a_cost(account, now):
    know(now, "email", 100, 900, segment="")
    know(now, "sms", 130, 870, segment="")
    tired = [EMAIL, Candidate("sms", value=30, cost=0.06, fatigue=3)]
    assert [choose(account, now, key=f"k{n}", candidates=tired).arm for n in range(8)].count("email") >= 7


def test_what_the_customer_did_themselves_is_said_and_pulls(account, now):
    own = [Candidate("email", value=30, own_tries=6, own_successes=1), Candidate("sms", value=30, own_tries=4, own_successes=3)]
    chosen = choose(account, now, candidates=own)
    assert (chosen.arm, chosen.words) == ("sms", "SMS: 3 of 4 replies came by SMS")
    assert chosen.candidates[1]["expected"] > 0.25


def test_a_rule_overrides_where_it_may(account, now):
    ruled = choose(account, now, forced="email", forced_because="enterprise customers get email first")
    assert (ruled.arm, ruled.words, ruled.propensity, ruled.how) == ("email", "email: enterprise customers get email first", 1.0, "rule")
    barred = (Candidate("email", allowed=False, why_not="unsubscribed"), SMS)
    assert choose(account, now, key="k2", candidates=barred, forced="email").arm == "sms"
    services.settle(ruled.decision_id, success=True, at=now)
    assert not ArmCount.objects.exists()


def test_in_fixed_order_the_first_that_is_allowed_is_taken(account, now):
    barred = (Candidate("email", allowed=False), SMS, CALL)
    chosen = choose(account, now, candidates=barred, fixed=True)
    assert (chosen.arm, chosen.propensity, chosen.words) == ("sms", 1.0, "SMS: the first in the fixed order that is allowed")


def test_with_nothing_known_the_usual_rates_of_channels_lead_and_are_said(account, now):
    chosen = [choose(account, now, key=f"k{n}", candidates=(Candidate("push"), Candidate("voice"))) for n in range(20)]
    assert [one.arm for one in chosen].count("voice") >= 17
    assert "call: nothing is known yet, so by what is usual for the channel" in {one.words for one in chosen}


def test_many_are_chosen_with_few_statements(account, now, django_assert_max_num_queries):
    asks = [Ask(f"k{n}", account.pk, (EMAIL, SMS), segment=f"s{n % 4}") for n in range(100)]
    with django_assert_max_num_queries(6):
        found = services.choose_many("channel", asks=asks, now=now, actor=ACTOR)
    assert len(found) == PolicyDecision.objects.count() == 100


def cell(arm="sms"):
    row = ArmCount.objects.get(arm=arm)
    return pytest.approx((row.successes, row.failures), abs=1e-9)


def test_pending_is_no_failure_and_an_outcome_counts_once(account, now):
    chosen = choose(account, now, candidates=(SMS,))
    assert services.settle_due(now=now + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert not ArmCount.objects.exists()
    assert services.settle(chosen.decision_id, success=True, at=now + timedelta(days=1)) is True
    assert services.settle(chosen.decision_id, success=True, at=now + timedelta(days=2)) is False
    assert services.settle(chosen.decision_id, success=False, at=now + timedelta(days=2)) is False
    assert services.settle_due(now=now + timedelta(days=9)) == 0
    assert cell() == (1, 0)
    row = PolicyDecision.objects.get()
    assert (row.success, row.success_at, row.reward) == (True, now + timedelta(days=1), pytest.approx(29.94))


def test_without_an_answer_in_time_it_is_a_failure_as_of_the_end_of_its_window(account, now):
    choose(account, now, candidates=(SMS,))
    assert services.settle_due(now=now + timedelta(days=30)) == 1
    row = PolicyDecision.objects.get()
    assert (row.success, row.settled_at, row.reward) == (False, now + timedelta(days=7), pytest.approx(-0.06))
    assert (cell(), ArmCount.objects.get().as_of) == ((0, 1), now + timedelta(days=7))


def test_a_late_answer_takes_the_failure_back_with_what_it_weighs_by_then(account, now):
    chosen = choose(account, now, candidates=(SMS,))
    choose(account, now, key="other", candidates=(SMS,))
    services.settle_due(now=now + timedelta(days=7))
    assert cell() == (0, 2)
    late = now + timedelta(days=97)
    assert services.settle(chosen.decision_id, success=True, at=late) is True
    # The other failure weighs half after 90 days; this one is gone.
    assert cell() == (1, 0.5)
    assert services.settle(chosen.decision_id, success=True, at=late) is False


def test_a_person_may_take_a_success_back(account, now):
    chosen = choose(account, now, candidates=(SMS,))
    services.settle(chosen.decision_id, success=True, at=now)
    assert services.correct(chosen.decision_id, success=False, at=now + timedelta(days=3)) is True
    assert services.correct(chosen.decision_id, success=False, at=now + timedelta(days=3)) is False
    row = PolicyDecision.objects.get()
    assert (row.success, row.success_at, row.reward, cell()) == (False, None, pytest.approx(-0.06), (0, pytest.approx(1, abs=1e-9)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.booleans()), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_outcomes_arrive_makes_no_difference(outcomes, shuffled):
    base = choosing.USUAL

    def counted(events):
        ArmCount.objects.all().delete()
        for days, success in events:
            at = START + timedelta(days=days)
            choosing._count("p", "", "", "a", [(at, float(success), float(not success))], base)
        row = ArmCount.objects.get()
        return row.successes, row.failures, row.as_of

    again = list(outcomes)
    shuffled.shuffle(again)
    one, other = counted(outcomes), counted(again)
    assert one[:2] == pytest.approx(other[:2], rel=1e-9, abs=1e-12)
    assert one[2] == other[2]


def test_segments_lend_each_other_what_they_know():
    counts = {(f"s{n}", "sms"): Tally(30, 70) for n in range(5)}
    a, b = thompson.posterior("new", "sms", counts, 0.1)
    assert a / (a + b) == pytest.approx(0.3, abs=0.01)
    # They are alike, so the new one is expected to be like them; where they differ much, less so.
    different = {(f"s{n}", "sms"): Tally(10 + 15 * n, 90 - 15 * n) for n in range(5)}
    assert sum(thompson.posterior("new", "sms", different, 0.1)) < sum((a, b))


def test_kappa_finds_how_alike_the_segments_are():
    draw = np.random.default_rng(2)
    for truth in (8, 40):
        rates = draw.beta(0.2 * truth, 0.8 * truth, 400)
        tallies = [Tally(float(done), 300 - float(done)) for done in draw.binomial(300, rates)]
        assert thompson.kappa(tallies, 0.2) == pytest.approx(truth, rel=0.2)
    assert thompson.kappa([Tally(20, 80)] * 6, 0.2) == 200
    assert thompson.kappa([Tally(1, 2), Tally(0, 3)], 0.2) == 20
    assert thompson.kappa([Tally(100, 0), Tally(0, 100)], 0.5) == 4


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**40), st.floats(0.02, 0.05))
def test_every_allowed_arm_keeps_its_floor_and_chances_add_up(count, seed, floor):
    options = [Option(f"a{n}", 30, cost=float(n)) for n in range(count)]
    counts = {("s", f"a{n}"): Tally(50 * (n == 0), 500) for n in range(count)}
    found = thompson.pick("s", options, counts, seed=seed, floor=floor)
    assert sum(found.propensities) == pytest.approx(1)
    assert min(found.propensities) >= 0.99 * floor / count
    assert found.propensity > 0


def test_the_propensities_are_the_shares_in_which_arms_are_taken():
    options = [Option("email", 30, 0.01), Option("sms", 30, 0.06), Option("voice", 30, 6)]
    counts = {("s", "email"): Tally(8, 72), ("s", "sms"): Tally(9, 71), ("s", "voice"): Tally(3, 7)}
    picks = [thompson.pick("s", options, counts, seed=seed) for seed in range(3_000)]
    taken = np.bincount([one.index for one in picks], minlength=3) / 3_000
    told = np.mean([one.propensities for one in picks], axis=0)
    assert np.abs(taken - told).max() < 0.02
    assert np.mean([one.explored for one in picks]) == pytest.approx(0.03, abs=0.01)


def logged(account, now, count, rates, known=(0, 0)):
    """Decisions of a policy that knows little, settled by the true rates."""
    draw = np.random.default_rng(4)
    asks = [Ask(f"k{n}", account.pk, (EMAIL, SMS)) for n in range(count)]
    # In the order of their keys, whatever the table gives back first: the lots below are drawn one after the other.
    by_key = services.choose_many("channel", asks=asks, now=now, actor=ACTOR)
    for chosen in (by_key[key] for key in sorted(by_key)):
        PolicyDecision.objects.filter(pk=chosen.decision_id).update(
            settled_at=now, success=bool(hit := draw.random() < rates[chosen.arm]), reward=30 * hit - {"email": 0.01, "sms": 0.06}[chosen.arm]
        )


def test_another_rule_is_valued_from_what_was_logged(account, now):
    logged(account, now, 3_000, {"email": 0.05, "sms": 0.2})
    asked = {"since": now, "until": now + timedelta(days=1)}
    email = selectors.policy_worth("channel", other=selectors.fixed_order(["email", "sms"]), **asked)
    sms = selectors.policy_worth("channel", other=selectors.fixed_order(["sms"]), **asked)
    assert email.low < 1.49 < email.high
    assert sms.low < 5.94 < sms.high
    assert email.weighted == pytest.approx(1.49, abs=0.6)
    assert email.effective >= 200
    assert email.words.startswith(f"{email.value:.2f} per decision (95 % sure of ")


def test_a_few_decisions_value_nothing(account, now):
    logged(account, now, 100, {"email": 0.05, "sms": 0.2})
    found = selectors.policy_worth("channel", other=selectors.fixed_order(["email"]), since=now, until=now + timedelta(days=1))
    assert found.value is None
    assert found.words.startswith("We cannot tell yet: only ")
    assert found.words.endswith("of 100 decisions speak for the other rule, 200 are needed.")
    nothing = selectors.policy_worth("channel", other=selectors.fixed_order(["email"]), since=now + timedelta(days=1), until=now + timedelta(days=2))
    assert nothing.words == "We cannot tell yet: no decision has been settled."
    PolicyDecision.objects.filter(key="k1").update(propensity=0.004)
    rare = selectors.policy_worth("channel", other=selectors.fixed_order(["email"]), since=now, until=now + timedelta(days=1))
    assert rare.words == "We cannot tell: a decision had a chance below 0.5%, so a few of them would carry the whole figure."
