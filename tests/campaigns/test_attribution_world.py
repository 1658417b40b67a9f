"""A short form of the benchmark: worlds whose truth is known, with last touches that customers choose themselves."""

import pytest

from benchmarks import attribution

pytestmark = pytest.mark.django_db


def test_the_held_out_tell_the_truth_where_last_touch_does_not():
    place = attribution.town(800)
    found = attribution.figures([attribution.world(place, seed) for seed in range(20)])
    assert found["incremental_covers"] >= 0.8
    assert 0.5 < found["incremental_over_truth"] < 1.5
    assert found["last_touch_over_truth"] > 2
    assert found["first_touch_over_truth"] > 3
    # An advertisement that did nothing is given what others would have done anyway.
    assert found["last_touch_for_what_has_no_effect"] > 20


def test_the_interval_itself_holds_the_truth_in_93_to_97_of_100():
    assert 0.93 <= attribution.method_covers(3_000) <= 0.97
