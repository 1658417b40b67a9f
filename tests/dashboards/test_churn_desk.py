"""The churn desk: the sentence, the figures beside doing nothing, the hours' reach, and who may press which button."""

from datetime import timedelta

import pytest
from django.urls import reverse
from waffle.models import Flag

from apps.accounts.types import Role
from apps.churn import services
from apps.churn.models import Check, ChurnDefinition, ModelVersion, ShadowScore, TrainingRun
from apps.churn.selectors import reach, savability
from tests import make

pytestmark = pytest.mark.django_db


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def model(now):
    return make.model_version(now=now, is_live=True)


@pytest.fixture
def book(csm, now, model):
    """Three customers; the dearest is not the riskiest."""
    made = [make.account(owner=csm, name=name, arr=arr, currency="USD") for name, arr in (("Small", 1_000), ("Middle", 10_000), ("Large", 100_000))]
    for account, probability in zip(made, (0.9, 0.4, 0.2), strict=True):
        make.risk(account, now=now, probability=probability, source="logistic v1")
    return made


@pytest.fixture
def administrator(client):
    client.force_login(make.user(None, is_superuser=True))
    return client


def test_without_a_definition_the_desk_says_what_to_do_first(administrator):
    page = text(administrator.get(reverse("churn")))
    assert "Nobody has said yet what leaving means" in page
    assert reverse("churn_define") in page


def test_the_desk_says_in_a_sentence_how_far_the_model_can_be_believed(staff, book):
    page = text(staff.get(reverse("churn")))
    assert "logistic v1 ranks leavers 4.5 times better than chance at the top tenth; its probabilities hold (calibration error 0.012)." in page
    assert "Proved on later dates: 96 of 1,200 customers left (4,000 snapshots)." in page
    assert "“nobody leaves” 94.0 %" in page
    assert "by chance 0.50; the rule 0.71" in page
    assert "It is known only for customers that left." in page


def test_a_rule_at_work_shows_its_weights_and_promises_no_probability(staff, csm, now):
    services.ensure_default(now=now)
    page = text(staff.get(reverse("churn")))
    assert "The weighted rule scores, until there is enough history. Its score ranks accounts against each other; it is no probability." in page
    assert "four weeks without activity" in page
    assert "25 of 200 are needed for a model" in page


def test_the_hours_reach_what_a_recount_of_the_book_says(staff, csm, book, model, now):
    found = reach(csm, model.definition, now=now)
    assert [row.account.name for row in found.rows] == ["Large", "Middle", "Small"]
    assert found.at_risk == pytest.approx(0.9 * 1_000 + 0.4 * 10_000 + 0.2 * 100_000)
    assert found.points == pytest.approx([0, 20_000 / 24_900, 24_000 / 24_900, 1])
    page = text(staff.get(reverse("churn"), {"hours": "1", "minutes": "30"}))
    assert "At 1 h a week you reach 96 % of the ARR at risk (probability × ARR): 2 accounts, $24.0k of $24.9k." in page


def test_what_cannot_be_told_in_one_currency_stays_out_and_is_named(staff, csm, book, model, now):
    other = make.account(owner=csm, name="Nordic", arr=5_000, currency="SEK")
    make.risk(other, now=now, probability=0.9)
    assert reach(csm, model.definition, now=now).missing == ["SEK"]
    assert "there is no exchange rate for today" in text(staff.get(reverse("churn")))


def test_savability_is_the_share_of_the_risk_that_somebody_can_change():
    def told(**reasons):
        return savability([{"feature": name, "contribution": size} for name, size in reasons.items()])

    assert told(since=1.0, trend_28=0.5) == pytest.approx(1)
    assert told(arr=1.0, renewal=1.0) == pytest.approx(0.2)
    assert told(since=1.0, tenure=1.0, n_28=-3.0) == pytest.approx(0.6)
    assert told() == pytest.approx(0.6)


def test_the_list_keeps_what_savability_can_lift_above_a_larger_stake(csm, model, now):
    """Reasons are read only of those whose stake can still win."""
    stuck = make.account(owner=csm, name="Stuck", arr=10_000, currency="USD")
    make.risk(stuck, now=now, probability=0.5)
    stuck.risk.reasons = [{"feature": "arr", "words": "ARR", "value": 1, "contribution": 1.0}]
    stuck.risk.save()
    silent = make.account(owner=csm, name="Silent", arr=4_000, currency="USD")
    make.risk(silent, now=now, probability=0.5)
    silent.risk.reasons = [{"feature": "since", "words": "Silent", "value": 9, "contribution": 1.0}]
    silent.risk.save()
    assert [row.account.name for row in reach(csm, model.definition, now=now).rows] == ["Silent", "Stuck"]


def test_everybody_reads_only_administrators_define_and_viewers_press_nothing(client, book, model):
    client.force_login(make.user(Role.VIEWER))
    page = text(client.get(reverse("churn")))
    assert "Train</button>" not in page
    assert client.post(reverse("churn_train", args=[model.definition_id])).status_code == 403
    client.force_login(make.user(Role.CSM))
    assert client.get(reverse("churn_define")).status_code == 403
    assert client.post(reverse("churn_define"), {"name": "x", "kind": "cancelled", "horizon_days": "30"}).status_code == 403
    assert ChurnDefinition.objects.count() == 1


def test_counts_follow_the_form_before_anything_is_saved(administrator, now):
    for days in (1, 2, 60):
        make.activity(make.account(), now - timedelta(days=days))
    answer = administrator.get(
        reverse("churn_define"),
        {"part": "form", "kind": "inactive", "inactive_days": "30", "horizon_days": "60", "name": "quiet"},
        headers={"HX-Request": "true"},
    )
    page = text(answer)
    assert "no activity for 30 days" in page
    assert "1 of 3 customers left in the last 12 months by this meaning" in page
    assert "It now speaks of 3." in page
    assert ChurnDefinition.objects.count() == 0


def test_without_scripts_a_button_counts_and_stores_nothing(administrator, now):
    make.activity(make.account(), now - timedelta(days=60))
    said = {"name": "", "kind": "inactive", "horizon_days": "60", "inactive_days": "30", "only": "count"}
    answer = administrator.post(reverse("churn_define"), said)
    assert answer.status_code == 200
    assert "1 of 1 customers left in the last 12 months by this meaning" in text(answer)
    assert ChurnDefinition.objects.count() == 0


def test_scores_by_another_definition_need_not_wait_for_the_night(client, administrator, model, now, django_capture_on_commit_callbacks):
    other = services.define(name="quiet", kind="inactive", horizon_days=60, inactive_days=21, make_default=False, now=now)
    button = reverse("churn_score", args=[other.pk])
    assert button in text(administrator.get(reverse("churn"), {"definition": "quiet"}))
    with django_capture_on_commit_callbacks() as asked:
        assert "A worker scores every account now." in text(administrator.post(button, follow=True))
    assert len(asked) == 1
    client.force_login(make.user(Role.VIEWER))
    assert button not in text(client.get(reverse("churn"), {"definition": "quiet"}))
    assert client.post(button).status_code == 403


def test_an_administrator_defines_churn_and_hears_what_is_wrong(administrator):
    refused = administrator.post(reverse("churn_define"), {"name": "Quiet", "kind": "inactive", "horizon_days": "60", "inactive_days": ""})
    assert refused.status_code == 422
    assert "needs its number of silent days" in text(refused)
    answer = administrator.post(
        reverse("churn_define"), {"name": "Quiet ones", "kind": "inactive", "horizon_days": "60", "inactive_days": "21"}, follow=True
    )
    assert ChurnDefinition.objects.get().name == "quiet-ones"
    assert "quiet-ones is defined" in text(answer)


def test_promoting_and_rolling_back_move_the_champion(administrator, model, now):
    newer = make.model_version(now=now, metrics=model.metrics)
    administrator.post(reverse("churn_do", args=[newer.pk, "promote"]))
    assert list(ModelVersion.objects.filter(is_live=True)) == [newer]
    page = text(administrator.get(reverse("churn")))
    assert "Roll back to logistic v1" in page
    answer = administrator.post(reverse("churn_do", args=[newer.pk, "roll-back"]), follow=True)
    assert "The version of before is at work again instead of logistic v2." in text(answer)
    assert list(ModelVersion.objects.filter(is_live=True)) == [model]
    assert "Roll back" not in text(answer), "nothing was at work before"
    again = administrator.post(reverse("churn_do", args=[newer.pk, "roll-back"]), follow=True)
    assert "logistic v2 is not at work any more, logistic v1 is. Nothing was changed." in text(again)


def test_the_card_tells_what_it_was_made_of_and_what_it_does_not_know(staff, model):
    page = text(staff.get(reverse("churn_model", args=[model.pk])))
    assert "1 Jan 2024 to 26 Feb 2024, 3 dates" in page
    assert "numpy 2.4.6, scikit-learn 1.9.1" in page
    assert "It learned from 240 customers that left." in page
    assert "312 rows of customers that somebody tried to keep" in page
    assert staff.get(reverse("churn_model", args=[10**9])).status_code == 404


def test_progress_is_refetched_while_a_worker_learns(administrator, model, now):
    TrainingRun.objects.create(
        definition=model.definition, state="running", asked_by="user:1", why="on demand", as_of=now, step="Fitting trees", done=0.4, asked_at=now
    )
    page = text(administrator.get(reverse("churn")))
    assert "part=runs" in page
    part = text(administrator.get(reverse("churn"), {"part": "runs"}, headers={"HX-Request": "true"}))
    assert "Fitting trees" in part
    assert 'aria-valuenow="40"' in part
    assert "<html" not in part


def test_a_training_is_asked_for_once_stopped_and_then_the_page_asks_no_more(administrator, model, now):
    ask = reverse("churn_train", args=[model.definition_id])
    assert "A worker learns now." in text(administrator.post(ask, follow=True))
    assert "cancelled-90 is learning already." in text(administrator.post(ask, follow=True))
    run = TrainingRun.objects.get()
    stop = reverse("churn_stop", args=[run.pk])
    part = administrator.get(reverse("churn"), {"part": "runs"}, headers={"HX-Request": "true"})
    assert (part.status_code, stop in text(part)) == (200, True)

    assert "The training stops before its next stage." in text(administrator.post(stop, follow=True))
    part = administrator.get(reverse("churn"), {"part": "runs"}, headers={"HX-Request": "true"})
    assert (part.status_code, stop in text(part)) == (286, False)
    assert "stopped" in text(part)
    assert "This training is over" in text(administrator.post(stop, follow=True))
    assert administrator.post(reverse("churn_stop", args=[10**9])).status_code == 404


def test_viewers_see_a_training_without_its_button_and_worries_are_told(client, model, now):
    earlier = now - timedelta(minutes=3)
    run = TrainingRun.objects.create(definition=model.definition, asked_by="user:1", why="on demand", as_of=now, asked_at=earlier)
    client.force_login(make.user(Role.VIEWER))
    page = text(client.get(reverse("churn")))
    assert reverse("churn_stop", args=[run.pk]) not in page
    assert client.post(reverse("churn_stop", args=[run.pk])).status_code == 403
    assert "No worker has taken it yet. Is one running?" in page
    TrainingRun.objects.update(state="running", attempts=1, beat_at=earlier)
    assert "Its worker has been silent for minutes." in text(client.get(reverse("churn")))


def test_a_version_is_sent_to_challenge_with_a_share_and_withdrawn(administrator, model, now):
    newer = make.model_version(now=now, metrics=model.metrics)
    administrator.post(reverse("churn_do", args=[newer.pk, "challenge"]))
    assert list(ModelVersion.objects.filter(is_challenger=True)) == [newer]
    page = text(administrator.get(reverse("churn")))
    assert "logistic v2 scores no account for people to see." in page
    assert reverse("churn_do", args=[newer.pk, "withdraw"]) in page
    Flag.objects.create(name="model.cancelled-90", percent=20).flush()
    assert "logistic v2 scores 20.0 % of the accounts, always the same ones; logistic v1 scores the others." in text(
        administrator.get(reverse("churn"))
    )
    administrator.post(reverse("churn_do", args=[newer.pk, "withdraw"]))
    assert not ModelVersion.objects.filter(is_challenger=True).exists()
    assert administrator.post(reverse("churn_do", args=[newer.pk, "retire"])).status_code == 404


def test_looks_back_and_drift_are_told_with_their_figures(staff, model, now):
    figures = {
        "rows": 900,
        "churned": 50,
        "base_rate": 0.055,
        "predicted": 0.06,
        "predicted_over_actual": 1.09,
        "auc": 0.8,
        "auc_low": 0.74,
        "auc_high": 0.86,
        "months": [
            {"day": "2026-01-05", "rows": 450, "churned_accounts": 20, "predicted": 0.06, "actual": 0.05, "low": 0.03, "high": 0.08},
            {"day": "2026-02-05", "rows": 450, "churned_accounts": 30, "predicted": 0.06, "actual": 0.06, "low": 0.04, "high": 0.09},
        ],
    }
    Check.objects.create(model=model, kind="backtest", as_of=now, figures=figures, verdict="Told 6.0 %, 5.5 % left.")
    moved = {
        "features": [{"feature": "since", "words": "Days without activity", "psi": 0.31, "limit": 0.12, "alarm": True}],
        "rows_then": 4_000,
        "rows_now": 1_000,
    }
    Check.objects.create(model=model, kind="drift", as_of=now, figures=moved, alarm=True, verdict="One figure moved.")
    page = text(staff.get(reverse("churn")))
    assert "told 6.0 %, left 5.5 % of 900 · AUC 0.80 (0.74–0.86) · told ÷ left 1.09" in page
    assert "0.310" in page
    assert 'points="62.5,40.0 187.5,40.0"' in page
    assert "<td>5 Jan 2026</td>" in page
    assert "holds" in page
    assert "moved" in page


def test_the_last_look_at_each_version_is_shown_the_one_at_work_first(staff, model, now):
    older = make.model_version(now=now)
    for version, verdicts in ((model, ["Long ago.", "It tells risks too low."]), (older, ["It was right."])):
        for back, verdict in enumerate(reversed(verdicts)):
            Check.objects.create(model=version, kind="backtest", as_of=now - timedelta(days=7 * back), alarm="low" in verdict, verdict=verdict)
    page = text(staff.get(reverse("churn")))
    assert page.index("It tells risks too low.") < page.index("It was right.")
    assert "Long ago." not in page
    assert "off</span>" in page


def test_too_few_to_compare_is_said_and_is_no_alarm(staff, model, now):
    figures = {"rows_now": 120, "rows_then": 110, "features": []}
    Check.objects.create(model=model, kind="drift", as_of=now, figures=figures, verdict="Below 500 of each.")
    page = text(staff.get(reverse("churn")))
    assert "too few" in page
    assert "120 accounts now, 110 then" in page


@pytest.mark.parametrize(
    "nonsense", [{"hours": "-3"}, {"hours": "9" * 30}, {"minutes": "0"}, {"hours": "٣"}, {"definition": "nowhere"}, {"part": "secrets"}]
)
def test_nonsense_in_the_address_means_the_usual(staff, book, nonsense):
    assert "At 6 h a week" in text(staff.get(reverse("churn"), nonsense))


def test_versions_from_before_the_desk_are_shown_without_what_they_do_not_tell(staff, now):
    old = {
        "candidates": {
            "logistic": {"auc": 0.8, "lift_10": 3.0, "average_precision": 0.3, "brier": 0.05, "calibration_error": 0.05, "base_rate": 0.06},
            "nothing": {"auc": 0.5, "brier": 0.06},
        }
    }
    model = make.model_version(now=now, is_live=True, metrics=old, made={})
    page = text(staff.get(reverse("churn")))
    assert "but its probabilities are off by 5.0 points on average: trust the order, not the numbers." in page
    assert staff.get(reverse("churn_model", args=[model.pk])).status_code == 200


def test_champion_and_challenger_stand_side_by_side(staff, model, now):
    challenger = make.model_version(now=now, is_challenger=True, decision="Not better: 61 of 100 resamplings.")
    account = make.account()
    ShadowScore.objects.create(account=account, model=challenger, as_of=now, probability=0.2)
    page = text(staff.get(reverse("churn")))
    assert "1 shadow scores since" in page
    assert "logistic v2 (challenger)" in page
    assert "the gate compared them on the same accounts: Not better: 61 of 100 resamplings." in page
