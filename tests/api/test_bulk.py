"""Thousands of rows in a call: a verdict for each, sent twice nothing changes, and the number of statements stays the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account, ActivityEvent, Contact, Invoice, Subscription, SurveyResponse, Ticket
from apps.accounts.types import Role
from apps.events.models import Change
from tests import make

pytestmark = pytest.mark.django_db

OF = {
    "contacts": (Contact, {"email": "sam@acme.test", "role": "champion", "traits": {"seat": 4}}, {"title": "CTO"}),
    "subscriptions": (Subscription, {"started_on": "2026-01-01", "arr": "99.90", "state": "active"}, {"arr": "120.00"}),
    "invoices": (Invoice, {"amount": 100, "issued_on": "2026-01-01", "due_on": "2026-01-31"}, {"state": "paid", "paid_on": "2026-02-01"}),
    "tickets": (Ticket, {"opened_at": "2026-03-01T08:00:00Z", "subject": "It hangs", "priority": "p1"}, {"priority": "p2"}),
    "surveys": (SurveyResponse, {"kind": "nps", "score": 9, "at": "2026-03-01T08:00:00+01:00"}, {"comment": "Well done"}),
}


def statuses(answer):
    assert answer.status_code == 200, answer.content
    return [item["status"] for item in answer.json()["items"]]


def test_accounts_are_created_changed_and_left_alone(api):
    batch = [{"external_id": f"a{number}", "name": f"Account {number}", "arr": 100 * number, "traits": {"size": number}} for number in range(4)]
    first = api.post("accounts/bulk/", batch)
    assert first.json() | {"items": None} == {"created": 4, "changed": 0, "same": 0, "refused": 0, "items": None}
    assert first.json()["items"][2] == {"index": 2, "status": "created", "external_id": "a2", "id": Account.objects.get(external_id="a2").pk}
    history = Change.objects.count()
    assert statuses(api.put("accounts/bulk/", batch)) == ["same"] * 4
    assert Change.objects.count() == history
    batch[1]["traits"] = {"region": "eu"}
    batch[3]["arr"] = "300.00"
    assert statuses(api.put("accounts/bulk/", batch)) == ["same", "changed", "same", "same"]
    assert Account.objects.get(external_id="a1").traits == {"size": 1, "region": "eu"}


@pytest.mark.parametrize("name", OF)
def test_every_kind_of_row_comes_in_and_sent_twice_nothing_changes(api, name):
    model, values, change = OF[name]
    make.account(external_id="acme")
    batch = [{"external_id": f"x{number}", "account_external_id": "acme", **values} for number in range(3)]
    assert statuses(api.post(f"{name}/bulk/", batch)) == ["created"] * 3
    before, history = list(model.objects.order_by("id").values()), Change.objects.count()
    assert statuses(api.post(f"{name}/bulk/", batch)) == ["same"] * 3
    assert (list(model.objects.order_by("id").values()), Change.objects.count()) == (before, history)
    # What is not said stays: only the id and the new fact are sent.
    assert statuses(api.post(f"{name}/bulk/", [{"external_id": "x1", **change}])) == ["changed"]
    assert model.objects.count() == 3


def test_activity_counts_once(api):
    account = make.account(external_id="acme")
    batch = [{"message_id": f"m{number}", "name": "login", "at": "2026-03-01T08:00:00Z", "account_external_id": "acme"} for number in (1, 2, 2)]
    assert statuses(api.post("activity/bulk/", batch)) == ["created", "created", "same"]
    assert statuses(api.post("activity/bulk/", batch)) == ["same"] * 3
    assert ActivityEvent.objects.filter(account=account, source="key-1").count() == 2


def test_each_bad_item_is_refused_by_field_and_its_neighbours_are_stored(api):
    make.account(external_id="acme")
    good = {"account_external_id": "acme", "started_on": "2026-01-01"}
    batch = [
        {"external_id": "ok1", **good},
        {"external_id": "bad-date", **good, "started_on": "soon"},
        {"external_id": "no-start", "account_external_id": "acme"},
        {"external_id": "backwards", **good, "ended_on": "2025-01-01"},
        {"external_id": "homeless", **good, "account_external_id": "nobody"},
        {"external_id": "untold", "started_on": "2026-01-01"},
        {"external_id": "ok1", **good},
        {"external_id": "typo", **good, "aar": 5},
        {"external_id": "nul", **good, "plan": "a\0b"},
        {**good},
        "hello",
        None,
        {"external_id": "ok2", **good},
    ]
    answer = api.post("subscriptions/bulk/", batch).json()
    wrong = {item["index"]: item.get("field") for item in answer["items"] if item["status"] == "refused"}
    assert wrong == {
        1: "started_on",
        2: "started_on",
        3: "ended_on",
        4: "account_external_id",
        5: "account_external_id",
        6: "external_id",
        7: "aar",
        8: "plan",
        9: "external_id",
        10: "body",
        11: "body",
    }
    assert all(item["reason"].endswith(".") for item in answer["items"] if item["status"] == "refused")
    assert [item["index"] for item in answer["items"]] == list(range(13))
    assert sorted(Subscription.objects.values_list("external_id", flat=True)) == ["ok1", "ok2"]


def test_all_or_nothing_stores_nothing_when_one_item_is_refused(api):
    batch = [{"external_id": "a1"}, {"external_id": "a2", "arr": -1}]
    answer = api.post("accounts/bulk/?atomic=true", batch)
    assert (answer.status_code, answer.json()["code"]) == (409, "some_refused")
    assert [item["index"] for item in answer.json()["items"]] == [1]
    assert not Account.objects.exists()
    assert statuses(api.post("accounts/bulk/?atomic=true", batch[:1])) == ["created"]


@pytest.mark.parametrize(
    ("body", "query", "status", "code"),
    [
        ({}, "", 400, "invalid"),
        (5, "", 400, "invalid"),
        (b"", "", 400, "invalid"),
        (b"[", "", 400, "invalid_json"),
        ([], "?atomic=yes", 400, "invalid"),
        ([], "?atomc=true", 400, "invalid"),
        ([{}] * 5_001, "", 413, "too_many_items"),
        (b'["' + b"x" * 10_500_000 + b'"]', "", 413, "payload_too_large"),
    ],
)
def test_a_call_that_is_no_list_of_items_is_refused_whole(api, body, query, status, code):
    answer = api.post(f"accounts/bulk/{query}", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_book_is_changed_within_its_bounds(key):
    owner = make.user(Role.CSM)
    make.account(external_id="mine", owner=owner)
    make.account(external_id="theirs", owner=make.user(), plan="basic")
    caller = key("accounts:read", "accounts:write", "activity:write", "revenue:write", owner=owner)
    told = caller.post("accounts/bulk/", [{"external_id": name, "plan": "team"} for name in ("mine", "theirs", "fresh")])
    assert statuses(told) == ["changed", "refused", "refused"]
    assert Account.objects.get(external_id="theirs").plan == "basic"
    people = [{"external_id": f"p-{name}", "account_external_id": name} for name in ("mine", "theirs")]
    assert statuses(caller.post("contacts/bulk/", people)) == ["created", "refused"]
    moved = caller.post("contacts/bulk/", [{"external_id": "p-mine", "account_external_id": "theirs"}])
    assert statuses(moved) == ["refused"]
    events = [
        {"message_id": name, "name": "login", "at": "2026-03-01T08:00:00Z", "account_external_id": name} for name in ("mine", "theirs", "nobody")
    ]
    assert statuses(caller.post("activity/bulk/", events)) == ["created", "refused", "refused"]


def test_a_fact_that_another_source_keeps_is_left_and_told(api):
    from apps.accounts.models import Field

    make.account(external_id="acme", arr=5)
    account = Account.objects.get()
    Field.objects.update_or_create(name="account.arr", defaults={"kind": "number", "truth": "billing"})
    Change.objects.create(subject=f"account:{account.pk}", field="arr", after="5.00", actor="key:billing", source="billing", at=account.created_at)
    item = api.post("accounts/bulk/", [{"external_id": "acme", "arr": 9, "plan": "team"}]).json()["items"][0]
    assert (item["status"], [left["field"] for left in item["left"]]) == ("changed", ["arr"])
    account.refresh_from_db()
    assert (account.arr, account.plan) == (5, "team")


def test_the_statements_do_not_grow_with_the_batch(api):
    make.account(external_id="acme")

    def cost(path, batch):
        with CaptureQueriesContext(connection) as queries:
            assert api.post(path, batch).json()["refused"] == 0
        return len(queries)

    kinds = [("accounts", {"plan": "x"}), *((name, {"account_external_id": "acme", **values}) for name, (_, values, _) in OF.items())]
    for name, values in kinds:
        cost(f"{name}/bulk/", [{"external_id": "warm", **values}])
        few = cost(f"{name}/bulk/", [{"external_id": f"few{number}", **values} for number in range(2)])
        many = cost(f"{name}/bulk/", [{"external_id": f"many{number}", **values} for number in range(200)])
        assert (name, many) == (name, few)
        assert many <= 25
