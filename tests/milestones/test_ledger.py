"""The ledger of rewards: two sides, each cause once, nothing typed over, nothing below nought."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.errors import Refused
from apps.events.models import Event
from apps.milestones import services
from apps.milestones.models import RewardBalance, RewardBudget, RewardClaim, RewardMovement
from apps.milestones.rewards import ledger
from apps.milestones.rewards.granting import settle
from cs_platform import invariants
from tests import make
from tests.milestones import rewarding

pytestmark = pytest.mark.django_db


def test_a_grant_moves_value_from_the_months_budget_to_the_customer(now):
    account, budget, rule = make.account(), rewarding.budget(now, 1_000), rewarding.rule(now)

    settle(rule, rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)

    assert rewarding.has(account) == 100
    assert ledger.balance("budget", unit="points", budget_id=budget.pk) == 900
    assert ledger.balance("company", unit="points") == -1_000
    assert list(RewardMovement.objects.order_by("pk").values_list("kind", "source", "target", "amount")) == [
        ("fund", "company", "budget", 1_000),
        ("grant", "budget", "account", 100),
    ]
    assert Event.objects.get(type="reward.granted").payload["amount"] == "100"
    assert invariants.broken(now) == []


def test_the_same_cause_is_paid_once_however_often_it_is_told(now):
    account, rule = make.account(), rewarding.rule(now)
    rewarding.budget(now)

    told = [settle(rule, rewarding.cause(account, "a", now), actor=make.ACTOR, now=now + timedelta(hours=hour)) for hour in range(4)]

    assert [one is not None for one in told] == [True, False, False, False]
    assert rewarding.has(account) == 100
    assert RewardClaim.objects.count() == 1


@pytest.mark.parametrize("statement", ["update milestones_rewardmovement set amount = 1", "delete from milestones_rewardmovement"])
def test_the_database_refuses_to_change_or_delete_a_movement(now, statement):
    rewarding.budget(now)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert RewardMovement.objects.get().amount == 10_000


def test_a_book_never_falls_below_nought(now):
    account = make.account()
    budget = rewarding.budget(now, 50)
    with pytest.raises(Refused, match="not enough"):
        ledger.post(ledger.Entry("grant", "points", "", Decimal(51), "x", account_id=account.pk, budget_id=budget.pk), actor=make.ACTOR, now=now)
    assert rewarding.has(account) == 0
    assert RewardMovement.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        RewardBalance.objects.filter(book="budget").update(amount=-1)


def test_a_deleted_account_leaves_its_movements_and_every_sum_as_it_was(now):
    account, other, rule = make.account(), make.account(), rewarding.rule(now)
    budget = rewarding.budget(now, 100_000)
    for one in (account, other):
        settle(rule, rewarding.cause(one, "a", now), actor=make.ACTOR, now=now)

    with transaction.atomic():
        type(account).objects.filter(pk=account.pk).delete()

    assert RewardMovement.objects.count() == 3
    assert RewardMovement.objects.filter(account=None, kind="grant").count() == 1
    assert ledger.balance("budget", unit="points", budget_id=budget.pk) == 99_800
    assert invariants.broken(now) == []


def test_a_budget_can_be_raised_and_lowered_down_to_what_is_granted(now):
    account, rule = make.account(), rewarding.rule(now)
    budget = rewarding.budget(now, 1_000)
    settle(rule, rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    rewarding.budget(now, 1_500)
    rewarding.budget(now, 100)
    assert ledger.balance("budget", unit="points", budget_id=budget.pk) == 0
    with pytest.raises(Refused, match="cannot be planned lower than 100"):
        rewarding.budget(now, 99)
    assert RewardBudget.objects.get().amount == 100
    assert invariants.broken(now) == []


def test_what_is_left_of_a_month_goes_back_once_it_is_over(now):
    budget = rewarding.budget(now, 1_000)
    assert services.close_months(actor=make.ACTOR, now=now) == 0
    later = now + timedelta(days=31)
    assert services.close_months(actor=make.ACTOR, now=later) == 1
    assert services.close_months(actor=make.ACTOR, now=later) == 0
    assert ledger.balance("budget", unit="points", budget_id=budget.pk) == 0
    assert ledger.balance("company", unit="points") == 0


def test_credits_have_a_currency_and_never_vary(now):
    with pytest.raises(Refused):
        rewarding.rule(now, unit="credits", currency="USD", varies=True)
    with pytest.raises(Refused):
        rewarding.rule(now, unit="points", currency="USD")
    for wrong in ({"unit": "credits"}, {"unit": "perks"}, {"currency": "USD"}):
        with pytest.raises(Refused, match="currency"):
            rewarding.budget(now, **wrong)
    assert not RewardBudget.objects.exists()


def test_perks_are_told_apart_by_their_key(now):
    account = make.account()
    for perk in ("priority-support", "extra-seat"):
        rewarding.budget(now, 5, unit="perks", currency=perk)
        rule = rewarding.rule(now, unit="perks", currency=perk, amount=Decimal(1))
        settle(rule, rewarding.cause(account, "a", now, 1), actor=make.ACTOR, now=now)
    assert [rewarding.has(account, unit="perks", currency=perk) for perk in ("priority-support", "extra-seat", "other")] == [1, 1, 0]
    assert set(Event.objects.filter(type="reward.granted").values_list("payload__unit", flat=True)) == {"priority-support", "extra-seat"}
    assert invariants.broken(now) == []
