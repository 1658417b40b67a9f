"""Typing over what is known: who may, what fits, and what happens when two people do it at once."""

import json
from datetime import date

import pytest

from apps.accounts import services as accounts
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.events import selectors as history
from tests import make

pytestmark = pytest.mark.django_db


def post(client, *items, columns=("name", "tier")):
    return client.post("/portfolio/edit/", json.dumps({"items": items, "columns": columns}), content_type="application/json")


def wish(account, field, value, seen):
    return {"id": account.pk, "changes": {field: value}, "seen": {field: seen}}


@pytest.mark.parametrize(
    ("field", "value", "seen", "kept"),
    [
        ("tier", "  gold  ", "", "gold"),
        ("segment", "retail", "", "retail"),
        ("stage", "onboarding", "active", "onboarding"),
        ("renews_on", "2027-03-31", None, date(2027, 3, 31)),
        ("tags", ["eu", "beta", "eu"], [], ["eu", "beta"]),
        ("seats", "12", None, 12),
    ],
)
def test_a_field_is_changed_in_place_with_its_history_and_a_way_back(staff, csm, field, value, seen, kept):
    account = make.account(owner=csm)
    answer = post(staff, wish(account, field, value, seen)).json()
    account.refresh_from_db()
    assert (answer["changed"], getattr(account, field)) == (1, kept)
    change = history.changes_of(f"account:{account.pk}")[0]
    assert (change.field, change.actor, change.source) == (field, f"user:{csm.pk}", "staff")

    assert post(staff, *answer["undo"]).json()["changed"] == 1
    account.refresh_from_db()
    assert getattr(account, field) == seen


def test_an_account_is_handed_over_to_somebody_who_still_works_here(staff, csm):
    account, colleague, gone = make.account(owner=csm), make.user(), make.user(is_active=False)
    refused = post(staff, wish(account, "owner_id", gone.pk, csm.pk)).json()
    assert (refused["changed"], len(refused["refused"])) == (0, 1)
    assert post(staff, wish(account, "owner_id", colleague.pk, csm.pk)).json()["changed"] == 1
    account.refresh_from_db()
    assert account.owner == colleague


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("renews_on", "tomorrow", "a date such as 2027-03-31"),
        ("tier", "x" * 41, "at most 40 characters"),
        ("stage", "churned", "a customer who left"),
        ("seats", "-1", "a whole number"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_changes_nothing(staff, csm, field, value, words):
    account = make.account(owner=csm)
    answer = post(staff, wish(account, field, value, None)).json()
    assert answer["changed"] == 0
    assert words in answer["refused"][0]["words"]
    account.refresh_from_db()
    assert account.version == 1


def test_the_second_of_two_sees_both_values_and_nothing_is_lost(staff, csm, now):
    account, lead = make.account(owner=csm, tier="silver"), make.user()
    accounts.edit(account, changes={"tier": "gold"}, seen={"tier": "silver"}, actor=Actor.user(lead), now=now)
    answer = post(staff, wish(account, "tier", "bronze", "silver")).json()
    assert answer["changed"] == 0
    both = answer["conflicts"][0]["fields"]["tier"]
    assert (both["yours_words"], both["theirs_words"], both["by"]) == ("bronze", "gold", str(lead))
    account.refresh_from_db()
    assert account.tier == "gold"
    assert answer["rows"][0]["raw"]["tier"] == "gold"

    # Having seen both, the second one chooses theirs or their own.
    assert post(staff, wish(account, "tier", "bronze", "gold")).json()["changed"] == 1


def test_two_who_change_different_fields_do_not_disturb_each_other(staff, csm, now):
    account = make.account(owner=csm, tier="silver")
    accounts.edit(account, changes={"segment": "retail"}, seen={"segment": ""}, actor=Actor.user(make.user()), now=now)
    assert post(staff, wish(account, "tier", "gold", "silver")).json()["changed"] == 1
    account.refresh_from_db()
    assert (account.tier, account.segment) == ("gold", "retail")


def test_many_are_changed_at_once_the_conflicts_left_out_and_one_undo_brings_all_back(staff, csm, now):
    book = [make.account(owner=csm, name=f"Customer {number}", tier="silver") for number in range(4)]
    accounts.edit(book[3], changes={"tier": "gold"}, seen={"tier": "silver"}, actor=Actor.user(make.user()), now=now)
    answer = post(staff, *(wish(account, "tier", "bronze", "silver") for account in book)).json()
    assert (answer["changed"], [each["name"] for each in answer["conflicts"]]) == (3, ["Customer 3"])
    batches = {history.changes_of(f"account:{account.pk}")[0].batch for account in book[:3]}
    assert len(batches) == 1

    assert post(staff, *answer["undo"]).json()["changed"] == 3
    for account in book:
        account.refresh_from_db()
    assert [account.tier for account in book] == ["silver", "silver", "silver", "gold"]


def test_a_viewer_changes_nothing_and_a_manager_only_the_own_book(client, staff, csm):
    mine, theirs = make.account(owner=csm), make.account(owner=make.user())
    answer = post(staff, wish(theirs, "tier", "gold", ""), wish(mine, "tier", "gold", "")).json()
    assert (answer["changed"], answer["refused"][0]["words"]) == (1, "It is no longer in your book.")
    client.force_login(make.user(Role.VIEWER))
    assert post(client, wish(mine, "tier", "bronze", "gold")).status_code == 403
    for account in (mine, theirs):
        account.refresh_from_db()
    assert (mine.tier, theirs.tier) == ("gold", "")


@pytest.mark.parametrize(
    "items", [None, [], [{}], [{"id": 1, "changes": {"arr": 5}}], [{"id": "1", "changes": {"tier": "x"}}], [{"id": 1, "changes": {}}]]
)
def test_what_no_page_would_send_is_refused(staff, items):
    answer = staff.post("/portfolio/edit/", json.dumps({"items": items}), content_type="application/json")
    assert (answer.status_code, "Nothing was changed" in answer.json()["words"]) == (409, True)


def test_more_than_the_bound_is_refused_whole(staff, csm):
    account = make.account(owner=csm)
    answer = post(staff, *[wish(account, "tier", "gold", "")] * 501)
    assert answer.status_code == 409
    account.refresh_from_db()
    assert account.tier == ""
