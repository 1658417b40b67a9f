"""One note: what was said, what was promised, how it feels."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.models import Note, Promise, Pulse
from apps.accounts.types import Role
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db


def test_one_form_keeps_the_note_its_promises_and_the_pulse(staff, csm, now):
    account = make.account(owner=csm)
    sam = make.contact(account)
    form = {
        "kind": "call",
        "body": "They plan a second site.",
        "minutes": "30",
        "contacts": [sam.pk],
        "promise": ["Send the offer", "", "Name a champion"],
        "due": ["2027-01-10", "", "2027-01-20"],
        "whose": ["ours", "ours", "theirs"],
        "pulse": "70",
        "reason": "Good talk",
    }
    answer = staff.post(reverse("write_note", args=[account.pk]), form, HTTP_HX_REQUEST="true")
    assert (answer.status_code, "with 2 promises and your pulse" in answer["HX-Trigger"]) == (204, True)
    note = Note.objects.get()
    assert (note.author, note.kind, note.minutes, list(note.contacts.all())) == (csm, "call", 30, [sam])
    assert list(Promise.objects.order_by("id").values_list("text", "by_customer", "note", "owner")) == [
        ("Send the offer", False, note.pk, csm.pk),
        ("Name a champion", True, note.pk, csm.pk),
    ]
    assert list(Pulse.objects.values_list("value", "reason")) == [(70, "Good talk")]
    sam.refresh_from_db()
    assert sam.last_two_way_at is not None
    assert Event.objects.filter(type="story.changed", payload__account_ids=[account.pk]).count() == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"body": " "}, "The note is empty"),
        ({"body": "x", "pulse": "101"}, "0 to 100"),
        ({"body": "x", "promise": "Call", "due": "soon", "whose": "ours"}, "needs a day"),
        ({"body": "x", "minutes": "half"}, "whole number"),
    ],
)
def test_what_is_not_whole_is_refused_and_nothing_is_kept(staff, csm, form, words):
    account = make.account(owner=csm)
    answer = staff.post(reverse("write_note", args=[account.pk]), form, HTTP_HX_REQUEST="true")
    assert (answer.status_code, words in answer["HX-Trigger"]) == (409, True)
    assert (Note.objects.count(), Promise.objects.count(), Pulse.objects.count()) == (0, 0, 0)


def test_promises_are_kept_dropped_and_opened_again(staff, csm, now):
    account = make.account(owner=csm)
    promise = Promise.objects.create(account=account, text="Send the offer", due_on=now.date() - timedelta(days=1), created_at=now)
    kept = staff.post(reverse("settle_promise", args=[promise.pk, "kept"]), HTTP_HX_REQUEST="true")
    assert "Kept: Send the offer" in kept["HX-Trigger"]
    assert staff.post(reverse("settle_promise", args=[promise.pk, "dropped"]), HTTP_HX_REQUEST="true").status_code == 409
    staff.post(reverse("settle_promise", args=[promise.pk, "open"]), HTTP_HX_REQUEST="true")
    promise.refresh_from_db()
    assert (promise.state, promise.settled_at) == ("open", None)


def test_a_viewer_and_a_stranger_write_nothing(client, staff, now):
    theirs = make.account(owner=make.user())
    assert staff.post(reverse("write_note", args=[theirs.pk]), {"body": "x"}).status_code == 404
    client.force_login(make.user(Role.VIEWER))
    assert client.post(reverse("write_note", args=[theirs.pk]), {"body": "x"}).status_code == 403
    assert Note.objects.count() == 0
