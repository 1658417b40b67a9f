"""Patterns: as many as are stable, and their names stay over re-fits."""

import numpy as np
import pytest

from apps.coaching.behaviours import KEYS
from apps.coaching.profiles import archetypes, clusters, told


def cloud(groups: int, *, size: int = 400, apart: float = 6.0, seed: int = 1) -> np.ndarray:
    """Accounts around so many centres, in eight behaviours."""
    draw = np.random.default_rng(seed)
    centres = np.eye(8)[:groups] * apart
    return np.concatenate([draw.normal(0, 1, (size // groups, 8)) + centre for centre in centres])


@pytest.mark.parametrize("groups", [2, 3])
def test_as_many_groups_as_there_are(groups):
    found = clusters.group(cloud(groups), seed=7, most=6)
    assert found.k == groups
    assert [one.k for one in found.tried] == [2, 3, 4, 5, 6]
    assert next(one for one in found.tried if one.k == groups).ari > 0.99


def test_one_cloud_has_no_groups_that_last():
    found = clusters.group(cloud(1), seed=7, most=5)
    assert found.k == 0
    assert all(not one.fits for one in found.tried)


def test_a_splinter_of_three_in_a_hundred_is_no_group():
    points = np.concatenate([cloud(2, size=388), np.random.default_rng(2).normal(0, 0.2, (12, 8)) + np.full(8, 9.0)])
    found = clusters.group(points, seed=7, most=4)
    three = next(one for one in found.tried if one.k == 3)
    assert (three.ari, three.smallest, three.fits) == (pytest.approx(1.0), pytest.approx(0.03), False)
    assert found.k != 3


def test_the_same_seed_gives_the_same_groups():
    one, two = clusters.group(cloud(3), seed=7, most=4), clusters.group(cloud(3), seed=7, most=4)
    assert (one.centres == two.centres).all()


def test_groups_keep_their_names_when_they_move_a_little_and_change_places():
    old = np.eye(8)[:3] * 3
    new = np.array([old[2] + 0.3, old[0] - 0.2, np.full(8, -4.0)])
    assert clusters.matched(old, new) == {0: 2, 1: 0}
    assert clusters.matched(np.empty((0, 8)), new) == {}


def test_places_put_equal_values_in_the_middle_and_what_is_unknown_too():
    scale = clusters.scale([0, 0, 0, 0, 10, 20, 30, 40])
    assert clusters.place(0, scale) == pytest.approx(0.25)
    assert clusters.place(None, scale) == 0.5
    assert clusters.place(40, scale) > 0.9
    assert clusters.place(3, []) == 0.5
    assert clusters.scale([None, None]) == []


def test_one_account_that_does_a_thousand_times_as_much_pulls_no_centre():
    values = [{"frequency": float(value)} for value in [*range(20), 20_000]]
    points = clusters.gaussian(values, {"frequency": clusters.scale([row["frequency"] for row in values])})
    assert points.max() < 2.3


def test_names_say_what_is_most_unlike_the_middle():
    centre = np.array([1.5, 0.1, -1.2, 0, 0, 0, 0.4, 0])
    assert told.named(centre, set()) == (
        "Daily and narrow",
        "Compared with all accounts: more days of use, use against four weeks before; less different things used.",
    )
    assert told.named(centre, {"Daily and narrow"})[0] == "Daily, narrow and growing"


def test_every_account_has_an_archetype():
    nothing = dict.fromkeys(KEYS)
    assert archetypes.archetype(nothing).key == "silent"
    assert archetypes.archetype({**nothing, "frequency": 9, "momentum": -0.5}).key == "fading"
    assert archetypes.archetype({**nothing, "frequency": 9, "momentum": 0, "breadth": 5, "people": 0.6}).key == "whole-team"
    assert archetypes.archetype({**nothing, "frequency": 9, "momentum": 0, "breadth": 1, "depth": 0.9}).key == "specialists"
    assert archetypes.archetype({**nothing, "frequency": 9, "momentum": 0, "breadth": 3}).key == "occasional"


def test_strengths_and_gaps_are_told_with_numbers_and_questions_count_the_other_way():
    scales = {"frequency": clusters.scale(list(range(28))), "help": clusters.scale(list(range(28)))}
    measures = told.measures({"frequency": 2, "help": 1.0, "people": None}, scales)
    strengths, gaps = told.ahead_and_behind(measures, scales, accounts=28)
    assert [one["behaviour"] for one in strengths] == ["help"]
    assert [one["behaviour"] for one in gaps] == ["frequency"]
    assert gaps[0]["words"] == "Days of use: 2 of 28 days; half of all accounts come to 13.5 of 28 days or more. 9 of 100 accounts come to less."
    assert told.ahead_and_behind(measures, scales, accounts=9) == ([], [])
