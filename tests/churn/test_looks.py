"""The weekly look back: what it reads, writes, announces and asks for."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.alerts.models import Alert
from apps.churn import backtest, dataset, drift, services
from apps.churn.matured import matured
from apps.churn.models import Care, Check, ChurnDefinition, Prediction, TrainingRun
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from tests import make
from tests.churn import worlds

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)
HONEST, LOW = (0.0, 1.0), (0.0, 0.3)


@pytest.fixture
def company(now):
    return worlds.company(now.date(), accounts=240, leavers=120, days=240)


@pytest.fixture
def definition(now):
    return services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)


def version_that_told(definition, accounts, now, *, stays=0.0, leaves=1.0, months=5, **fields):
    """A version at work whose predictions, one a day apart from each month's, gave these chances to those who stayed and to those who left."""
    definition.versions.update(is_live=False)
    version = make.model_version(definition, now=now, is_live=True, **fields)
    told = []
    for month in range(months):
        as_of = now - (35 + 30 * month) * DAY
        day = as_of.date()
        for account in accounts:
            if account.started_on < day and (account.churned_on is None or account.churned_on > day):
                left = account.churned_on is not None and account.churned_on < day + 30 * DAY
                told.append(
                    Prediction(account=account, model=version, as_of=as_of, probability=leaves if left else stays, band="low", created_at=as_of)
                )
    Prediction.objects.bulk_create(told)
    return version


def test_a_prediction_is_judged_when_its_window_is_over_and_once_a_month(company, definition, now):
    version = version_that_told(definition, company, now)
    Prediction.objects.bulk_create(
        Prediction(account=account, model=version, as_of=now - back * DAY, probability=0.5, band="low", created_at=now)
        for account in company[:50]
        for back in (10, 36)
    )
    found = matured(version, as_of=now)
    assert found.told.labels.tolist() == found.told.chances.tolist()
    assert 4 <= len(found.days) <= 5
    assert max(found.days) <= now.date() - 30 * DAY
    assert all((found.told.dates == place).sum() == len(set(found.told.accounts[found.told.dates == place])) for place in range(len(found.days)))
    assert matured(version, as_of=now - 200 * DAY) is None


def test_what_leaving_means_now_does_not_judge_a_version_of_another_meaning(company, definition, now):
    version = version_that_told(definition, company, now)
    services.define(name="leaving", kind="cancelled", horizon_days=60, now=now)
    version.refresh_from_db()
    version.definition.refresh_from_db()
    assert backtest.look(version, as_of=now) is None


def test_the_treated_are_told_apart(company, definition, now):
    version = version_that_told(definition, company, now)
    for account in company[:200]:
        Care.objects.create(account=account, kind="held_out" if account.pk % 5 == 0 else "treated", since=now - 200 * DAY)
    found = matured(version, as_of=now)
    assert found.treated.sum() > found.held_out.sum() > 0
    figures = backtest.look(version, as_of=now).figures
    assert figures["treated"]["rows"] == found.treated.sum()
    assert figures["rows"] == (~found.treated).sum()


def test_a_look_writes_once_a_day_and_an_honest_model_asks_for_nothing(company, definition, now):
    version = version_that_told(definition, company, now, stays=0.02, leaves=0.9)
    assert services.look_back(now=now, actor=ACTOR) == 1
    assert services.look_back(now=now + timedelta(minutes=5), actor=ACTOR) == 0
    check = Check.objects.get(model=version)
    assert (check.kind, check.alarm) == ("backtest", False)
    assert check.verdict.startswith("It holds:")
    assert not Event.objects.filter(type="model.judged").exists()


def test_a_lie_is_announced_asks_for_a_training_and_the_alert_ends_with_the_lie(company, definition, now):
    version = version_that_told(definition, company, now, leaves=0.3)
    services.look_back(now=now, actor=ACTOR)
    assert Check.objects.get(model=version).alarm
    run = TrainingRun.objects.get(definition=definition)
    assert (run.state, run.why, run.asked_by) == ("queued", "what it told did not come true", str(ACTOR))
    events.sweep(now=now)
    alert = Alert.objects.get(kind="doubted_model")
    assert alert.title == f"What the churn model {version} told does not fit what happened"
    assert "It tells risks too low" in alert.why[0]

    TrainingRun.objects.update(state="refused")
    services.look_back(now=now + 7 * DAY, actor=ACTOR)
    assert TrainingRun.objects.count() == 1

    Prediction.objects.filter(model=version, probability=0.3).update(probability=1.0)
    services.look_back(now=now + 8 * DAY, actor=ACTOR)
    events.sweep(now=now + 8 * DAY)
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_another_version_at_work_settles_the_doubt_about_the_one_before(company, definition, now):
    version_that_told(definition, company, now, leaves=0.3)
    services.look_back(now=now, actor=ACTOR)
    events.sweep(now=now)
    services.put_to_work(definition.versions.order_by("number").first(), actor=ACTOR, now=now)
    events.sweep(now=now)
    assert Alert.objects.get(kind="doubted_model").state == "resolved"


def test_a_training_keeps_how_its_rows_looked_and_what_care_did(company, definition, now):
    services.train(definition, as_of=now, now=now, actor=ACTOR)
    version = definition.versions.order_by("-number").first()
    kept = version.metrics["reference"]
    assert kept == json.loads(json.dumps(drift.reference(dataset.gather(definition, as_of=now))))
    assert "n_28" in kept["features"]
    assert version.metrics["treated"] == {"treated": 0, "held_out": 0, "words": ""}
    look = drift.look(version, as_of=now)
    assert not look.alarm
    assert "below 500 of each" in look.verdict


def test_broken_tracking_is_announced_as_drift(definition, now, monkeypatch):
    monkeypatch.setattr(drift, "LEAST_ACCOUNTS", 200)
    accounts = worlds.company(now.date(), accounts=260, leavers=0, days=240)
    data = dataset.gather(definition, as_of=now)
    kept = {"metrics": {"reference": drift.reference(data)}, "parameters": {"names": data.names}}
    version = version_that_told(definition, accounts, now, leaves=0.02, stays=0.02, months=1, **kept)
    assert not drift.look(version, as_of=now).alarm
    later = now + 40 * DAY
    assert drift.look(version, as_of=later).alarm
    services.look_back(now=later, actor=ACTOR)
    events.sweep(now=later)
    alert = Alert.objects.get(kind="doubted_model")
    assert alert.title == f"The data behind the churn model {version} has changed"
    assert "Not alike any more" in alert.why[0]
    assert TrainingRun.objects.get(definition=definition).why == "the data has drifted"


def told(*words):
    out = StringIO()
    call_command("backtest_churn", *words, stdout=out)
    return out.getvalue()


def test_the_command_judges_every_version_and_writes_nothing(company, definition, now):
    version = version_that_told(definition, company, now, leaves=0.3)
    as_of = ("--as-of", now.date().isoformat())
    assert f"leaving, {version} (at work): ALARM. It tells risks too low" in told(*as_of)
    found = json.loads(told(*as_of, "--definition", "leaving", "--json").strip().splitlines()[-1])
    assert found["definition"] == "leaving"
    assert [(one["version"], one["at_work"], one["alarm"]) for one in found["versions"]] == [(str(version), True, True)]
    assert found["versions"][0]["figures"]["months"]
    assert not Check.objects.exists()


def test_the_command_says_why_there_is_nothing_to_judge(company, definition, now):
    assert "nothing was predicted yet" in told("--as-of", now.date().isoformat())
    version = make.model_version(definition, now=now)
    Prediction.objects.create(account=company[-1], model=version, as_of=now, probability=0.5, band="low", created_at=now)
    due = (now.date() + 30 * DAY).isoformat()
    assert f"when the record reaches {due}" in told("--as-of", now.date().isoformat())
    assert json.loads(told("--as-of", now.date().isoformat(), "--json"))["versions"] == []


def test_a_wrong_name_or_date_is_one_clear_line(definition):
    with pytest.raises(CommandError, match="There is no definition 'nowhere'"):
        told("--definition", "nowhere")
    with pytest.raises(CommandError, match="--as-of"):
        told("--as-of", "soon")
    assert ChurnDefinition.objects.filter(name="leaving").exists()
