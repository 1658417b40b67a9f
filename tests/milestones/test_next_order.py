"""The next milestone and its worth: the arithmetic and the words."""

import numpy as np
import pytest

from apps.milestones.pathways import order, values, words
from apps.milestones.pathways.order import Open, Ranked
from apps.milestones.pathways.words import Worth
from apps.milestones.types import OrderRule


def test_before_anything_is_learned_the_catalogue_decides_among_what_they_can_win():
    ranked = order.by_catalogue([Open("c", 3, 0.9, {}), Open("a", 1, 0.31, {}), Open("b", 2, 0.55, {})], target=0.7)
    assert [(one.milestone, one.waits) for one in ranked] == [("b", False), ("c", False), ("a", True)]


def test_where_nothing_can_be_won_the_likeliest_comes_first():
    ranked = order.by_catalogue([Open("a", 1, 0.2, {}), Open("b", 2, 0.4, {})], target=0.7)
    assert [one.milestone for one in ranked] == ["b", "a"]


def test_worth_counts_times_the_chance_with_what_it_opens():
    candidates = [Open("plain", 1, 0.8, {}), Open("door", 2, 0.8, {"treasure": 0.5}), Open("worthy", 3, 0.5, {})]
    ranked = order.by_value(candidates, {"worthy": 0.10, "treasure": 0.20})
    assert [(one.milestone, one.ahead) for one in ranked] == [("door", "treasure"), ("worthy", None), ("plain", None)]
    assert [one.score for one in ranked] == pytest.approx([0.8 * 0.9 * 0.5 * 0.20, 0.05, 0.0])


def test_without_known_worth_the_learned_order_is_the_catalogues():
    ranked = order.by_value([Open("b", 2, 0.9, {}), Open("a", 1, 0.5, {})], {})
    assert [one.milestone for one in ranked] == ["a", "b"]


def test_a_milestone_that_changes_nothing_is_worth_nothing_and_one_that_does_is_found():
    draw = np.random.default_rng(7)
    early = (draw.random((4_000, 3)) < 0.5).astype(float)
    stayed = (draw.random(4_000) < 0.5 + 0.2 * early[:, 1]).astype(float)
    found = {one.milestone: one for one in values.values(early, stayed, np.ones(4_000), ["a", "b", "c"])}
    assert found["b"].low > 0.1
    assert found["b"].points == max(one.points for one in found.values())
    assert 0 < found["b"].shrunk < found["b"].points
    assert (found["b"].reached, found["b"].accounts) == (int(early[:, 1].sum()), 4_000)


def test_a_milestone_that_few_reached_is_not_valued():
    early = np.zeros((200, 2))
    early[:29, 0] = early[:30, 1] = 1
    stayed = np.tile([1.0, 0.0], 100)
    assert [one.milestone for one in values.values(early, stayed, np.ones(200), ["few", "enough"])] == ["enough"]


def test_what_seems_to_do_harm_counts_as_nothing_when_choosing():
    assert values.for_choosing([values.Value("a", -0.1, -0.2, 0.0, -0.08, 40, 900), values.Value("b", 0.1, 0.0, 0.2, 0.08, 40, 900)]) == {
        "a": 0.0,
        "b": 0.08,
    }


def test_the_reason_tells_figure_interval_numbers_and_how_far_it_is_proven():
    ranked = [Ranked("b", 2, 0.68, 0.1, 0.07), Ranked("a", 1, 0.9, 0.0, 0.0)]
    said = words.reasons(
        ranked, OrderRule.LEARNED, {"a": "First report", "b": "Invite the team"}, {"b": Worth(0.12, 0.05, 0.19, 210, 812, 2)}, "not proven yet"
    )
    assert said == [
        "Teams like yours that reached “Invite the team” by week 2 stayed 12 points more often "
        "(95 % sure of +5 to +19, from 210 of 812 teams); not proven yet.",
        "Their chance to reach it in time is 68 %.",
    ]


def test_the_reason_says_what_was_passed_over():
    ranked = order.by_catalogue([Open("a", 1, 0.31, {}), Open("b", 2, 0.55, {})], target=0.7)
    assert words.reasons(ranked, OrderRule.CATALOGUE, {"a": "Single sign-on", "b": "First report"}, {}, "")[0] == (
        "It is the first in the catalogue that they can win: “Single sign-on” waits, as their chance there is 31 %."
    )
