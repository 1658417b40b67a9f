"""The commands that scripts and acceptance checks call."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Account
from apps.churn import services, training
from apps.churn.models import AccountRisk, ChurnDefinition, TrainingRun
from apps.core import clock
from apps.core.actor import Actor
from tests import make
from tests.churn import worlds

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def run(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def last_json(*words):
    return json.loads(run(*words, "--json").strip().splitlines()[-1])


def test_a_definition_is_made_and_changed_by_name():
    assert last_json("churn_definition", "gone", "--cancelled", "--horizon-days", "30") == {
        "name": "gone",
        "kind": "cancelled",
        "horizon_days": 30,
        "inactive_days": None,
        "least_percent": None,
        "leave_unpaid_apart": False,
        "revision": 1,
        "is_default": True,
        "counts": {"left": 0, "customers": 0, "population": 0, "dates": 0},
    }
    words = run("churn_definition", "gone", "--inactive-days", "60", "--horizon-days", "60")
    assert words.splitlines() == [
        "gone: no activity for 60 days, looked at over the next 60 days (default)",
        "  0 of 0 customers left in the last 12 months by this meaning; 25 of 200 are needed for a model, and 3 past dates whose outcome is known "
        "(there are 0). It now speaks of 0.",
    ]
    last_json("churn_definition", "table", "--snapshot", "--horizon-days", "90", "--not-default")
    assert list(ChurnDefinition.objects.order_by("name").values_list("name", "kind", "is_default")) == [
        ("gone", "inactive", True),
        ("table", "snapshot", False),
    ]
    with pytest.raises(CommandError, match="from 1 to 730"):
        run("churn_definition", "gone", "--cancelled", "--horizon-days", "0")


def test_train_score_and_export_tell_one_story(tmp_path):
    today = clock.now().date()
    worlds.company(today)
    run("churn_definition", "gone", "--cancelled", "--horizon-days", "30")
    day = (today - 10 * DAY).isoformat()

    trained = last_json("train_churn", "--as-of", day)
    scored = last_json("score_churn", "--as-of", day)
    file = tmp_path / "scores.csv"
    exported = last_json("export_scores", "--as-of", day, "--out", str(file))

    assert (trained["promoted"], trained["version"], trained["live"]) == (True, 2, "logistic v2")
    assert {candidate["name"] for candidate in trained["candidates"]} >= {"logistic", "rule", "nothing"}
    rows = list(csv.DictReader(file.open()))
    assert scored["scored"] == exported["written"] == len(rows)
    assert {row["source"] for row in rows} == {"gone: logistic v2"}
    risks = {risk.account.external_id: risk.probability for risk in AccountRisk.objects.filter(probability__isnull=False).select_related("account")}
    assert {row["account_id"]: float(row["probability"]) for row in rows} == {key: pytest.approx(value, abs=1e-6) for key, value in risks.items()}

    # What happens after the day changes nothing that is said of the day.
    stay = Account.objects.at_risk().first()
    make.activity(stay, clock.now() - 2 * DAY, name="login", value=9.0)
    again = tmp_path / "again.csv"
    run("export_scores", "--as-of", day, "--out", str(again))
    assert again.read_text() == file.read_text()


def test_a_training_by_command_is_seen_by_everybody_and_waits_for_an_open_one():
    run("churn_definition", "gone", "--cancelled", "--horizon-days", "30")
    run("train_churn")
    told = TrainingRun.objects.get()
    assert (told.state, told.asked_by, told.why) == ("refused", "job:command.train_churn", "on demand")
    services.ask_for_training(told.definition, actor=Actor("user", "7"), now=clock.now())
    with pytest.raises(CommandError, match="gone is learning already, asked for by user:7. Wait for it, or stop it first."):
        run("train_churn")


def test_a_training_that_breaks_ends_the_command_with_one_line(monkeypatch):
    def broken(*args, **named):
        raise ArithmeticError("no")

    monkeypatch.setattr(training, "gather", broken)
    with pytest.raises(CommandError) as told:
        run("train_churn")
    assert str(told.value) == "The training of cancelled-90 broke (ArithmeticError: no). --traceback tells where."
    assert told.value.returncode == 1
    assert TrainingRun.objects.get().state == "failed"


def test_a_model_that_learned_later_is_refused_for_an_earlier_date_unless_allowed(tmp_path):
    today = clock.now().date()
    worlds.company(today)
    run("churn_definition", "gone", "--cancelled", "--horizon-days", "30")
    assert run("train_churn").splitlines()[-1] == "At work: logistic v2"
    early = (today - 60 * DAY).isoformat()
    out = tmp_path / "scores.csv"

    with pytest.raises(CommandError, match="would know the future"):
        run("export_scores", "--as-of", early, "--out", str(out))
    assert not out.exists()

    assert "logistic v2" in run("export_scores", "--as-of", early, "--out", str(out), "--allow-later-model")
    assert len(out.read_text().splitlines()) > 200


def test_an_export_for_some_accounts_keeps_to_them_and_says_who_is_left_out(tmp_path):
    today = clock.now().date()
    kept, gone = make.account(started_on=today - 90 * DAY), make.account(stage="churned", started_on=today - 90 * DAY)
    make.account(started_on=today - 90 * DAY)
    chosen, out = tmp_path / "ids.csv", tmp_path / "out.csv"
    chosen.write_text(f"id,account_id\n1,{kept.external_id}\n2,{gone.external_id}\n3,nobody\n")

    words = run("export_scores", "--as-of", today.isoformat(), "--accounts", str(chosen), "--out", str(out))

    assert [row["account_id"] for row in csv.DictReader(out.open())] == [kept.external_id]
    assert "2 of the accounts asked for were no customers at risk" in words
    chosen.write_text(f"{kept.external_id}\n")
    assert last_json("export_scores", "--as-of", today.isoformat(), "--accounts", str(chosen), "--out", str(out))["written"] == 1


def test_a_column_definition_exports_accounts_that_came_after_training(tmp_path):
    worlds.table_company()
    run("churn_definition", "table", "--snapshot", "--horizon-days", "90")
    assert last_json("train_churn")["promoted"]
    Account.objects.create(external_id="new", name="New", traits={"Contract": "monthly", "Charge": 90.0})
    Account.objects.create(external_id="calm", name="Calm", traits={"Contract": "yearly", "Charge": 30.0})
    out, chosen = tmp_path / "out.csv", tmp_path / "ids.txt"
    chosen.write_text("new\ncalm\n")

    run("export_scores", "--as-of", "2020-01-01", "--accounts", str(chosen), "--out", str(out))

    found = {row["account_id"]: float(row["probability"]) for row in csv.DictReader(out.open())}
    assert found["new"] > 0.6
    assert found["calm"] < 0.1


def test_wrong_words_are_answered_in_one_line(tmp_path):
    with pytest.raises(CommandError, match="--as-of: 'soon' is no date"):
        run("score_churn", "--as-of", "soon")
    with pytest.raises(CommandError, match="There is no definition 'x'. Known: cancelled-90"):
        run("train_churn", "--definition", "x")
    with pytest.raises(CommandError, match="Cannot read"):
        run("export_scores", "--as-of", "2026-01-01", "--accounts", str(tmp_path / "none"), "--out", str(tmp_path / "o"))
    (tmp_path / "empty").write_text("")
    with pytest.raises(CommandError, match="is empty"):
        run("export_scores", "--as-of", "2026-01-01", "--accounts", str(tmp_path / "empty"), "--out", str(tmp_path / "o"))
    with pytest.raises(CommandError, match="Cannot write"):
        run("export_scores", "--as-of", "2026-01-01", "--out", str(tmp_path / "no" / "folder"))


def test_scoring_says_how_many_and_by_what(now):
    make.account(started_on=now.date() - 90 * DAY)
    assert run("score_churn", "--as-of", "2026-03-10T08:00:00Z").startswith("1 accounts scored by rule v1 of cancelled-90 as of 2026-03-10 08:00 UTC")
    assert "Too little history" in run("train_churn")
    services.mark_all_stale(now=now)
    assert services.score_stale(now=now, actor=Actor.job("test")) == 1
