"""The pure parts: rule, logistic scores, bands, words."""

import math
import random

import numpy as np
import pytest

from apps.churn.scoring import bands, columns, encoding, engine, fitting, leaks, measures, rule, words
from apps.churn.types import Band
from tests.churn.told import reasons

CALM = {
    "trend_28": 0.1,
    "trend_7": 0.0,
    "trend_days": 0.0,
    "since": 1,
    "leaving_28": 0,
    "payment_56": 0,
    "support_28": 0,
    "renewal": 200,
    "tenure": 400,
}
CALM |= {"n_28": 40, "n_7": 10, "active_28": 20}
PARAMETERS = {"weights": rule.default_weights(), "cuts": bands.RULE_CUTS}


def learned(seed: int = 1, count: int = 600):
    draw = np.random.default_rng(seed)
    table = {
        "n_28": draw.poisson(30, count).astype(float),
        "trait:Contract": [["Month-to-month", "One year", "Two year"][at] for at in draw.integers(0, 3, count)],
        "trait:age": [None if draw.random() < 0.1 else int(draw.integers(18, 80)) for _ in range(count)],
        "trait:joined": ["2024-01-05"] * count,
        "trait:name": [f"name {number}" for number in range(count)],
    }
    odds = -1 - 0.1 * (table["n_28"] - 30) + np.array([1.5 if text == "Month-to-month" else -0.5 for text in table["trait:Contract"]])
    labels = (draw.random(count) < 1 / (1 + np.exp(-odds))).astype(float)
    return table, labels, fitting.fit("logistic", table, labels, list(table))


def test_contributions_sum_to_the_log_odds_difference_to_the_average_account():
    table, _, parameters = learned()
    model = engine.learned("logistic", parameters)
    parts = model.parts(table.__getitem__)
    chances = engine.chances("logistic", parameters, table.__getitem__)

    log_odds = np.log(chances / (1 - chances))

    assert np.abs(parts.sum(axis=1) - (log_odds - model.base)).max() < 1e-9
    assert abs(parts.mean()) < 1e-9
    row = {key: values[0] for key, values in table.items()}
    (score,) = engine.scores("logistic", parameters, encoding.of([row]))
    assert score.probability == pytest.approx(chances[0], abs=1e-12)
    assert sum(reason.contribution for reason in score.reasons) == pytest.approx(parts[0].sum(), abs=1e-9)


def test_the_model_equals_scikit_learn_and_uses_no_dates_or_names():
    from sklearn.linear_model import LogisticRegression

    table, labels, _ = learned()
    parameters = fitting.fit("logistic", table, labels, [key for key in table if key != "n_28"])
    x = encoding.design(table.__getitem__, parameters["columns"])
    peer = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-8).fit(x, labels)

    assert np.abs(peer.predict_proba(x)[:, 1] - engine.chances("logistic", parameters, table.__getitem__)).max() < 1e-12
    assert {column["feature"] for column in parameters["columns"]} == {"trait:Contract", "trait:age"}
    assert {column["how"] for column in parameters["columns"] if column["feature"] == "trait:age"} == {"value", "missing", "above"}


def test_values_beyond_the_training_range_are_clipped_and_strange_ones_are_filled():
    _, _, parameters = learned()
    far, further, strange = (
        engine.scores("logistic", parameters, encoding.of([{"n_28": value, "trait:Contract": "Lifetime", "trait:age": "n/a"}]))[0].probability
        for value in (10_000, 10_000_000, float("inf"))
    )
    assert far == further
    assert 0 < strange < 1


def test_a_text_gets_at_most_twelve_levels_and_the_rest_is_other():
    texts = [f"kind {number}" for number in range(20) for _ in range(40 - number)]
    made = columns.scaled({"trait:kind": texts}, ["trait:kind"], knots=True)

    assert [column["level"] for column in made] == [f"kind {number}" for number in range(12)] + [None]
    assert encoding.read(encoding.levels(["kind 0", "kind 15", None]), made[-1]).tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("name", "smells"),
    [
        ("churn_reason", True),
        ("CancelledAt", True),
        ("exit survey", True),
        ("stage", True),
        ("offboarding_ticket", True),
        ("account_closed", True),
        ("existing_customer", False),
        ("contract", False),
        ("flexitime", False),
        ("stages_completed", False),
    ],
)
def test_names_that_smell_of_the_outcome(name, smells):
    assert leaks.smells_of_outcome(name) is smells


def test_a_column_that_tells_the_outcome_alone_is_refused_with_its_reason():
    draw = np.random.default_rng(0)
    labels = (draw.random(400) < 0.3).astype(float)
    table = {
        "trait:balance_due": (labels + draw.normal(0, 0.1, 400)).tolist(),
        "trait:last_step": ["bye" if label and draw.random() < 0.8 else "hello" for label in labels],
        "trait:fair": (labels * 0.5 + draw.normal(0, 1, 400)).tolist(),
        "trait:churn_note": [""] * 400,
    }
    refused = leaks.refused(table, list(table), labels)
    assert set(refused) == {"trait:balance_due", "trait:last_step", "trait:churn_note"}
    assert "AUC 1.00" in refused["trait:balance_due"]
    assert "name" in refused["trait:churn_note"]


def test_a_calm_account_scores_near_nothing_and_a_silent_one_is_high():
    gone = {"trend_28": -3.0, "trend_7": -2.0, "trend_days": -2.5, "since": 40, "n_28": 0, "n_7": 0, "active_28": 0}
    calm, silent = engine.scores("rule", PARAMETERS, encoding.of([CALM, CALM | gone]))
    assert calm.probability == 0
    assert bands.band(calm.probability, bands.RULE_CUTS) == Band.LOW
    assert silent.probability == pytest.approx(0.20 + 0.08 + 0.08 + 0.16 + 0.14 * 39 / 181)
    assert bands.band(silent.probability, bands.RULE_CUTS) == Band.HIGH
    assert [reason.words for reason in silent.reasons[:2]] == [
        "Activity of the last 28 days down 100 % against its own pattern",
        "No activity for 40 days",
    ] or [reason.words for reason in silent.reasons[:2]] == [
        "Activity of the last 7 days down 100 % against its own pattern",
        "No activity for 40 days",
    ]


def test_the_points_of_the_rule_sum_to_the_distance_from_a_typical_account():
    typical = sum(100 * term.weight * term.typical for term in rule.TERMS)
    for seed in range(20):
        draw = random.Random(seed)
        row = {key: draw.choice([None, draw.uniform(-3, 300)]) for key in CALM}
        source = encoding.of([row])
        assert rule.parts(source, PARAMETERS).sum() == pytest.approx(100 * rule.ranks(source, PARAMETERS)[0] - typical)


def test_an_unknown_value_moves_nothing():
    assert not rule.parts(encoding.of([{}]), PARAMETERS).any()


def test_weights_are_checked():
    weights = rule.default_weights()
    assert rule.problem_with(weights) == ""
    assert "sum to 1.1" in rule.problem_with(weights | {"trend_28": 0.30})
    assert "exactly these terms" in rule.problem_with({"trend_28": 1.0})
    assert "from 0 to 1" in rule.problem_with(weights | {"trend_28": -0.2})


def test_a_band_is_left_only_when_the_score_is_clearly_below_its_edge():
    cuts = {"medium": 0.2, "high": 0.4}
    assert bands.band(0.40, cuts) == Band.HIGH
    assert bands.band(0.399, cuts) == Band.MEDIUM
    assert bands.band(0.35, cuts, Band.HIGH) == Band.HIGH
    assert bands.band(0.33, cuts, Band.HIGH) == Band.MEDIUM
    assert bands.band(0.35, cuts, Band.MEDIUM) == Band.MEDIUM
    assert bands.band(0.18, cuts, Band.HIGH) == Band.MEDIUM
    assert bands.band(0.16, cuts, Band.HIGH) == Band.LOW


@pytest.mark.parametrize(("base", "medium", "high"), [(0.02, 0.03, 0.05), (0.10, 0.15, 0.25), (0.265, 0.3975, 0.6325), (0.8, 0.85, 0.9)])
def test_model_bands_follow_the_base_rate(base, medium, high):
    assert bands.model_cuts(base) == {"medium": pytest.approx(medium), "high": pytest.approx(high)}


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("since", 23, "No activity for 23 days"),
        ("since", 1, "Active within the last day"),
        ("support_28", 2, "2 support problems in 28 days"),
        ("support_28", 1, "1 support problem in 28 days"),
        ("support_28", 0, "No support problems in 28 days"),
        ("trend_28", math.log(0.46), "Activity of the last 28 days down 54 % against its own pattern"),
        ("trend_28", math.log(1.2), "Activity of the last 28 days up 20 % against its own pattern"),
        ("trend_28", 0.001, "Activity of the last 28 days as in its own pattern"),
        ("trend_28", math.log(5), "Activity of the last 28 days 5.0 times its own pattern"),
        ("trend_28", None, "Too new for a pattern of its own"),
        ("tenure", 1200, "Customer for 3.3 years"),
        ("renewal", 1, "Renews in 1 day"),
        ("n_7", 1, "1 action in 7 days"),
        ("n_28", 1234, "1,234 actions in 28 days"),
        ("active_28", 0, "Active on none of the last 28 days"),
        ("since_usual", 3.24, "Quiet 3.2 times as long as its usual gap"),
        ("since_usual", 1.0, "No longer quiet than usual"),
        ("name:invite sent", 1, "1 time “invite sent” in 28 days"),
        ("name:invite sent", 12, "12 times “invite sent” in 28 days"),
        ("name:invite sent", 0, "No “invite sent” in 28 days"),
        ("trait:Contract", "Month-to-month", "Contract is Month-to-month"),
        ("trait:paperless_billing", True, "Paperless billing: yes"),
        ("trait:MonthlyCharges", 29.85, "Monthly charges: 30"),
        ("trait:region", None, "Region is not known"),
        ("plan", "Pro", "Plan is Pro"),
        ("arr", 12000.0, "ARR 12,000"),
        ("seats", None, "Number of seats not known"),
    ],
)
def test_reasons_say_the_figure_in_words(key, value, text):
    assert words.sentence(key, value) == text


@pytest.mark.parametrize(
    ("key", "value", "typical", "text"),
    [
        ("n_28", 4, 60.4, "Only 4 actions in 28 days (typical: 60)"),
        ("n_28", 1, 60, "Only 1 action in 28 days (typical: 60)"),
        ("n_28", 0, 60, "No actions in 28 days (typical: 60)"),
        ("n_28", 55, 60, "55 actions in 28 days (typical: 60)"),
        ("n_28", 94, 60, "94 actions in 28 days (typical: 60)"),
        ("n_28", 60, 60.2, "60 actions in 28 days"),
        ("active_7", 1, 5, "Active on only 1 of the last 7 days (typical: 5)"),
        ("active_7", 0, 5, "Active on none of the last 7 days (typical: 5)"),
        ("name:invoice.sent", 0, 4, "No “invoice sent” in 28 days (typical: 4)"),
        ("name:report{x}", 2, 9, "Only 2 times “report(x)” in 28 days (typical: 9)"),
        ("seats", 20, 6, "20 seats (typical: 6)"),
        ("tenure", 1460, 438, "Customer for 4 years (typical: 1.2 years)"),
        ("trait:MonthlyCharges", 95.5, 70.35, "Monthly charges: 96 (typical: 70)"),
        ("trait:tech_support", "No", None, "Tech support: no"),
        ("leaving_28", 1, 0, "1 sign of leaving in 28 days"),
        ("trend_28", math.log(0.46), 0.01, "Activity of the last 28 days down 54 % against its own pattern"),
        ("renewal", 16, 180, "Renews in 16 days"),
        ("renewal", None, 180, "No renewal date"),
    ],
)
def test_a_figure_that_says_little_alone_is_told_beside_the_typical_one(key, value, typical, text):
    assert words.sentence(key, value, typical) == text


def test_the_typical_figure_is_the_median_of_the_training_rows():
    table, _, parameters = learned()
    usual = engine.learned("logistic", parameters).usual
    assert set(usual) == {"n_28", "trait:age"}
    assert usual["n_28"] == pytest.approx(np.median(table["n_28"]))
    assert usual["trait:age"] == np.median([age for age in table["trait:age"] if age is not None])
    (score,) = engine.scores("logistic", parameters, encoding.of([{"n_28": 7.0, "trait:Contract": "One year", "trait:age": 40}]))
    assert score.reasons[0].words == f"Only 7 actions in 28 days (typical: {np.median(table['n_28']):.0f})"


def test_a_family_is_told_by_a_figure_that_points_the_same_way():
    row, usual = {"n_28": 61, "n_7": 2, "worth_28": 900.0}, {"n_28": 40.0, "n_7": 10.0, "worth_28": 100.0}
    (raised,) = reasons({"n_28": -0.2, "n_7": 0.9, "worth_28": 0.3}, row, usual)
    assert (raised.words, raised.contribution) == ("Only 2 actions in 7 days (typical: 10)", pytest.approx(1.0))
    (lowered,) = reasons({"n_28": -0.2, "n_7": 0.1, "worth_28": -0.3}, row, usual)
    assert (lowered.words, lowered.contribution) == ("61 actions in 28 days (typical: 40)", pytest.approx(-0.4))


def test_silence_is_told_by_the_figure_that_says_why_it_raises_or_lowers_the_risk():
    row = {"since": 3, "since_usual": 1.2}
    assert [reason.words for reason in reasons({"since": -0.1, "since_usual": 0.4}, row)] == ["No activity for 3 days"]
    assert [reason.words for reason in reasons({"since": -0.5, "since_usual": 0.1}, row)] == ["No longer quiet than usual"]


def test_few_is_only_few_where_it_raises_the_risk():
    (lowered,) = reasons({"name:adview": -0.3}, {"name:adview": 3}, {"name:adview": 10.0})
    assert lowered.words == "3 times “adview” in 28 days (typical: 10)"


def test_what_a_person_can_act_on_is_read_before_an_attribute_of_similar_size():
    found = reasons({"seats": 0.5, "arr": -0.2, "support_28": 0.25, "tenure": 0.4}, {"seats": 20, "arr": 9, "support_28": 2, "tenure": 50})
    assert [(reason.feature, round(reason.contribution, 9)) for reason in found] == [("tenure", 0.4), ("support_28", 0.25), ("seats", 0.3)]


def test_words_show_the_true_change_without_the_smoothing():
    row = {"trend_28": math.log((23 + 1) / (50 + 1)), "n_28": 23}
    (reason,) = reasons({"trend_28": 5.0}, row)
    assert (reason.words, reason.value) == ("Activity of the last 28 days down 54 % against its own pattern", row["trend_28"])


def test_features_that_tell_one_story_share_a_reason_and_at_most_six_are_kept_strongest_first():
    found = reasons(
        {
            "n_7": 2.0,
            "n_28": -0.5,
            "since": -3.0,
            "tenure": 0.2,
            "support_28": 0.1,
            "payment_56": 0.3,
            "leaving_28": 0.4,
            "renewal": 0.05,
            "arr": 0.0,
        },
        {"n_7": 3, "n_28": 12, "since": 2, "tenure": 100, "support_28": 0, "payment_56": 1, "leaving_28": 1, "renewal": 9, "arr": 1},
    )
    assert [(reason.feature, round(reason.contribution, 3)) for reason in found] == [
        ("since", -3.0),
        ("n_28", 1.5),
        ("leaving_28", 0.4),
        ("payment_56", 0.3),
        ("tenure", 0.2),
        ("support_28", 0.1),
    ]


def test_measures_know_a_perfect_and_an_empty_ranking():
    labels = np.array([1.0] * 10 + [0.0] * 90)
    perfect = measures.figures(labels, labels * 0.8 + 0.1, np.zeros(100), probabilities=True)
    assert (perfect["auc"], perfect["lift_10"], perfect["average_precision"]) == (1.0, 10.0, 1.0)
    assert perfect["brier"] == pytest.approx(0.01)
    assert measures.chance_error(50, 50) == pytest.approx(0.058, abs=0.001)


def test_knowing_only_that_more_leave_in_some_months_earns_no_auc():
    dates = np.repeat([0, 1], 50)
    labels = np.array([1.0] * 40 + [0.0] * 10 + [1.0] * 5 + [0.0] * 45)
    assert measures.auc(labels, 1.0 - dates, dates) == 0.5
    assert measures.auc(labels, labels, dates) == 1.0
    assert measures.auc(np.zeros(100), labels, dates) == 0.5
