"""Short form of benchmarks/tip_ranking.py: a simulated world whose truth is known."""

import numpy as np

from benchmarks import tip_ranking


def test_choosing_tips_learns_in_one_world(monkeypatch):
    """A quarter of the shows keeps it to some seconds; the benchmark lives all 4,000 of them."""
    monkeypatch.setattr(tip_ranking, "SHOWS", 1_000)
    ours, rules, chance = (way(0) for way in (tip_ranking.learned, tip_ranking.by_rules, tip_ranking.by_chance))
    assert ours.share(first=1_000) >= 0.78
    assert ours.share(first=1_000) > rules.share(first=1_000) + 0.05
    assert ours.share(first=1_000) > chance.share(first=1_000) + 0.3
    assert np.isclose(ours.shows.sum(), 1_000, atol=3)
