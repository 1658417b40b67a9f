"""Real data sets through the one documented command."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts.models import Account, ActivityEvent, DailyRollup, ImportRun
from apps.churn.models import AccountRisk, ChurnDefinition

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "dev"


def onboard(*words: str) -> dict:
    out = io.StringIO()
    call_command("onboard", *words, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue().splitlines()[-1])


def shared(name: str) -> str:
    if not DATA.is_dir():
        pytest.skip("NOT RUN: ../shared is not here")
    return str(DATA / name)


def everything() -> tuple:
    return (
        list(Account.objects.order_by("id").values()),
        ActivityEvent.objects.count(),
        list(DailyRollup.objects.order_by("id").values_list("account", "day", "name", "count", "value")),
    )


@pytest.mark.shared
def test_a_real_set_with_events_is_imported_scored_and_explained_and_imported_again_without_a_change():
    words = [
        shared("ravenstack_accounts.csv"),
        "--activity",
        shared("ravenstack_events.csv.gz"),
        "--cancelled",
        "--horizon-days",
        "90",
        "--as-of",
        "2024-09-30",
    ]
    told = onboard(*words)

    accounts, activity = told["imports"]
    assert (accounts["created"], activity["created"]) == (500, 34_731)
    assert Account.objects.filter(stage="churned", churned_on__isnull=False).count() == 352
    assert set(Account.objects.get(external_id="A-2e4581").traits) == {"industry", "country", "referral_source", "is_trial"}
    assert Account.objects.get(external_id="A-2e4581").plan == "Basic"
    assert sum(DailyRollup.objects.values_list("count", flat=True)) == 34_731
    # Behaviour there predicts nothing (PROVENANCE), so no model may be put to work.
    assert not told["training"]["promoted"]
    assert told["verdict"].startswith("Not promoted: ")
    assert told["scored"] == AccountRisk.objects.filter(probability__isnull=False).count() > 100
    assert len(told["riskiest"]) == 10
    for risk in told["riskiest"]:
        assert 0 < risk["probability"] <= 1
        assert len(risk["reasons"]) >= 2
        assert all(" " in reason["words"] for reason in risk["reasons"])

    before = everything()
    again = onboard(*words)
    assert [(told["created"], told["changed"], told["same"]) for told in again["imports"]] == [(0, 0, 500), (0, 0, 34_731)]
    assert everything() == before


@pytest.mark.shared
def test_a_real_table_without_events_is_imported_scored_and_explained():
    told = onboard(shared("telco.csv"), "--snapshot", "--churned-column", "Churn", "--churned-value", "Yes")

    assert told["imports"][0]["created"] == 7_043
    assert Account.objects.filter(stage="churned").count() == 1_869
    customer = Account.objects.get(external_id="7590-VHVEG")
    assert "Churn" not in customer.traits
    assert (customer.traits["tenure"], customer.traits["Partner"], customer.traits["MultipleLines"]) == (1, True, "No phone service")
    assert "TotalCharges" not in Account.objects.get(external_id="4472-LVYGI").traits
    assert told["training"]["promoted"]
    assert told["scored"] == 7_043 - 1_869
    assert all(reason["words"] for risk in told["riskiest"] for reason in risk["reasons"])


def small(folder: Path) -> str:
    path = folder / "accounts.csv"
    path.write_text("id,start_date\na,2026-01-01\nb,2026-01-01\n")
    return str(path)


def test_too_little_history_keeps_the_rule_and_says_so(tmp_path):
    out = io.StringIO()
    call_command("onboard", small(tmp_path), stdout=out)
    assert "Leaving means: the customer cancels within the next 30 days." in out.getvalue()
    assert "Not promoted: Too little history for a model" in out.getvalue()
    assert "of 100 points" in out.getvalue()
    assert ChurnDefinition.objects.get(is_default=True).name == "cancelled-30"


def test_silence_is_looked_at_over_as_many_days_unless_said_otherwise(tmp_path):
    onboard(small(tmp_path), "--inactive-days", "60")
    assert (ChurnDefinition.objects.get(is_default=True).inactive_days, ChurnDefinition.objects.get(is_default=True).horizon_days) == (60, 60)


def test_a_dry_run_ends_before_anything_is_changed(tmp_path):
    told = onboard(small(tmp_path), "--dry-run")
    assert told["imports"][0]["created"] == 2
    assert not Account.objects.exists()
    assert not ImportRun.objects.exists()
    assert not ChurnDefinition.objects.filter(name="cancelled-30").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--as-of", "soon"], "--as-of 'soon' is no date. Write 2026-03-01."),
        (["--inactive-days", "400"], "The number of silent days is from 1 to 364."),
        (["--activity", "missing.csv"], "missing.csv cannot be opened"),
    ],
)
def test_what_cannot_be_done_is_one_plain_line(tmp_path, words, message):
    with pytest.raises(CommandError) as refusal:
        onboard(small(tmp_path), *words)
    assert message in str(refusal.value)
