"""What outside tools tell: whom they mean, once, the later word, and an unsubscribe above all."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import OutsideTouch
from apps.core import clock
from apps.messaging import selectors as messaging
from apps.messaging.models import Consent
from tests import make
from tests.api.conftest import Caller, make_key

pytestmark = pytest.mark.django_db
AT = "2026-03-01T08:00:00Z"
LATER = "2026-03-02T08:00:00Z"


@pytest.fixture
def tool(now):
    return Caller(make_key("mailer", "touches:read", "touches:write", now=now))


@pytest.fixture
def ana():
    account = make.account(external_id="acme")
    return make.contact(account, external_id="p1", name="Ana", email="Ana@acme.test")


def told(external_id="e1", kind="delivered", at=AT, **more):
    return {"external_id": external_id, "kind": kind, "at": at, **more}


def send(tool, *rows):
    answer = tool.post("outside-touches/bulk/", list(rows))
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_a_person_is_found_by_id_and_by_address_and_brings_the_account(tool, ana):
    rows = [
        told("e1", contact_external_id="p1"),
        told("e2", email="ana@ACME.test", kind="clicked", utm_source="mailer", utm_medium="email", utm_campaign="spring", utm_content="b"),
        told("e3", account_external_id="acme", kind="converted", value="99.90", currency="EUR", campaign_name="Spring mail"),
        told("e4", account_external_id="acme", contact_external_id="unknown"),
    ]
    items = send(tool, *rows)
    assert [item["status"] for item in items] == ["created"] * 4
    assert items[3]["left"] == [
        {"field": "contact_external_id", "reason": "There is no such person at this account; the touch was kept for the account."}
    ]
    kept = list(OutsideTouch.objects.order_by("external_id").values_list("account", "contact", "kind", "utm_campaign", "value"))
    assert [row[:3] for row in kept] == [
        (ana.account_id, ana.pk, "delivered"),
        (ana.account_id, ana.pk, "clicked"),
        (ana.account_id, None, "converted"),
        (ana.account_id, None, "delivered"),
    ]
    assert (kept[1][3], str(kept[2][4])) == ("spring", "99.90")
    assert set(OutsideTouch.objects.values_list("source", flat=True)) == {"mailer"}


def test_the_name_of_a_campaign_of_ours_leads_to_it(tool, ana, now):
    ours = make.survey(now=now, key="spring").campaign
    send(tool, told(contact_external_id="p1", utm_campaign="spring"), told("e2", contact_external_id="p1", utm_campaign="summer"))
    assert list(OutsideTouch.objects.order_by("external_id").values_list("campaign", flat=True)) == [ours.pk, None]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"contact_external_id": "nobody"}, "contact_external_id", "There is no such person in your book."),
        ({"email": "nobody@acme.test"}, "email", "There is no such person in your book."),
        ({"account_external_id": "other"}, "account_external_id", "There is no such account in your book."),
        ({}, "contact_external_id", "Nobody is named: send a person or an account."),
        ({"email": "both@acme.test"}, "account_external_id", "Several customers have such a person; send the account too."),
        ({"contact_external_id": "p1", "value": "1.00"}, "currency", "A value and its currency come together."),
        (
            {"account_external_id": "acme", "kind": "unsubscribed"},
            "contact_external_id",
            "There is no such person at this account, and only people unsubscribe.",
        ),
        (
            {"contact_external_id": "p1", "kind": "unsubscribed", "channel": "pigeon"},
            "channel",
            "People unsubscribe from one of email, in_app, sms, whatsapp, voice, push.",
        ),
        ({"contact_external_id": "p1", "kind": "read"}, "kind", "Invalid enum value 'read'."),
    ],
)
def test_what_cannot_be_taken_is_refused_row_by_row(tool, ana, row, field, reason):
    for account in (ana.account, make.account()):
        make.contact(account, email="both@acme.test")
    items = send(tool, told("bad", **row), told("good", contact_external_id="p1"))
    assert items[0] == {"index": 0, "status": "refused", "external_id": "bad", "field": field, "reason": reason}
    assert items[1]["status"] == "created"
    assert not Consent.objects.exists()


def test_told_twice_it_counts_once_and_the_later_moment_wins(tool, ana):
    row = told(contact_external_id="p1")
    assert [send(tool, row)[0]["status"] for _ in range(2)] == ["created", "same"]
    opened = told(contact_external_id="p1", kind="opened", at=LATER)
    assert send(tool, opened)[0]["status"] == "changed"
    (late,) = send(tool, row)
    assert (late["status"], late["left"]) == ("same", [{"field": "at", "reason": "A later word on this touch is known; it stands."}])
    assert OutsideTouch.objects.get().kind == "opened"
    # Both in one call, in either order.
    again = [told("e9", contact_external_id="p1", kind="opened", at=LATER), told("e9", contact_external_id="p1")]
    assert [item["status"] for item in send(tool, *again)] == ["created", "same"]
    assert OutsideTouch.objects.get(external_id="e9").kind == "opened"


def test_another_tool_may_use_the_same_ids(tool, ana, now):
    other = Caller(make_key("other", "touches:write", now=now))
    send(tool, told(contact_external_id="p1"))
    assert send(other, told(contact_external_id="p1"))[0]["status"] == "created"


def test_an_unsubscribe_becomes_our_consent_and_is_not_taken_back(tool, ana, now):
    send(tool, told(contact_external_id="p1", kind="opened", at=LATER))
    assert send(tool, told(contact_external_id="p1", kind="unsubscribed", topic="success"))[0]["status"] == "changed"
    word = Consent.objects.get()
    assert (word.contact, word.channel, word.topic, word.allowed) == (ana, "email", "success", False)
    assert (word.source, word.actor) == ("outside tool mailer", "key:mailer")
    (later,) = send(tool, told(contact_external_id="p1", kind="clicked", at="2026-03-05T08:00:00Z"))
    assert later["left"] == [{"field": "kind", "reason": "They have unsubscribed; nothing takes that back but their own word."}]
    assert messaging.may_be_written_to([ana.pk], channel="email", topic="success") == set()


def test_the_same_unsubscribe_again_does_not_undo_a_later_yes_of_the_person(tool, ana, now):
    from apps.messaging import services as words

    row = told(contact_external_id="p1", kind="unsubscribed", topic="success")
    send(tool, row)
    words.record_consent(contact=ana, channel="email", topic="success", allowed=True, source="preferences page", now=clock.now())
    assert send(tool, row)[0]["status"] == "same"
    assert messaging.may_be_written_to([ana.pk], channel="email", topic="success") == {ana.pk}


def test_an_unsubscribe_without_a_topic_is_a_no_to_all_of_the_channel(tool, ana, now):
    from apps.messaging import services as words

    words.ensure_templates(now)
    send(tool, told(contact_external_id="p1", kind="unsubscribed", channel="sms"))
    assert set(Consent.objects.values_list("channel", "topic", "allowed")) == {("sms", topic, False) for topic in words.topics()}
    assert "surveys" in words.topics()


def test_a_waiting_message_is_taken_back(tool, ana, now):
    waiting = make.message(ana, now=now)
    send(tool, told(contact_external_id="p1", kind="unsubscribed", topic="success"))
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"


def test_a_key_of_one_book_speaks_of_that_book_only(ana, now):
    owner = make.user()
    mine = make.account(owner=owner, external_id="mine")
    make.contact(mine, external_id="p2")
    own = Caller(make_key("own", "touches:read", "touches:write", now=now, owner=owner))
    items = send(own, told("a", contact_external_id="p1"), told("b", account_external_id="acme"), told("c", contact_external_id="p2"))
    assert [item["status"] for item in items] == ["refused", "refused", "created"]
    make.touch(ana.account, now=now)
    assert [row["external_id"] for row in own.get("outside-touches/").json()["results"]] == ["c"]


def test_the_number_of_statements_does_not_grow_with_the_rows(tool, ana):
    def statements(count, kind="delivered"):
        rows = [told(f"{count}-{number}", contact_external_id="p1", kind=kind) for number in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            send(tool, *rows)
        return len(seen)

    # The first call of a key notes that it was used.
    send(tool, told(contact_external_id="p1"))
    assert statements(3) == statements(300)


def test_one_can_be_sent_alone_and_is_listed(tool, ana):
    made = tool.post("outside-touches/", told(contact_external_id="p1", campaign_name="Spring"))
    assert made.status_code == 201
    row = tool.get("outside-touches/?kind=delivered&contact=" + str(ana.pk)).json()["results"][0]
    assert (row["contact_external_id"], row["campaign_name"], row["at"]) == ("p1", "Spring", AT)
    assert tool.post("outside-touches/", told("e2", contact_external_id="nobody")).status_code == 400


def test_five_thousand_are_taken_and_one_more_is_too_many(tool, ana):
    rows = [told(f"x{number}", contact_external_id="p1") for number in range(5_001)]
    assert tool.post("outside-touches/bulk/", rows).status_code == 413
    assert tool.post("outside-touches/bulk/", rows[:5_000]).json()["created"] == 5_000


def test_moments_are_kept_as_they_were_told(tool, ana, now):
    send(tool, told(contact_external_id="p1", at="2026-03-01T09:00:00+01:00"))
    assert OutsideTouch.objects.get().at == now.replace(month=3, day=1, hour=8) - timedelta()
