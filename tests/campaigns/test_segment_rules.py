"""How rules of segments are read, told and drawn by lot."""

import hashlib
from datetime import UTC, datetime

import pytest

from apps.campaigns import selectors
from apps.campaigns.segments import rules
from apps.campaigns.segments.judged import bucket
from apps.core.shares import position
from tests import make

NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ([], "", "A rule is an object: all, any or none with a list of rules, or a condition with its kind."),
        ({"all": []}, "all", "It needs a list of 1 to 60 rules."),
        ({"all": [{"kind": "everybody"}], "any": []}, "", "A rule says exactly one of all, any, none or kind, not all and any."),
        ({"kind": "field", "name": "colour"}, "", "There is no field 'colour'; use one of arr, tier"),
        ({"kind": "field", "name": "arr", "op": "has", "value": "a"}, "", "“ARR” is a number; compare it by one of is, is_not"),
        (
            {"kind": "field", "name": "stage", "op": "one_of", "value": ["gone"]},
            "",
            "“stage” is never 'gone'; use one of onboarding, active, churned.",
        ),
        ({"any": [{"kind": "everybody"}, {"kind": "did", "within_days": 0}]}, "any[1].within_days", "At least 1."),
        ({"none": [{"any": [{"kind": "health", "band": "great"}]}]}, "none[0].any[0]", "There is no band 'great'; use one of poor, fair, good."),
        ({"kind": "did", "often": 3}, "", "“often” is not known here."),
        ({"kind": "trait", "name": "a\x00b", "op": "known"}, "name", "It holds a character that cannot be stored."),
        ({"kind": "risk", "op": "over", "value": float("nan")}, "value", "It holds a character that cannot be stored."),
        ({"kind": "milestone", "key": "a", "state": "open", "within_days": 3}, "", "“open” takes no within_days."),
        ({"kind": "bucket", "from": 50, "to": 50}, "", "A bucket ends after it begins."),
    ],
)
def test_what_is_wrong_is_told_by_its_place(said, place, words):
    with pytest.raises(rules.Flaws) as refused:
        rules.read(said)
    ((where, told),) = refused.value.flaws
    assert (where, told[: len(words)]) == (place, words)


def test_every_flaw_of_a_rule_is_told_at_once():
    with pytest.raises(rules.Flaws) as refused:
        rules.read({"all": [{"kind": "nothing"}, {"kind": "survey", "survey": "xyz"}, {"any": "x"}]})
    assert [place for place, _ in refused.value.flaws] == ["all[0].kind", "all[1]", "all[2].any"]


def test_rules_that_are_too_deep_or_too_long_are_refused():
    deep: dict = {"kind": "everybody"}
    for _ in range(9):
        deep = {"all": [deep]}
    with pytest.raises(rules.Flaws, match="at most 8 deep"):
        rules.read(deep)
    with pytest.raises(rules.Flaws, match="at most 60 conditions, this one has 80"):
        rules.read({"any": [{"all": [{"kind": "everybody"}] * 40}] * 2})


def test_a_rule_is_told_in_words_and_is_plain_data_again():
    said = {
        "all": [
            {"kind": "field", "name": "arr", "op": "at_least", "value": 50000.0},
            {"any": [{"kind": "did", "name": "report.made", "op": "under", "times": 3, "within_days": 14}, {"kind": "health", "band": "poor"}]},
            {"none": [{"kind": "in", "segment": "large"}, {"kind": "ticket", "priority": ["p1", "p2"]}]},
        ]
    }
    rule = rules.read(said)
    assert rules.read(rules.plain(rule)) == rule
    assert rules.in_words(rule) == (
        "ARR is at least 50000 and (did “report.made” fewer than 3 times within the last 14 days or health is poor)"
        " and (not is in segment “large” and not a P1 or P2 ticket is open)"
    )
    assert rules.refers_to(rule) == {"large"}


@pytest.mark.django_db
def test_a_bucket_is_the_same_share_in_sql_in_python_and_by_core_shares():
    accounts = [make.account() for _ in range(60)]
    parts = [{"kind": "bucket", "salt": "news", "from": start, "to": start + 25} for start in (0, 25, 50, 75)]
    found = [selectors.segments.who(rules.read(part), NOW) for part in parts]
    assert sorted(key for one in found for key in one) == sorted(account.pk for account in accounts)
    for account in accounts:
        place = bucket("news", account.pk)
        assert place == int(hashlib.sha256(f"news:{account.pk}".encode()).hexdigest()[:8], 16)
        assert place == int(position("news", account.pk) * 2**32)
        assert account.pk in found[place * 4 // 2**32]


@pytest.mark.django_db
def test_what_is_not_known_fulfils_no_comparison_except_unknown_and_is_not():
    nobody_knows = make.account(tier="", seats=None)
    known = make.account(tier="gold", seats=10, traits={"size": "many"})
    for said, expected in (
        ({"kind": "field", "name": "tier", "op": "is_not", "value": "gold"}, {nobody_knows.pk}),
        ({"kind": "field", "name": "seats", "op": "under", "value": 1e9}, {known.pk}),
        ({"none": [{"kind": "field", "name": "seats", "op": "under", "value": 1e9}]}, {nobody_knows.pk}),
        ({"kind": "trait", "name": "size", "op": "is_not", "value": 3}, {nobody_knows.pk, known.pk}),
        ({"kind": "trait", "name": "size", "op": "over", "value": 3}, set()),
        ({"kind": "trait", "name": "size", "op": "known"}, {known.pk}),
        ({"kind": "last", "op": "unknown"}, {nobody_knows.pk, known.pk}),
        ({"kind": "did", "op": "at_most", "times": 0}, {nobody_knows.pk, known.pk}),
    ):
        rule = rules.read(said)
        assert selectors.segments.who(rule, NOW) == expected
        told = {account.pk for account in (nobody_knows, known) if selectors.segments.explain(rule, account.pk, NOW).holds}
        assert told == expected
