"""What contacts want, and addresses that must not be written to, by the API."""

import pytest
import time_machine

from apps.accounts.models import Contact
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.events.models import Change
from apps.messaging import answers, dispatch, services
from apps.messaging.models import Consent, Message, Suppression
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def csm():
    return make.user(Role.CSM)


@pytest.fixture
def sam(csm):
    return make.contact(make.account(owner=csm), phone="+1 555 000-1111")


@pytest.fixture
def caller(key, csm):
    return key("messages:read", "messages:write", owner=csm)


def said(answer, name: str) -> dict:
    return {f"{row['channel']}:{row['topic']}": row for row in answer.json()["preferences"]}[name]


def test_preferences_are_read_topic_by_topic_and_written_with_a_receipt(caller, sam, now):
    path = f"contacts/{sam.pk}/preferences/"
    assert said(caller.get(path), "sms:success") == {"topic": "success", "channel": "sms", "allowed": True, "asks": False, "receipt": None}
    waiting = make.message(sam, now=now, channel="sms", address="+15550001111")
    word = {"topic": "success", "channel": "sms", "allowed": False, "wording": "May we text you?", "source": "phone call"}
    answer = caller.post(path, word)
    assert answer.status_code == 200
    receipt = said(answer, "sms:success")["receipt"]
    assert receipt == {
        "at": "2026-03-11T12:00:00Z",
        "allowed": False,
        "source": "phone call, key-1",
        "wording": "May we text you?",
        "actor": "key:key-1",
    }
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert caller.post(path, word).status_code == 200
    assert Consent.objects.count() == 1


def test_a_yes_to_a_topic_that_asks_waits_for_the_contact(caller, sam, now):
    services.write_policy(actor=Actor.job("test"), now=now, confirmed_topics=["news"])
    answer = caller.post(f"contacts/{sam.pk}/preferences/", {"topic": "news", "channel": "email", "allowed": True})
    assert (answer.status_code, said(answer, "email:news")["allowed"]) == (202, False)
    assert Message.objects.get().topic == "confirmation"
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("word", "field"),
    [
        ({"topic": "never", "channel": "sms", "allowed": True}, "topic"),
        ({"topic": "success", "channel": "fax", "allowed": True}, "channel"),
        ({"topic": "success", "channel": "sms"}, "allowed"),
        ({"topic": "success", "channel": "sms", "allowed": "yes"}, "allowed"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused_by_field(caller, sam, word, field):
    answer = caller.post(f"contacts/{sam.pk}/preferences/", word)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not Consent.objects.exists()


def test_contacts_of_another_book_are_not_there(caller):
    other = make.contact(make.account())
    assert caller.get(f"contacts/{other.pk}/preferences/").status_code == 404
    assert caller.post(f"contacts/{other.pk}/preferences/", {"topic": "success", "channel": "email", "allowed": False}).status_code == 404


def test_an_address_is_barred_and_opened_with_reasons_that_stay_in_the_history(caller, sam, now):
    waiting = make.message(sam, now=now, channel="sms", address="+15550001111")
    answer = caller.post("suppressions/", {"channel": "sms", "address": "+1 555 000-1111", "reason": "Wrong number."})
    assert (answer.status_code, answer.json()["address"], answer.json()["actor"]) == (201, "+15550001111", "key:key-1")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("cancelled", "+15550001111 must not be written to: Wrong number.")
    number = answer.json()["id"]
    assert [row["id"] for row in caller.get("suppressions/?channel=sms").json()["results"]] == [number]
    assert caller.post(f"suppressions/{number}/lift/", {}).status_code == 400
    assert caller.post(f"suppressions/{number}/lift/", {"reason": "It is theirs after all."}).status_code == 200
    assert not Suppression.objects.exists()
    history = Change.objects.filter(subject=f"suppression:{number}").order_by("id").values_list("before", "after", "actor", "at")
    assert list(history) == [
        (None, "Wrong number.", "key:key-1", now),
        ("Wrong number.", "lifted: It is theirs after all.", "key:key-1", now),
    ]


def test_each_sees_and_bars_addresses_of_the_own_book_only(caller, key, sam, now):
    other = make.contact(make.account())
    services.bar(channel="email", address=other.email, reason="x", actor=Actor.job("test"), now=now)
    mine = services.bar(channel="email", address=sam.email.upper(), reason="x", actor=Actor.job("test"), now=now)
    assert [row["id"] for row in caller.get("suppressions/").json()["results"]] == [mine.pk]
    assert caller.post("suppressions/", {"channel": "push", "address": other.email, "reason": "x"}).status_code == 404
    assert Suppression.objects.count() == 2
    assert len(key("messages:read").get("suppressions/").json()["results"]) == 2


def test_who_wrote_stop_or_was_erased_is_not_opened_by_staff(caller, sam, now):
    Contact.objects.filter(pk=sam.pk).update(phone="+15550001111")
    answers.receive(provider="console", event_id="1", channel="sms", sender="+15550001111", text="stop", raw={}, now=now)
    stopped = Suppression.objects.get()
    answer = caller.post(f"suppressions/{stopped.pk}/lift/", {"reason": "Sales wants it."})
    assert (answer.status_code, answer.json()["code"]) == (409, "their_own_word")
    assert Suppression.objects.exists()


def test_no_import_opens_a_barred_address(api, sam, now):
    services.bar(channel="email", address=sam.email, reason="It complained.", actor=Actor.job("test"), now=now)
    item = {"external_id": "new", "account_external_id": sam.account.external_id, "name": "Sam again", "email": sam.email.title()}
    answer = api.post("contacts/bulk/", [item])
    assert answer.json()["items"][0]["status"] == "created", answer.json()
    again = Contact.objects.get(external_id="new")
    assert api.post(f"contacts/{again.pk}/preferences/", {"topic": "success", "channel": "email", "allowed": True}).status_code == 200
    message = make.message(again, now=now, address=again.email)
    assert dispatch.claim("email", owner="w", now=now).sending == []
    message.refresh_from_db()
    assert message.reason.endswith("must not be written to: It complained.")
