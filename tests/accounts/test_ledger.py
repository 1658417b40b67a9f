"""The ledger adds up, never forgets and never edits."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Account, ArrMovement, Subscription
from apps.accounts.services import ledger, mark_churned, subscriptions
from apps.core.actor import Actor
from apps.core.errors import Refused
from cs_platform.invariants import INVARIANTS
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
WHO = {"source": "test", "actor": ACTOR, "now": NOW}


def rows(account):
    found = ArrMovement.objects.filter(account=account).order_by("id")
    return [(row.kind, int(row.amount), row.currency, row.effective_on) for row in found]


def arr(account):
    return Account.objects.values_list("arr", flat=True).get(pk=account.pk)


def unbalanced():
    """What the two invariants of the ledger complain of."""
    with connection.cursor() as cursor:
        found = []
        for invariant in INVARIANTS:
            if invariant.name.startswith("ledger_"):
                cursor.execute(invariant.sql, {"now": NOW})
                found += [(invariant.name, *row) for row in cursor.fetchall()]
    return found


def becomes(account, amount, on, **fields):
    """The account is said to pay this much, and the difference is posted as the doors do it."""
    Account.objects.filter(pk=account.pk).update(arr=amount, **fields)
    return ledger.post_differences([account.pk], on=on, source="test", actor=ACTOR, now=NOW)


def test_each_difference_gets_the_kind_of_what_happened():
    account = make.account(arr=100, started_on=JAN)
    assert rows(account) == [("new", 100, "USD", JAN)]
    assert becomes(account, 150, FEB) == 1
    assert becomes(account, 150, FEB) == 0
    becomes(account, 120, MAR)
    mark_churned(Account.objects.get(pk=account.pk), on=date(2026, 3, 5), actor=ACTOR, now=NOW)
    becomes(account, 80, date(2026, 3, 9), stage="active", churned_on=None)
    assert rows(account)[1:] == [
        ("expansion", 50, "USD", FEB),
        ("contraction", -30, "USD", MAR),
        ("churn", -120, "USD", date(2026, 3, 5)),
        ("reactivation", 80, "USD", date(2026, 3, 9)),
    ]
    assert unbalanced() == []


def test_a_whole_batch_costs_two_statements(django_assert_num_queries):
    made = [Account.objects.create(external_id=f"n{number}", name="N", arr=number + 1, started_on=JAN) for number in range(50)]
    with transaction.atomic(), django_assert_num_queries(4):  # With the savepoint around them.
        assert ledger.post_differences([account.pk for account in made], on=MAR, source="test", actor=ACTOR, now=NOW) == 50
    assert ArrMovement.objects.aggregate(sum=Sum("amount"))["sum"] == 50 * 51 // 2


def test_who_had_left_before_we_heard_of_them_keeps_both_days():
    account = make.account(arr=100, started_on=JAN, churned_on=FEB, stage="churned")
    ledger.post_differences([account.pk], on=MAR, source="test", actor=ACTOR, now=NOW)
    assert rows(account) == [("new", 100, "USD", JAN), ("churn", -100, "USD", FEB)]
    assert ledger.post_differences([account.pk], on=MAR, source="test", actor=ACTOR, now=NOW) == 0


def test_a_leaver_without_days_leaves_no_guess_behind():
    account = make.account(arr=100, stage="churned")
    assert rows(account) == []


def test_a_change_of_currency_moves_both_ledgers_and_loses_nobody():
    account = make.account(arr=100, started_on=JAN)
    becomes(account, 90, FEB, currency="EUR")
    assert rows(account)[1:] == [("expansion", 90, "EUR", FEB), ("contraction", -100, "USD", FEB)]
    assert ledger.balances(account.pk) == {"EUR": 90}
    assert unbalanced() == []


def test_movements_can_be_entered_into_the_past_and_what_follows_is_told_anew():
    account = make.account(arr=100, started_on=FEB)
    row = ledger.record(account, amount=Decimal(40), effective_on=JAN, reason="found the first order", **WHO)
    # The first order is the new one now; what was new in February was an expansion.
    assert (row.kind, arr(account)) == ("new", 140)
    assert rows(account) == [("new", 100, "USD", FEB), ("new", -100, "USD", FEB), ("expansion", 100, "USD", FEB), ("new", 40, "USD", JAN)]
    assert unbalanced() == []


def test_a_restatement_takes_back_and_says_right_and_the_past_stays_readable():
    account = make.account(arr=100, started_on=JAN)
    first = ArrMovement.objects.get(account=account)
    right = ledger.restate(first, amount=Decimal(130), reason="typing error", **WHO)
    assert right is not None
    assert rows(account) == [("new", 100, "USD", JAN), ("new", -100, "USD", JAN), ("new", 130, "USD", JAN)]
    assert (right.reason, arr(account)) == ("typing error", 130)
    known_before = ArrMovement.objects.filter(account=account, recorded_at__lt=NOW).aggregate(sum=Sum("amount"))["sum"]
    assert known_before == 100
    with pytest.raises(Refused, match="taken back already"):
        ledger.restate(first, amount=Decimal(1), reason="again", **WHO)


def test_restating_who_has_left_moves_the_leaving_too():
    account = make.account(arr=100, started_on=JAN)
    mark_churned(account, on=FEB, actor=ACTOR, now=NOW)
    ledger.restate(ArrMovement.objects.get(account=account, kind="new"), amount=Decimal(130), reason="typing error", **WHO)
    live = ArrMovement.objects.filter(account=account, reverses=None, reversed_by=None).order_by("effective_on")
    assert [(row.kind, row.amount) for row in live] == [("new", 130), ("churn", -130)]
    assert (ledger.balances(account.pk), arr(account)) == ({}, 100)
    assert unbalanced() == []


@pytest.mark.parametrize(
    ("amount", "day", "code"),
    [(Decimal(-101), MAR, "below_zero"), (Decimal(-50), date(2025, 12, 1), "below_zero"), (Decimal(0), MAR, "nothing_moves")]
    + [(Decimal(5), NOW.date() + timedelta(days=2), "not_yet")],
)
def test_what_cannot_be_is_refused_and_nothing_changes(amount, day, code):
    account = make.account(arr=100, started_on=JAN)
    with pytest.raises(Refused) as refusal:
        ledger.record(account, amount=amount, effective_on=day, reason="no", **WHO)
    assert refusal.value.code == code
    assert (rows(account), arr(account)) == ([("new", 100, "USD", JAN)], 100)


def test_the_same_key_enters_once():
    account = make.account(arr=100, started_on=JAN)
    first = ledger.record(account, amount=Decimal(5), effective_on=FEB, reason="order 7", idem_key="order:7", **WHO)
    again = ledger.record(account, amount=Decimal(5), effective_on=FEB, reason="order 7", idem_key="order:7", **WHO)
    assert (first.pk, arr(account)) == (again.pk, 105)


def test_the_account_follows_its_contracts_and_other_currencies_keep_their_own_books():
    account = make.account(arr=0)
    first = subscriptions.start(account, external_id="c1", arr=Decimal(100), started_on=JAN, actor=ACTOR, now=NOW)
    second = subscriptions.start(account, external_id="c2", arr=Decimal(40), started_on=FEB, actor=ACTOR, now=NOW)
    abroad = subscriptions.start(account, external_id="c3", arr=Decimal(70), currency="EUR", started_on=FEB, actor=ACTOR, now=NOW)
    subscriptions.change(second, on=MAR, arr=Decimal(25), actor=ACTOR, now=NOW)
    assert (arr(account), ledger.balances(account.pk)) == (125, {"USD": 125, "EUR": 70})
    subscriptions.end(first, on=MAR, actor=ACTOR, now=NOW)
    found = ArrMovement.objects.filter(account=account).order_by("id").values_list("subscription__external_id", "kind", "amount")
    assert list(found) == [
        ("c1", "new", 100),
        ("c2", "expansion", 40),
        ("c3", "expansion", 70),
        ("c2", "contraction", -15),
        ("c1", "contraction", -100),
    ]
    assert unbalanced() == []
    mark_churned(Account.objects.get(pk=account.pk), on=date(2026, 3, 8), actor=ACTOR, now=NOW)
    assert [row[:3] for row in rows(account)[5:]] == [("churn", -70, "EUR"), ("churn", -25, "USD")] or [row[:3] for row in rows(account)[5:]] == [
        ("churn", -25, "USD"),
        ("churn", -70, "EUR"),
    ]
    assert {contract.state for contract in Subscription.objects.filter(account=account)} == {"ended"}
    assert abroad.pk
    assert unbalanced() == []


def test_arr_in_another_currency_needs_a_contract():
    account = make.account(arr=100, started_on=JAN)
    with pytest.raises(Refused, match="belongs to a contract"):
        ledger.record(account, amount=Decimal(5), currency="EUR", effective_on=FEB, reason="no", **WHO)
    assert rows(account) == [("new", 100, "USD", JAN)]


@pytest.mark.parametrize(
    "statement",
    ["update accounts_arrmovement set amount = 1", "delete from accounts_arrmovement", "truncate accounts_arrmovement cascade"],
)
def test_the_database_refuses_to_edit_the_ledger(statement):
    account = make.account(arr=100, started_on=JAN)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert rows(account) == [("new", 100, "USD", JAN)]


def test_movements_go_only_together_with_their_account():
    account, other = make.account(arr=100), make.account(arr=50)
    account.delete()
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert list(ArrMovement.objects.values_list("account")) == [(other.pk,)]


DAYS = st.integers(0, 60).map(lambda days: JAN + timedelta(days=days))
AMOUNTS = st.integers(-200, 300).map(Decimal)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("becomes"), AMOUNTS.map(abs), DAYS),
        st.tuples(st.just("record"), AMOUNTS, DAYS),
        st.tuples(st.just("restate"), AMOUNTS, DAYS),
        st.tuples(st.just("contract"), AMOUNTS.map(abs), DAYS),
        st.tuples(st.just("change"), AMOUNTS.map(abs), DAYS),
        st.tuples(st.just("currency"), AMOUNTS.map(abs), DAYS),
        st.tuples(st.just("leave"), AMOUNTS, DAYS),
        st.tuples(st.just("back"), AMOUNTS.map(abs), DAYS),
    ),
    min_size=1,
    max_size=14,
)


def _take(step, amount, day, account, number):
    """One step of a life, by the same doors that staff and sources use; what the business refuses changes nothing."""
    fresh = Account.objects.get(pk=account.pk)
    contract = Subscription.objects.filter(account=account).order_by("id").last()
    movement = ArrMovement.objects.filter(account=account, reverses=None, reversed_by=None).order_by("id").first()
    if step == "becomes":
        becomes(account, amount, day)
    elif step == "currency":
        becomes(account, amount, day, currency="EUR" if fresh.currency == "USD" else "USD")
    elif step == "back":
        becomes(account, amount, day, stage="active", churned_on=None)
    elif step == "record":
        ledger.record(fresh, amount=amount, effective_on=day, reason="found", **WHO)
    elif step == "restate" and movement is not None:
        ledger.restate(movement, amount=amount, effective_on=day, reason="wrong", **WHO)
    elif step == "contract":
        abroad = "GBP" if number % 2 else ""
        subscriptions.start(fresh, external_id=f"{account.pk}-{number}", arr=amount, currency=abroad, started_on=day, actor=ACTOR, now=NOW)
    elif step == "change" and contract is not None:
        subscriptions.change(contract, on=day, arr=amount, actor=ACTOR, now=NOW)
    elif step == "leave":
        mark_churned(fresh, on=day, actor=ACTOR, now=NOW)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_the_books_balance(steps):
    with transaction.atomic():
        account = make.account(arr=100, started_on=JAN)
        seen: list[tuple[object, ...]] = []
        for number, (step, amount, day) in enumerate(steps):
            before = list(ArrMovement.objects.filter(account=account).order_by("id").values_list())
            try:
                with transaction.atomic():
                    _take(step, amount, day, account, number)
            except Refused:
                assert list(ArrMovement.objects.filter(account=account).order_by("id").values_list()) == before
            after = list(ArrMovement.objects.filter(account=account).order_by("id").values_list())
            # Nothing that was written once has changed, and the books balance after every single step.
            assert after[: len(before)] == before
            assert unbalanced() == [], (number, step, after)
            seen = after
        assert seen
        transaction.set_rollback(True)
