"""The short form of benchmarks/rewards.py: the same arithmetic as the product's, in a company whose truth is known."""

import numpy as np

from benchmarks import rewards


def test_a_paced_budget_is_used_and_never_passed_and_few_find_nothing_left():
    paced = [rewards.live_month(seed) for seed in range(60)]
    plain = [rewards.live_month(seed, paced=False) for seed in range(60)]
    spent = np.array([month.spent for month in paced])
    assert spent.max() <= 1.0 + 1e-9
    assert np.mean(spent >= 0.9) >= 0.9
    assert np.mean([month.denied for month in paced]) <= 0.02
    # What it is for: unpaced, one claim in seven finds nothing left.
    assert np.mean([month.denied for month in plain]) > 0.1


def test_farmers_take_no_more_than_six_percent_and_honest_customers_lose_little():
    found = {kind: rewards.farm(0, kind=kind) for kind in ("plain", "decay", "product")}
    assert found["plain"].farmers > 0.25
    assert found["product"].farmers <= 0.06
    # Decay from the first repeat does the same to farmers and takes a fifth from everybody else.
    assert found["product"].lost <= 0.03 < 0.15 < found["decay"].lost
