"""One row at a time: created once, changed only in sight of its present version, every change in the history."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from apps.accounts.models import Account, ArrMovement, ExchangeRate, Note, Promise, Pulse, Renewal, Subscription, Ticket
from apps.accounts.types import Role
from apps.core import clock
from apps.events.models import Change, Event
from apps.integrations.models import ApiCall
from tests import make

from .conftest import ALL_SCOPES, Caller, make_key

pytestmark = pytest.mark.django_db


def test_an_account_is_created_once_and_signed_by_the_key(api):
    owner = make.user(email="cara@staff.test")
    answer = api.post("accounts/", {"external_id": "acme", "name": "Acme", "owner": "Cara@staff.test", "arr": "1200.50", "traits": {"size": 3}})
    assert answer.status_code == 201
    account = Account.objects.get(external_id="acme")
    assert (answer["Location"], answer["ETag"]) == (f"http://testserver/api/v1/accounts/{account.pk}/", '"v1"')
    assert (answer.json()["arr"], answer.json()["traits"], account.owner) == ("1200.50", {"size": 3}, owner)
    created = Change.objects.get(subject=f"account:{account.pk}", field="")
    assert (created.actor, created.source) == ("key:key-1", "key-1")
    again = api.post("accounts/", {"external_id": "acme", "name": "Other"})
    assert (again.status_code, again.json()["fields"]) == (400, {"external_id": ["There is one with this id already."]})


def test_a_change_needs_the_version_it_was_made_in_sight_of(api):
    account = make.account(name="Acme", plan="basic")
    path = f"accounts/{account.pk}/"
    missing = api.patch(path, {"plan": "team"})
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    done = api.patch(path, {"plan": "team"}, If_Match='"v1"')
    assert (done.status_code, done["ETag"], done.json()["plan"], done.json()["version"]) == (200, '"v2"', "team", 2)
    change = Change.objects.get(subject=f"account:{account.pk}", field="plan")
    assert (change.before, change.after, change.actor, change.source) == ("basic", "team", "key:key-1", "key-1")


def test_a_stale_change_is_answered_with_the_row_as_it_is_and_what_differs(api):
    account = make.account(name="Acme", plan="basic")
    path = f"accounts/{account.pk}/"
    api.patch(path, {"plan": "team"}, If_Match='"v1"')
    stale = api.patch(path, {"plan": "gold", "tier": ""}, If_Match='"v1"')
    told = stale.json()
    assert (stale.status_code, stale["ETag"], told["code"]) == (412, '"v2"', "changed_meanwhile")
    assert told["differs"] == {"plan": {"yours": "gold", "theirs": "team"}}
    assert (told["current"]["plan"], told["current"]["version"]) == ("team", 2)
    account.refresh_from_db()
    assert (account.plan, account.version) == ("team", 2)


def test_any_version_will_do_when_the_caller_says_so(api):
    account = make.account()
    assert api.patch(f"accounts/{account.pk}/", {"plan": "team"}, If_Match="*").status_code == 200
    assert api.patch(f"accounts/{account.pk}/", {"plan": "gold"}, If_Match='"v1", "v2"').status_code == 200


def test_what_the_reader_knows_already_is_not_sent_again(api):
    account = make.account()
    path = f"accounts/{account.pk}/"
    first = api.get(path)
    assert first["ETag"] == '"v1"'
    same = api.get(path, If_None_Match=first["ETag"])
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", '"v1"')
    api.patch(path, {"plan": "team"}, If_Match="*")
    assert api.get(path, If_None_Match=first["ETag"]).status_code == 200


def test_a_change_to_what_it_is_already_changes_nothing(api):
    account = make.account(plan="basic")
    answer = api.patch(f"accounts/{account.pk}/", {"plan": "basic"}, If_Match='"v1"')
    assert (answer.status_code, answer["ETag"]) == (200, '"v1"')
    assert not Change.objects.exists()


def test_put_names_the_whole_row_and_may_bring_back_what_get_told(api):
    account = make.account(plan="basic", traits={"size": 3})
    path = f"accounts/{account.pk}/"
    told = api.get(path).json()
    short = api.put(path, {"plan": "team"}, If_Match='"v1"')
    assert (short.status_code, "name" in short.json()["fields"], "plan" in short.json()["fields"]) == (400, True, False)
    whole = api.put(path, {**told, "plan": "team"}, If_Match='"v1"')
    assert (whole.status_code, whole.json()["plan"], whole.json()["version"]) == (200, "team", 2)
    assert [change.field for change in Change.objects.all()] == ["plan"]


def test_null_clears_what_may_be_empty_and_takes_a_trait_away(api):
    account = make.account(owner=make.user(), seats=5, traits={"size": 3, "region": "eu"})
    answer = api.patch(f"accounts/{account.pk}/", {"owner": None, "seats": None, "traits": {"size": None, "vip": True}}, If_Match="*")
    assert answer.status_code == 200
    account.refresh_from_db()
    assert (account.owner, account.seats, account.traits) == (None, None, {"region": "eu", "vip": True})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"plan": 5}, "plan"),
        ({"plan": "x" * 81}, "plan"),
        ({"nmae": "x"}, "nmae"),
        ({"id": 5}, "id"),
        ({"version": 9}, "version"),
        ({"external_id": "other"}, "external_id"),
        ({"stage": "gone"}, "stage"),
        ({"arr": "-1"}, "arr"),
        ({"arr": "1.005"}, "arr"),
        ({"arr": "1e30"}, "arr"),
        ({"arr": "NaN"}, "arr"),
        ({"arr": True}, "arr"),
        ({"arr": None}, "arr"),
        ({"seats": -1}, "seats"),
        ({"seats": 2**31}, "seats"),
        ({"seats": 10**18}, "seats"),
        ({"seats": 1.5}, "seats"),
        ({"seats": "5"}, "seats"),
        ({"currency": "usd"}, "currency"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"owner": "nobody@staff.test"}, "owner"),
        ({"parent_external_id": "nobody"}, "parent_external_id"),
        ({"renews_on": "2026-13-01"}, "renews_on"),
        ({"renews_on": "0001-01-01"}, "renews_on"),
        ({"tags": "vip"}, "tags"),
        ({"tags": [5]}, "tags.0"),
        ({"traits": []}, "traits"),
        ({"traits": {"size": "many"}}, "traits.size"),
        ({"traits": {"a": "\0"}}, "traits.a"),
        ([], "body"),
    ],
)
def test_a_field_that_does_not_fit_is_named_and_nothing_is_changed(api, body, field):
    make.account(external_id="first")
    account = make.account()
    api.patch(f"accounts/{account.pk}/", {"traits": {"size": 3}}, If_Match="*")
    before = list(Account.objects.order_by("id").values())
    answer = api.patch(f"accounts/{account.pk}/", body, If_Match="*")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]
    assert list(Account.objects.order_by("id").values()) == before


def test_an_account_cannot_stand_above_itself(api):
    top = make.account(external_id="top")
    below = make.account(external_id="below", parent=top)
    answer = api.patch(f"accounts/{top.pk}/", {"parent_external_id": "below"}, If_Match="*")
    assert (answer.status_code, answer.json()["code"]) == (409, "circle")
    assert api.post("accounts/bulk/", [{"external_id": "top", "parent_external_id": "below"}]).json()["code"] == "circle"
    top.refresh_from_db()
    assert (top.parent, below.parent) == (None, top)


def test_other_rows_of_an_account_are_created_and_changed_the_same_way(api, now):
    account = make.account(external_id="acme")
    person = api.post("contacts/", {"external_id": "p1", "account_external_id": "acme", "email": "sam@acme.test", "role": "champion"})
    assert (person.status_code, person.json()["account"]) == (201, account.pk)
    contract = api.post("subscriptions/", {"external_id": "c1", "account_external_id": "acme", "started_on": "2026-01-01", "arr": 1200})
    assert (contract.status_code, contract.json()["currency"]) == (201, "USD")
    ended = api.patch(f"subscriptions/{contract.json()['id']}/", {"ended_on": "2025-12-31"}, If_Match='"v1"')
    assert (ended.status_code, Subscription.objects.get().ended_on) == (400, None)
    ticket = api.post("tickets/", {"external_id": "t1", "account_external_id": "acme", "contact_external_id": "p1", "opened_at": now.isoformat()})
    assert (ticket.status_code, ticket.json()["contact"], ticket.json()["source"]) == (201, person.json()["id"], "key-1")
    path = f"tickets/{ticket.json()['id']}/"
    assert api.patch(path, {"state": "solved"}, If_Match='"v1"').status_code == 400
    solved = api.patch(path, {"state": "solved", "solved_at": now.isoformat()}, If_Match='"v1"')
    assert (solved.status_code, Ticket.objects.get().state) == (200, "solved")


def test_notes_promises_and_pulses_are_signed_by_the_owner_of_the_key(key, now):
    owner = make.user(Role.CSM)
    account = make.account(external_id="acme", owner=owner)
    caller = key("accounts:read", "accounts:write", owner=owner)
    person = make.contact(account)
    note = caller.post("notes/", {"account_external_id": "acme", "kind": "call", "body": "They grow.", "contacts": [person.pk]})
    assert (note.status_code, note.json()["author"], note.json()["contacts"]) == (201, owner.email, [person.pk])
    kept = caller.post("promises/", {"account_external_id": "acme", "text": "Send the offer", "due_on": "2026-03-20"}).json()
    assert caller.patch(f"promises/{kept['id']}/", {"state": "kept"}, If_Match='"v1"').status_code == 200
    assert Promise.objects.get().settled_at is not None
    pulse = caller.post("pulses/", {"account_external_id": "acme", "value": 30, "reason": "Their champion left."})
    assert (pulse.status_code, Pulse.objects.get().author) == (201, owner)
    assert list(Event.objects.filter(type="story.changed").order_by("id").values_list("payload__what", flat=True)) == ["note", "promise", "pulse"]


def test_what_belongs_to_another_book_cannot_be_written_to(key):
    owner = make.user(Role.CSM)
    make.account(external_id="mine", owner=owner)
    theirs = make.account(external_id="theirs", owner=make.user())
    person = make.contact(theirs)
    caller = key("accounts:read", "accounts:write", owner=owner)
    assert caller.patch(f"accounts/{theirs.pk}/", {"plan": "x"}, If_Match="*").status_code == 404
    assert caller.post("accounts/", {"external_id": "fresh"}).status_code == 400
    assert caller.post("accounts/", {"external_id": "theirs"}).json()["fields"] == {"external_id": ["There is one with this id already."]}
    assert list(caller.post("notes/", {"account_external_id": "theirs", "body": "x"}).json()["fields"]) == ["account_external_id"]
    assert list(caller.post("notes/", {"account_external_id": "mine", "body": "x", "contacts": [person.pk]}).json()["fields"]) == ["contacts"]
    assert caller.post("contacts/bulk/", [{"external_id": person.external_id, "name": "x"}]).json()["refused"] == 1
    assert not Note.objects.exists()
    assert not Change.objects.exists()


def test_alerts_and_tasks_have_their_buttons(api, now):
    account = make.account()
    alert, task = make.alert(account, now=now), make.task(account, now=now)
    assert api.post(f"alerts/{alert.pk}/acknowledge/").json()["acknowledged_by"] == "key:key-1"
    assert api.post(f"alerts/{alert.pk}/resolve/", {}).json()["state"] == "resolved"
    again = api.post(f"alerts/{alert.pk}/resolve/")
    assert (again.status_code, again.json()["code"]) == (409, "alert_resolved")
    assert list(api.post(f"tasks/{task.pk}/snooze/", {"days": 15, "reason": "away"}).json()["fields"]) == ["days"]
    assert list(api.post(f"tasks/{task.pk}/snooze/", {"days": 2}).json()["fields"]) == ["reason"]
    assert api.post(f"tasks/{task.pk}/snooze/", {"days": 2, "reason": "They are away"}).json()["snooze_reason"] == "They are away"
    assert api.post(f"tasks/{task.pk}/close/", {"outcome": "They called back", "result": "reached"}).json()["state"] == "done"


def test_an_alerts_whole_life_can_be_led_by_a_program(api, now):
    person = make.user()
    alert = make.alert(make.account(owner=person), now=now)

    def press(name, body=None):
        return api.post(f"alerts/{alert.pk}/{name}/", body)

    until = (clock.now() + timedelta(days=2)).isoformat()
    slept = press("snooze", {"until": until, "reason": "They are away"}).json()
    assert (slept["state"], slept["snooze_reason"]) == ("snoozed", "They are away")
    assert press("snooze", {"until": (clock.now() + timedelta(days=15)).isoformat(), "reason": "x"}).json()["code"] == "snooze_too_long"
    assert press("wake").json()["state"] == "open"
    assert press("assign", {"to": person.email}).json()["owner"] == person.email
    assert list(press("assign", {"to": "nobody@staff.test"}).json()["fields"]) == ["to"]
    assert press("assign", {"to": None}).json()["owner"] is None
    assert press("comment", {"words": "Called"}).json()["story"][-1]["words"] == "Called"
    judged = press("useful", {"useful": True}).json()
    assert (judged["useful"], judged["useful_by"]) == (True, None)
    assert press("resolve").json()["state"] == "resolved"
    again = press("reopen").json()
    assert (again["state"], again["by_itself"]) == ("open", False)
    deeds = ["snoozed", "woke", "assigned", "assigned", "commented", "useful", "resolved", "reopened"]
    assert [moment["deed"] for moment in again["story"]] == deeds
    assert [row["id"] for row in api.get(f"alerts/?incident={again['incident']}").json()["results"]] == [alert.pk]
    assert api.post(f"incidents/{again['incident']}/resolve/").json()["closed_at"]
    assert [row["id"] for row in api.get("incidents/?open=false").json()["results"]] == [again["incident"]]


def test_what_somebody_hears_of_alerts_can_be_chosen_by_a_program(api, now):
    person = make.user()
    said = {"user": person.email, "severity": "urgent", "email": "digest"}
    first = api.post("alert-subscriptions/", said)
    assert (first.status_code, first.json()["email"], first.json()["sms"]) == (201, "digest", "off")
    assert api.post("alert-subscriptions/", {**said, "email": "at_once"}).json()["id"] == first.json()["id"]
    assert api.post("alert-subscriptions/", {"user": person.email}).json()["code"] == "of_what"
    assert list(api.post("alert-subscriptions/", {**said, "severity": None}).json()["fields"]) == ["severity"]
    assert api.post(f"alert-subscriptions/{first.json()['id']}/forget/").status_code == 204
    assert api.get("alert-subscriptions/").json()["results"] == []


def test_renewals_are_called_and_decided_and_the_ledger_follows(api, key, now):
    owner = make.user(Role.CSM)
    account = make.account(owner=owner, external_id="acme", arr=1200, renews_on=now.date() + timedelta(days=20))
    renewal = Renewal.objects.create(account=account, due_on=now.date() + timedelta(days=20), arr=1200, currency="USD")
    path = f"renewals/{renewal.pk}/"
    called = key("revenue:write", owner=owner).post(f"{path}call/", {"call": "at_risk"}).json()["calls"]
    assert [(one["by"], one["call"], one["probability"], one["author"]) for one in called] == [("csm", "at_risk", 0.6, owner.email)]
    wrong = api.post(f"{path}call/", {"call": "maybe"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["call"])
    below = api.post(f"{path}decide/", {"outcome_arr": "-1"})
    assert (below.status_code, below.json()["fields"]) == (400, {"outcome_arr": ["The amount is below zero."]})
    decided = api.post(f"{path}decide/", {"outcome_arr": "1500.00"}).json()
    assert (decided["state"], decided["outcome_arr"], decided["decided_by"]) == ("expanded", "1500.00", "key:key-1")
    assert [str(one.amount) for one in ArrMovement.objects.filter(account=account, kind="expansion")] == ["300.00"]
    assert api.post(f"{path}call/", {"call": "good"}).status_code == 409


def test_a_rate_is_entered_by_those_who_see_all_accounts_and_counts_once(api, key):
    said = {"currency": "EUR", "valid_from": "2026-01-01", "rate": "1.0832"}
    first, again = api.post("rates/", said), api.post("rates/", said)
    assert (first.status_code, first.json()["rate"], again.json()["id"]) == (201, "1.0832000000", first.json()["id"])
    for wrong, field in ({"rate": "-1"}, "rate"), ({"rate": "much"}, "rate"), ({"currency": "USD"}, "currency"), ({"currency": "euro"}, "currency"):
        answer = api.post("rates/", said | wrong)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field]), wrong
    of_one_book = key("revenue:write", owner=make.user(Role.CSM)).post("rates/", said | {"rate": "2"})
    assert (of_one_book.status_code, of_one_book.json()["code"]) == (409, "counts_for_all")
    assert ExchangeRate.objects.count() == 1


def test_the_same_post_under_a_key_is_done_once_and_answered_alike(api):
    make.account(external_id="acme")
    body = {"account_external_id": "acme", "body": "They grow."}
    first = api.post("notes/", body, Idempotency_Key="n-1")
    again = api.post("notes/", body, Idempotency_Key="n-1")
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (again["Idempotency-Replayed"], again["Location"], again["ETag"]) == ("true", first["Location"], first["ETag"])
    assert Note.objects.count() == 1
    other = api.post("notes/", {**body, "body": "They shrink."}, Idempotency_Key="n-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Note.objects.count() == 1


def test_a_post_that_was_refused_may_be_mended_and_sent_under_the_same_key(api):
    body = {"account_external_id": "acme", "body": "They grow."}
    assert api.post("notes/", body, Idempotency_Key="n-1").status_code == 400
    assert not ApiCall.objects.exists()
    make.account(external_id="acme")
    assert api.post("notes/", body, Idempotency_Key="n-1").status_code == 201


@pytest.mark.parametrize("key_sent", ["x" * 256, "a\tb"])
def test_a_strange_idempotency_key_is_refused(api, key_sent):
    answer = api.post("pulses/", {"account_external_id": "a", "value": 1}, Idempotency_Key=key_sent)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["Idempotency-Key"])


def test_two_programs_may_use_the_same_idempotency_key(key):
    make.account(external_id="acme")
    for caller in (key(*ALL_SCOPES), key(*ALL_SCOPES)):
        assert caller.post("pulses/", {"account_external_id": "acme", "value": 1}, Idempotency_Key="same").status_code == 201
    assert Pulse.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_posts_at_once_one_is_done_and_fifteen_are_told_its_answer(now):
    make.account(external_id="acme")
    secret = make_key("busy", *ALL_SCOPES, now=now)
    answers, lock = [], threading.Lock()

    def call(number):
        answer = Caller(secret).post("pulses/", {"account_external_id": "acme", "value": 60}, Idempotency_Key="p-1")
        connection.close()
        with lock:
            answers.append(answer)

    make.at_once(call, 16)
    assert [answer.status_code for answer in answers] == [201] * 16
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 15
    assert Pulse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_changes_of_one_version_at_once_one_is_made(now):
    account = make.account()
    secret = make_key("busy", *ALL_SCOPES, now=now)
    statuses = []

    def call(number):
        statuses.append(Caller(secret).patch(f"accounts/{account.pk}/", {"plan": f"plan {number}"}, If_Match='"v1"').status_code)
        connection.close()

    make.at_once(call, 8)
    assert sorted(statuses) == [200] + [412] * 7
    account.refresh_from_db()
    assert account.version == 2


def test_a_token_opens_the_inbox_of_one_contact_of_ones_own_book(api, client):
    sam = make.contact(make.account(), external_id="u-1")
    for body in ({"external_id": "u-1"}, {"contact": sam.pk}):
        told = api.post("inbox-tokens/", body).json()
        assert told["contact"] == sam.pk
        assert client.get(f"/api/v1/inbox/?token={told['token']}").json() == {"unread": 0, "messages": []}
    assert api.post("inbox-tokens/", {"external_id": "nobody"}).json()["fields"] == {"external_id": ["There is no such contact in your book."]}
    assert api.post("inbox-tokens/", {}).status_code == 400
    assert api.post("inbox-tokens/", {"contact": sam.pk, "external_id": "u-1"}).status_code == 400
