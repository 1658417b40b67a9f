"""The gate for what sources say: new, changed, same, older, somebody else's, of another type."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import services
from apps.accounts.models import Account, Contact, Field
from apps.accounts.types import AccountFacts, ContactFacts, Left, Stage
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Change, Event
from tests import make

pytestmark = pytest.mark.django_db
CRM = AccountFacts(
    external_id="a1", name="Riverside", plan="pro", arr=Decimal("1200.50"), tags=["vip"], traits={"employees": 40, "industry": "dental"}
)


def bring(*rows, source="crm", now, batch=""):
    return services.bring_accounts(rows, source=source, actor=Actor.source(source), now=now, batch=batch)


def changes():
    return list(Change.objects.exclude(field="").order_by("id").values_list("field", "before", "after", "source"))


def test_a_new_account_is_created_once_and_its_repeat_changes_nothing(now):
    first = bring(CRM, now=now)
    again = bring(CRM, now=now)
    account = Account.objects.get()
    assert (first.created, first.changed, first.same, first.ids) == (1, 0, 0, (account.pk,))
    assert (again.created, again.changed, again.same, again.ids) == (0, 0, 1, ())
    assert (account.name, account.plan, account.arr, account.traits) == (
        "Riverside",
        "pro",
        Decimal("1200.50"),
        {"employees": 40, "industry": "dental"},
    )
    assert (changes(), Event.objects.filter(type="accounts.changed").count()) == ([], 1)


def test_what_differs_is_changed_field_by_field_with_its_history(now):
    bring(CRM, now=now)
    brought = bring(replace(CRM, name=None, arr=Decimal("1500"), traits={"employees": 41}), now=now + timedelta(hours=1), batch="import:7")
    account = Account.objects.get()
    assert (brought.changed, account.name, account.arr, account.version) == (1, "Riverside", Decimal("1500.00"), 2)
    assert account.traits == {"employees": 41, "industry": "dental"}
    assert changes() == [("arr", "1200.50", "1500.00", "crm"), ("traits.employees", 40, 41, "crm")]
    assert set(Change.objects.exclude(field="").values_list("batch", flat=True)) == {"import:7"}


def test_an_older_word_does_not_undo_a_later_one(now):
    bring(CRM, now=now)
    bring(replace(CRM, plan="max", at=now + timedelta(hours=2)), now=now + timedelta(hours=2))
    late = bring(replace(CRM, plan="mini", at=now + timedelta(hours=1)), now=now + timedelta(hours=3))
    assert Account.objects.get().plan == "max"
    assert late.left == (Left("a1", "plan", "A later word is known; it was left as it is."),)


def test_the_source_of_truth_of_a_field_is_not_overruled(now):
    Field.objects.create(name="account.arr", truth="billing")
    bring(CRM, now=now)
    bring(replace(CRM, arr=Decimal("900")), source="billing", now=now)
    overruled = bring(replace(CRM, arr=Decimal("1"), plan="max"), now=now)
    account = Account.objects.get()
    assert (account.arr, account.plan) == (Decimal("900.00"), "max")
    assert overruled.left == (Left("a1", "arr", "Billing is the source of truth of this field; it was left as it is."),)


def test_traits_keep_the_type_they_were_registered_with(now):
    bring(CRM, now=now)
    brought = bring(replace(CRM, traits={"employees": "fifty", "industry": 7, "renewed": "2026-01-31", "vip": True}), now=now)
    assert Account.objects.get().traits == {"employees": 40, "industry": "7", "renewed": "2026-01-31", "vip": True}
    assert brought.left == (Left("a1", "traits.employees", "It is registered as a number, and 'fifty' is none. It was left out."),)
    assert dict(Field.objects.values_list("name", "kind")) == {
        "account.traits.employees": "number",
        "account.traits.industry": "text",
        "account.traits.renewed": "date",
        "account.traits.vip": "boolean",
    }


def test_a_customer_who_comes_back_has_no_day_of_leaving(now):
    bring(replace(CRM, churned_on=now.date()), now=now)
    assert Account.objects.get().stage == "churned"
    bring(replace(CRM, stage=Stage.ACTIVE), now=now)
    account = Account.objects.get()
    assert (account.stage, account.churned_on) == ("active", None)


def test_people_come_with_their_account_and_the_homeless_are_told(now):
    account = make.account(external_id="a1")
    actor = Actor.source("crm")
    brought = services.bring_contacts(
        [ContactFacts("p1", account="a1", name="Ada"), ContactFacts("p2", account="a9"), ContactFacts("p3")], source="crm", actor=actor, now=now
    )
    assert brought.left == (Left("p2", "", "There is no account a9."), Left("p3", "", "Its account is not told."))
    assert list(Contact.objects.values_list("external_id", "name", "account")) == [("p1", "Ada", account.pk)]
    moved = make.account(external_id="a2")
    brought = services.bring_contacts([ContactFacts("p1", account="a2", email="ada@a.test")], source="crm", actor=actor, now=now)
    assert (brought.changed, Contact.objects.get().account, Contact.objects.get().email) == (1, moved, "ada@a.test")


def test_the_number_of_statements_does_not_grow_with_the_rows(now):
    def cost(count):
        rows = [AccountFacts(external_id=f"b{count}-{number}", plan="pro", traits={"size": number}) for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            bring(*rows, now=now)
        return len(queries)

    cost(1)
    assert cost(2) == cost(500)


@pytest.mark.django_db(transaction=True)
def test_batches_that_create_the_same_account_side_by_side_lose_no_fact(now):
    def work(number):
        try:
            bring(AccountFacts(external_id="a1", traits={f"from_{number}": number}), AccountFacts(external_id=f"own-{number}"), now=now)
        finally:
            connection.close()

    make.at_once(work, 6)
    assert Account.objects.get(external_id="a1").traits == {f"from_{number}": number for number in range(6)}
    assert Account.objects.count() == 7


@pytest.mark.parametrize("parents", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b"}, {"c": "a", "b": "c", "a": "b"}], ids=str)
def test_parents_that_would_stand_above_themselves_are_refused_whole(now, parents):
    make.account(external_id="b", parent=make.account(external_id="a"))
    before = list(Account.objects.order_by("pk").values())
    with pytest.raises(Refused) as refusal:
        services.bring_accounts([AccountFacts(key, parent=above) for key, above in parents.items()], source="crm", actor=Actor.source("crm"), now=now)
    assert refusal.value.code == "circle"
    assert (list(Account.objects.order_by("pk").values()), Change.objects.count()) == (before, 0)
