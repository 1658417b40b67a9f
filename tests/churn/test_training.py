"""Learning, proving, and the gate between a model and its work."""

from datetime import timedelta

import numpy as np
import pytest

from apps.accounts.models import Account, DailyRollup
from apps.churn import dataset, features, services, splitting
from apps.churn.models import AccountRisk, ModelVersion
from apps.churn.progress import Stopped
from apps.core.actor import Actor
from apps.events.models import Event
from tests.churn import worlds

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)


def define(now, kind="cancelled", horizon_days=30, inactive_days=None):
    return services.define(name="leaving", kind=kind, horizon_days=horizon_days, inactive_days=inactive_days, now=now)


def live(definition):
    return [str(version) for version in definition.versions.filter(is_live=True)]


def test_a_model_that_foresees_leaving_is_proved_on_later_dates_and_put_to_work(now):
    worlds.company(now.date())
    definition = define(now)
    AccountRisk.objects.update(stale_since=None)

    result = services.train(definition, as_of=now, now=now, actor=ACTOR)

    assert (result.promoted, result.kind, result.version, live(definition)) == (True, "logistic", 2, ["logistic v2"]), result.reason
    model, hand, nothing, others = (candidate.metrics for candidate in result.candidates)
    assert [candidate.name for candidate in result.candidates] == ["logistic", "rule", "nothing", "logistic, other accounts"]
    assert result.stage == "shrunken"
    assert others["auc"] > 0.6
    assert model["auc"] > 0.7
    assert model["auc"] > hand["auc"] - 0.01
    assert model["brier"] < nothing["brier"]
    assert nothing["auc"] == 0.5
    version = definition.versions.get(is_live=True)
    assert version.trained_as_of == now
    assert version.metrics["proved"] == "on later dates"
    assert version.metrics["asked_by"] == "job:test"
    assert version.parameters["names"] == ["login", "report"]
    assert version.decision.startswith("Put to work.")
    assert [finding["passed"] for finding in version.metrics["gate"]] == [True] * 7
    assert Event.objects.get(type="model.put_to_work").payload["before"] == "rule v1"
    assert AccountRisk.objects.filter(stale_since=now).count() == Account.objects.at_risk().count()


def test_the_label_window_of_every_row_is_over_and_learned_rows_end_before_the_proof_begins(now):
    worlds.company(now.date(), accounts=60, leavers=10)
    definition = define(now)

    data = dataset.gather(definition, as_of=now)

    assert data.dates[-1] == now.date() - 30 * DAY
    assert {(later - earlier).days for earlier, later in zip(data.dates, data.dates[1:], strict=False)} == {28}
    assert data.dates[0] >= now.date() - 300 * DAY + 14 * DAY
    split = splitting.split(data)
    first = data.dates[data.when[split.test].min()]
    assert data.dates[data.when[split.learn].max()] + 30 * DAY <= first


def test_what_comes_after_the_date_changes_no_row_and_no_label(now):
    worlds.company(now.date(), accounts=80, leavers=30)
    definition = define(now)
    as_of = features.end_of(now.date() - 60 * DAY)
    before = dataset.gather(definition, as_of=as_of)

    later = now.date() - 59 * DAY
    stay = Account.objects.filter(stage="active").first()
    DailyRollup.objects.create(account=stay, day=later, name="login", count=500, value=1)
    Account.objects.filter(pk=stay.pk).update(stage="churned", churned_on=later)

    after = dataset.gather(definition, as_of=as_of)
    assert after.dates == before.dates
    assert np.array_equal(after.labels, before.labels)
    for key, values in before.table.items():
        assert np.array_equal(after.table[key], values, equal_nan=True) if isinstance(values, np.ndarray) else after.table[key] == values, key


def test_leaving_that_cannot_be_foreseen_promotes_nothing(now):
    worlds.company(now.date(), fade=0)
    definition = define(now)

    result = services.train(definition, as_of=now, now=now, actor=ACTOR)

    assert not result.promoted
    assert result.reason.startswith("No usable signal.")
    assert live(definition) == ["rule v1"]
    assert definition.versions.get(number=2).decision == result.reason


def test_with_fewer_than_25_leavers_the_rule_stays_and_says_why(now):
    worlds.company(now.date(), leavers=20)
    definition = define(now)

    result = services.train(definition, as_of=now, now=now, actor=ACTOR)

    assert (result.promoted, result.version, result.live, result.candidates) == (False, 1, "rule v1", ())
    assert "accounts that left, 25 are needed" in result.reason
    assert ModelVersion.objects.count() == 1


@pytest.mark.parametrize(("accounts", "days", "words"), [(150, 300, "150 accounts"), (300, 50, "2 past dates")])
def test_a_small_or_young_company_keeps_the_rule(accounts, days, words, now):
    worlds.company(now.date(), accounts=accounts, leavers=60, days=max(days, 81))
    if days == 50:
        DailyRollup.objects.filter(day__lt=now.date() - 51 * DAY).delete()
        Account.objects.filter(stage="churned").update(churned_on=now.date() - 20 * DAY)
    result = services.train(define(now), as_of=now, now=now, actor=ACTOR)
    assert words in result.reason
    assert not result.promoted


def test_an_empty_company_trains_to_a_refusal_in_words(now):
    result = services.train(define(now), as_of=now, now=now, actor=ACTOR)
    assert result.reason == "Too little history for a model: 0 accounts with a known outcome, 200 are needed. What scores now stays."


def test_a_silent_definition_learns_who_falls_silent(now):
    worlds.company(now.date(), leavers=120, fade=30)
    Account.objects.update(churned_on=None, stage="active")
    definition = define(now, kind="inactive", horizon_days=45, inactive_days=45)

    data = dataset.gather(definition, as_of=now)
    result = services.train(definition, as_of=now, now=now, actor=ACTOR)

    place = int(np.flatnonzero(data.labels == 1)[0])
    day = data.dates[data.when[place]]
    assert not DailyRollup.objects.filter(account=data.accounts[place], day__gte=day, day__lt=day + 45 * DAY).exists()
    assert DailyRollup.objects.filter(account=data.accounts[place], day__lt=day).exists()
    assert result.promoted, result.reason


def test_a_window_too_long_for_later_dates_is_proved_on_accounts_kept_aside(now):
    worlds.company(now.date(), days=200, leavers=120, fade=60)
    result = services.train(define(now, horizon_days=120), as_of=now, now=now, actor=ACTOR)
    assert "Proved on accounts kept aside (the record is too short for later dates)" in result.reason


def test_a_record_that_ends_early_says_nothing_about_silence_after_its_end(now):
    worlds.company(now.date() - 200 * DAY, accounts=40, leavers=10)
    data = dataset.gather(define(now), as_of=now)
    assert data.dates[-1] + 30 * DAY <= now.date() - 199 * DAY


def test_columns_alone_teach_a_snapshot_definition(now):
    worlds.table_company()
    definition = define(now, kind="snapshot")

    result = services.train(definition, as_of=now, now=now, actor=ACTOR)

    assert result.promoted, result.reason
    assert 80 <= result.candidates[0].metrics["rows"] <= 81
    assert "Proved on accounts kept aside," in result.reason
    features_used = {column["feature"] for column in definition.versions.get(is_live=True).parameters["columns"]}
    assert features_used == {"trait:Contract", "trait:Charge"}


@pytest.mark.parametrize("seed", range(6))
def test_shuffled_outcomes_are_not_promoted(seed, now):
    worlds.table_company(shuffled=True, seed=seed)
    definition = define(now, kind="snapshot")
    result = services.train(definition, as_of=now, now=now, actor=ACTOR)
    assert not result.promoted
    assert result.reason.startswith("No usable signal.")
    assert live(definition) == ["rule v1"]


def test_columns_written_by_the_leaving_are_refused_and_listed(now):
    accounts = worlds.table_company()
    for account in accounts:
        gone = account.stage == "churned"
        account.traits |= {"cancel_reason": "price" if gone else "", "final_balance_x": float(gone), "logins_now": 0 if gone else account.pk % 9 + 1}
    Account.objects.bulk_update(accounts, ["traits"])
    definition = define(now, kind="snapshot")

    result = services.train(definition, as_of=now, now=now, actor=ACTOR)

    assert set(result.refused_columns) == {"trait:cancel_reason", "trait:final_balance_x", "trait:logins_now"}
    version = definition.versions.get(number=2)
    assert version.metrics["refused_columns"] == result.refused_columns
    assert not {column["feature"] for column in version.parameters["columns"]} & set(result.refused_columns)


def test_a_sample_of_accounts_is_drawn_where_rows_would_pass_the_cap(now, monkeypatch):
    worlds.company(now.date(), accounts=50, leavers=10)
    monkeypatch.setattr(dataset, "MOST_ROWS", 100)
    data = dataset.gather(define(now), as_of=now)
    assert len(np.unique(data.accounts)) == 100 // len(data.dates)


def test_a_failed_challenger_leaves_the_model_at_work_in_its_place(now):
    worlds.table_company()
    definition = define(now, kind="snapshot")
    services.train(definition, as_of=now, now=now, actor=ACTOR)
    Account.objects.filter(stage="churned").update(stage="active")

    result = services.train(definition, as_of=now, now=now, actor=ACTOR)

    assert (result.promoted, result.live) == (False, "logistic v2")
    assert live(definition) == ["logistic v2"]


def test_a_table_with_rows_drawn_again_is_not_put_to_work_and_says_why(now):
    worlds.table_company()
    leavers = list(Account.objects.filter(stage="churned"))
    Account.objects.bulk_create(
        Account(external_id=f"again{turn}-{one.pk}", name="Again", stage="churned", traits=one.traits) for turn in range(3) for one in leavers
    )
    definition = define(now, kind="snapshot")
    result = services.train(definition, as_of=now, now=now, actor=ACTOR)
    assert not result.promoted
    assert "copies, as drawing rows again makes them" in result.reason
    checks = {finding["check"]: finding["passed"] for finding in definition.versions.get(number=2).metrics["gate"]}
    assert not checks["copies"]
    assert live(definition) == ["rule v1"]


def test_a_trained_version_carries_its_figures_pictures_parts_drivers_and_origin(now):
    worlds.company(now.date())
    definition = define(now)
    heard = []
    services.train(definition, as_of=now, now=now, actor=ACTOR, report=lambda step, done: heard.append((step, done)))

    version = definition.versions.get(number=2)
    metrics = version.metrics
    own = metrics["candidates"][metrics["chosen"]]
    assert own["auc_low"] < own["auc"] < own["auc_high"]
    assert own["brier_skill"] == pytest.approx(1 - own["brier"] / metrics["candidates"]["nothing"]["brier"])
    assert own["majority"] == 1 - own["base_rate"]
    gain = metrics["curves"]["gain"]
    assert gain[0][:2] == [0.0, 0.0]
    assert gain[-1][:2] == [1.0, 1.0]
    assert sum(count for *_, count in metrics["curves"]["reliability"]) == own["rows"]
    assert metrics["curves"]["precision_recall"][-1] == [1.0, pytest.approx(own["base_rate"])]
    thirds = [one for one in metrics["slices"] if one["name"] == "time as a customer"]
    assert sum(one["rows"] for one in thirds) == own["rows"]
    assert version.parameters["interval"]["at"] == sorted(version.parameters["interval"]["at"])
    first = metrics["drivers"][0]
    assert first["loss_increase"] > 0
    assert first["low"] <= first["loss_increase"] <= first["high"]
    assert first["words"] in {"How much it is used", "Whether use rises or falls", "Days with activity", "Time without activity"}
    assert version.made["window_from"] == metrics["snapshots"][0]
    assert version.made["libraries"]["scikit-learn"]
    assert [done for _, done in heard] == sorted(done for _, done in heard)
    assert heard[-1] == ("Done", 1.0)


def test_a_second_model_that_is_no_better_scores_beside_the_champion(now):
    worlds.company(now.date())
    definition = define(now)
    services.train(definition, as_of=now, now=now, actor=ACTOR)

    again = services.train(definition, as_of=now, now=now, actor=ACTOR)

    assert (again.promoted, again.challenges, again.live) == (False, True, "logistic v2")
    assert again.reason.startswith("The champion stays: AUC ")
    assert definition.versions.get(is_challenger=True).number == 3


def test_what_the_report_raises_ends_the_training_with_nothing_kept(now):
    worlds.company(now.date())
    definition = define(now)

    def stop(step, done):
        if done >= 0.8:
            raise Stopped

    with pytest.raises(Stopped):
        services.train(definition, as_of=now, now=now, actor=ACTOR, report=stop)
    assert live(definition) == ["rule v1"]
    assert definition.versions.count() == 1


@pytest.mark.parametrize(
    ("accounts", "kinds", "stage"), [(50, {"rule"}, "rule"), (300, {"logistic"}, "shrunken"), (5000, {"logistic", "trees", "stack"}, "full")]
)
def test_the_way_of_scoring_grows_with_the_history_and_says_so(accounts, kinds, stage, now):
    worlds.table_company(accounts=accounts)
    result = services.train(define(now, kind="snapshot"), as_of=now, now=now, actor=ACTOR)
    assert result.stage == stage
    assert result.live.split(" v")[0] in kinds
