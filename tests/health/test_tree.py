"""What a tree may say, and that the answer to a wrong one names the field."""

import copy
from pathlib import Path

import pytest

from apps.health import standard, tree


def change(path, value):
    """The standard tree with one thing changed; path as the answer names it."""
    data = copy.deepcopy(standard.tree())
    at = data
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        at = at[step]
    at[last] = value
    return data


def test_the_standard_model_can_score_and_weighs_what_was_agreed():
    read = tree.read(standard.tree())
    assert {dimension.key: dimension.weight for dimension in read.dimensions} == {
        "usage": 30,
        "adoption": 20,
        "support": 15,
        "relationship": 15,
        "sentiment": 10,
        "commercial": 10,
    }


def test_the_guide_tells_the_standard_model_as_it_is():
    guide = (Path(__file__).resolve().parents[2] / "docs/health.md").read_text()
    for measure in (measure for dimension in standard.tree()["dimensions"] for measure in dimension["measures"]):
        row = next(line for line in guide.splitlines() if f"`{measure['source']}` {measure['weight']} |" in line)
        for tiers in (tier for line in measure["table"] for tier in [line["tiers"]]):
            told = " · ".join(f"{'below' if tier['from'] is None else format(tier['from'], 'g')} → {tier['points']:g}" for tier in tiers)
            assert told in row, measure["source"]


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        ("dimensions", [], "dimensions", "at least one dimension"),
        ("dimensions", "x", "dimensions", "Expected a list"),
        ("dimensions.0.weight", 31, "dimensions", "sum to 101 instead of 100"),
        ("dimensions.0.weight", 0, "dimensions.0.weight", "from 1 to 100"),
        ("dimensions.0.weight", 29.5, "dimensions.0.weight", "whole number"),
        ("dimensions.0.weight", True, "dimensions.0.weight", "no number"),
        ("dimensions.1.key", "usage", "dimensions", "'usage' stands twice"),
        ("dimensions.1.key", "a b", "dimensions.1.key", "no key"),
        ("dimensions.1.name", " ", "dimensions.1.name", "needs a name"),
        ("dimensions.1.measures", [], "dimensions.1.measures", "at least one measure"),
        ("dimensions.1.measures.0.weight", 37, "dimensions.1.measures", "within “Adoption” sum to 101"),
        ("dimensions.1.measures.0.source", "luck", "dimensions.1.measures.0.source", "no measure 'luck'"),
        ("dimensions.1.measures.0.source", "uses_own", "dimensions", "'uses_own' stands twice"),
        ("dimensions.1.measures.0.missing", "maybe", "dimensions.1.measures.0.missing", "no way to treat"),
        ("dimensions.1.measures.0.by", "mood", "dimensions.1.measures.0.by", "nothing that tiers can depend on"),
        ("dimensions.1.measures.0.by", "", "dimensions.1.measures.0.by", "something to depend on"),
        ("dimensions.1.measures.0.table.0.from", 3, "dimensions.1.measures.0.table.0.from", "begins nowhere"),
        ("dimensions.1.measures.0.table.1.from", None, "dimensions.1.measures.0.table.1.from", "no number"),
        ("dimensions.1.measures.0.table.0.tiers", [], "dimensions.1.measures.0.table.0.tiers", "needs tiers"),
        ("dimensions.1.measures.0.table.0.tiers.1.points", 101, "dimensions.1.measures.0.table.0.tiers.1.points", "0 to 100"),
        ("dimensions.1.measures.0.table.0.tiers.2.from", 1, "dimensions.1.measures.0.table.0.tiers.2.from", "above"),
        ("dimensions.1.measures.0.table.0.tiers.2.from", "NaN", "dimensions.1.measures.0.table.0.tiers.2.from", "no number"),
        ("dimensions.1.measures.0.audience", {"field": "arr", "value": "1"}, "dimensions.1.measures.0.audience.field", "no column"),
        ("dimensions.1.measures.0.audience", {"field": "plan", "value": ""}, "dimensions.1.measures.0.audience.value", "Say which plan"),
    ],
)
def test_a_wrong_tree_is_answered_with_the_field(path, value, field, words):
    problem = tree.problem_with(change(path, value))
    assert problem is not None
    assert problem.field == field
    assert words in problem.message


@pytest.mark.parametrize("data", [None, [], "x", {}, {"dimensions": None}, {"dimensions": [None]}, {"dimensions": [{"measures": {}}]}])
def test_nonsense_is_a_problem_and_never_an_error(data):
    assert tree.problem_with(data) is not None
