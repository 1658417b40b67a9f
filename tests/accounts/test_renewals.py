"""Terms that end: opened, called, decided, scored."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import Account, ArrMovement, Renewal, RenewalCall, Subscription
from apps.accounts.selectors import calls
from apps.accounts.services import mark_churned, renewals, subscriptions
from apps.accounts.types import Call, Role
from apps.churn.models import AccountRisk, ChurnDefinition
from apps.churn.tasks import call_renewals
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
TODAY = NOW.date()
WHO = {"actor": ACTOR, "now": NOW}


def in_days(days):
    return TODAY + timedelta(days=days)


def states():
    return list(Renewal.objects.order_by("due_on", "id").values_list("state", "due_on", "arr", "outcome_arr"))


def renewal(arr=1000, days=60, **fields):
    account = make.account(arr=arr, renews_on=in_days(days), **fields)
    renewals.plan(**WHO)
    return Renewal.objects.get(account=account)


def test_renewals_open_by_themselves_half_a_year_ahead_and_only_once():
    make.account(name="soon", arr=100, renews_on=in_days(30))
    make.account(name="far", arr=100, renews_on=in_days(181))
    make.account(name="left", arr=100, renews_on=in_days(30), stage="churned")
    with_contracts = make.account(name="two contracts", arr=0, renews_on=in_days(5))
    for number, days in enumerate((40, 170)):
        subscriptions.start(with_contracts, external_id=f"c{number}", arr=Decimal(500), started_on=date(2025, 6, 1), renews_on=in_days(days), **WHO)
    assert renewals.plan(**WHO) == {"gone": 0, "went_on": 0, "moved": 0, "opened": 3}
    assert states() == [("open", in_days(30), 100, None), ("open", in_days(40), 500, None), ("open", in_days(170), 500, None)]
    assert renewals.plan(**WHO) == {"gone": 0, "went_on": 0, "moved": 0, "opened": 0}


def test_a_moved_date_moves_the_renewal_and_a_new_term_settles_it():
    found = renewal(days=60)
    Account.objects.update(renews_on=in_days(70), arr=1100)
    assert renewals.plan(**WHO)["moved"] == 1
    assert states() == [("open", in_days(70), 1100, None)]
    Account.objects.update(renews_on=in_days(70 + 365), arr=1300)
    assert renewals.plan(**WHO)["went_on"] == 1
    found.refresh_from_db()
    assert (found.state, found.outcome_arr, found.booking_type, found.decided_on) == ("expanded", 1300, "early", TODAY)


def test_who_leaves_settles_the_renewal():
    found = renewal(days=20)
    mark_churned(found.account, on=TODAY, actor=ACTOR, now=NOW)
    assert renewals.plan(**WHO)["gone"] == 1
    found.refresh_from_db()
    assert (found.state, found.outcome_arr, found.decided_on) == ("churned", 0, TODAY)


@pytest.mark.parametrize(("days", "gate"), [(180, 180), (91, 180), (90, 90), (31, 90), (30, 30), (0, 30), (-3, 30)])
def test_a_call_belongs_to_the_gate_of_its_day(days, gate):
    assert calls.checkpoint(in_days(days), TODAY) == gate


def test_a_call_can_be_taken_back_and_the_one_before_counts_again():
    found, csm = renewal(), make.user(Role.CSM)
    first = renewals.call(found, call=Call.GOOD, author=csm, **WHO)
    second = renewals.call(found, call=Call.AT_RISK, author=csm, probability=0.5, **WHO)
    renewals.withdraw(second, **WHO)
    assert list(RenewalCall.objects.filter(withdrawn_at=None).values_list("pk", "checkpoint", "probability")) == [(first.pk, 90, 0.95)]
    with pytest.raises(Refused, match="taken back already"):
        renewals.withdraw(second, **WHO)


@pytest.mark.parametrize(("outcome", "state", "kind"), [(1200, "expanded", "expansion"), (700, "contracted", "contraction"), (1000, "renewed", None)])
def test_the_outcome_moves_contract_account_and_ledger(outcome, state, kind):
    account = make.account(arr=1000)
    contract = subscriptions.start(account, external_id="c", arr=Decimal(1000), started_on=date(2025, 3, 1), renews_on=in_days(-2), **WHO)
    renewals.plan(**WHO)
    found = renewals.decide(Renewal.objects.get(), outcome_arr=Decimal(outcome), **WHO)
    contract.refresh_from_db()
    account.refresh_from_db()
    assert (found.state, contract.arr, contract.renews_on, account.arr) == (state, outcome, date(2027, 3, 9), outcome)
    moved = ArrMovement.objects.filter(account=account).order_by("id").values_list("kind", "effective_on")
    assert list(moved)[1:] == ([(kind, in_days(-2))] if kind else [])
    with pytest.raises(Refused, match="is decided"):
        renewals.decide(found, outcome_arr=Decimal(1), **WHO)


def test_not_renewed_means_gone_where_there_is_no_contract():
    found = renewals.decide(renewal(days=-1), outcome_arr=Decimal(0), **WHO)
    account = Account.objects.get()
    assert (found.state, account.stage, account.churned_on) == ("churned", "churned", in_days(-1))
    assert ArrMovement.objects.filter(account=account, kind="churn", effective_on=in_days(-1)).count() == 1
    with pytest.raises(Refused, match="decided"):
        renewals.call(found, call=Call.GOOD, author=None, **WHO)


def test_not_renewing_one_of_two_contracts_keeps_the_customer():
    account = make.account(arr=0)
    for name, days in (("a", 5), ("b", 300)):
        subscriptions.start(account, external_id=name, arr=Decimal(100), started_on=date(2025, 3, 1), renews_on=in_days(days), **WHO)
    renewals.plan(**WHO)
    renewals.decide(Renewal.objects.get(), outcome_arr=Decimal(0), **WHO)
    account.refresh_from_db()
    assert (account.stage, account.arr, Subscription.objects.get(external_id="a").state) == ("active", 100, "ended")


def test_the_model_speaks_once_at_each_gate_and_a_rule_does_not(monkeypatch):
    found, ruled = renewal(days=170), renewal(days=20)
    ChurnDefinition.objects.create(name="test", kind="cancelled", horizon_days=90, is_default=True)
    risk = make.risk(found.account, now=NOW, probability=0.2, source="logistic v3")
    make.risk(ruled.account, now=NOW)
    AccountRisk.objects.create(account=renewal(days=15).account, stale_since=NOW)
    model = risk.prediction.model
    model.kind = "logistic"
    model.pk, model.number = None, 2
    model.save()
    risk.prediction.model = model
    risk.prediction.save()
    monkeypatch.setenv("CS_CLOCK_SHIFT", str((NOW - datetime.now(UTC)).total_seconds()))
    assert call_renewals() == 1
    said = RenewalCall.objects.get()
    # 180 days are twice the horizon: 0.8 x 0.8.
    assert (said.by, said.checkpoint, round(said.probability, 6), said.call, said.source) == ("model", 180, 0.64, "at_risk", "logistic v3")
    assert call_renewals() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        RenewalCall.objects.create(renewal=found, by="model", checkpoint=180, call="good", probability=1, at=NOW)


def decided(csm, model, renewed, count):
    """`count` decided renewals with these chances by both."""
    for _ in range(count):
        account = make.account()
        row = Renewal.objects.create(
            account=account,
            due_on=in_days(-5),
            arr=100,
            currency="USD",
            state="renewed" if renewed else "churned",
            outcome_arr=100 if renewed else 0,
            decided_on=in_days(-5),
        )
        for by, chance in (("csm", csm), ("model", model)):
            RenewalCall.objects.create(renewal=row, by=by, checkpoint=30, call="good", probability=chance, at=NOW)


def test_calls_are_scored_against_what_happened():
    boss = make.user(Role.ADMINISTRATOR)
    decided(0.9, 0.7, True, 15)
    decided(0.6, 0.2, False, 5)
    found = calls.judgement(boss, since=in_days(-365))
    # CSM: (15 x 0.1^2 + 5 x 0.6^2) / 20 = 1.95 / 20; model: (15 x 0.3^2 + 5 x 0.2^2) / 20 = 1.55 / 20; base: 0.75 x 0.25.
    assert (round(found.csm.brier, 6), round(found.model.brier, 6), found.base) == (0.0975, 0.0775, 0.1875)
    assert (found.decided, found.renewed, found.difference.n, round(found.difference.brier, 6)) == (20, 15, 20, 0.02)
    assert found.difference.low < 0 < found.difference.high
    assert "equally close" in found.verdict


def test_a_clear_difference_is_said_and_few_renewals_are_not_enough():
    boss = make.user(Role.ADMINISTRATOR)
    decided(0.9, 0.5, True, 19)
    assert calls.judgement(boss, since=in_days(-365)).verdict == (
        "We cannot tell yet who calls renewals better: 19 of 20 decided renewals have calls by both."
    )
    decided(0.8, 0.5, True, 2)
    assert calls.judgement(boss, since=in_days(-365)).verdict == "Success managers were closer than the model on 21 renewals."
    assert calls.judgement(make.user(Role.CSM), since=in_days(-365)).decided == 0
