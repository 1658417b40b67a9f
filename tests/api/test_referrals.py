"""The API of referrals, as a viral team's own system uses it."""

from datetime import timedelta

import pytest

from apps.community.models import Invite, Referral, ReferralReward
from apps.core import clock
from apps.messaging import services as messaging
from tests import make

pytestmark = pytest.mark.django_db
SAYS = {
    "goes_to": "https://product.test/start",
    "words": {"en": {"title": "Harbourlight", "text": "Invoices for practices."}},
    "first_value": {"activity": "report.shared"},
    "advocate": {"unit": "points", "amount": 500},
}


def test_a_program_is_written_put_live_and_read(api):
    made = api.post("referral-programs/", {"key": "friends", "name": "Friends", "definition": SAYS})
    assert (made.status_code, made.json()["state"], made.json()["number"]) == (201, "draft", 1)
    path = f"referral-programs/{made.json()['id']}/"
    assert api.post(f"{path}turn/", {"state": "live"}).json()["state"] == "live"
    assert api.post(f"{path}write/", {"definition": {**SAYS, "per_month": 3}}).json()["number"] == 2
    wrong = api.post(f"{path}write/", {"definition": {**SAYS, "friend": {"unit": "credits", "amount": 5}}})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["definition.friend.currency"])
    told = api.get(f"{path}analytics/").json()
    assert told["funnel"] == dict.fromkeys(("exposed", "invited", "delivered", "clicked", "signed_up", "activated", "approved"), 0)
    assert told["k"]["words"] == "The offer was shown to nobody yet."


def test_a_sign_up_is_told_twice_and_stays_one_refunded_and_taken_back(api):
    now = clock.now()
    make.program(now=now, key="friends")
    person = make.contact(make.account(created_at=now - timedelta(days=400)))
    advocate = api.post("referral-advocates/", {"program": "friends", "contact": person.pk}).json()
    assert f"/c/r/{advocate['code']}~" in advocate["link"]
    assert api.post("referral-advocates/", {"program": "friends", "contact": person.pk}).json()["id"] == advocate["id"]

    friend = make.friend(now=now)
    body = {"program": "friends", "message_id": "s1", "code": advocate["link"].rpartition("/")[2], "account_external_id": friend.external_id}
    first, again = (api.post("referral-signups/", body) for _ in range(2))
    assert (first.status_code, first.json()["state"], first.json()["via"]) == (201, "pending", "link")
    assert again.json()["id"] == first.json()["id"]
    path = f"referral-signups/{first.json()['id']}/"
    make.activity(friend, now, name="report.shared")
    api.post("referral-signups/", {**body, "message_id": "s2"})
    assert api.get(path).json()["rewards"] == {"advocate": "issued", "friend": "issued"}
    assert api.post(f"{path}refund/", {}).json()["state"] == "voided"
    assert api.post(f"{path}refund/", {"reason": "again"}).json()["rewards"] == {"advocate": "reversed", "friend": "reversed"}
    assert ReferralReward.objects.filter(state="reversed").count() == 2


def test_what_is_grey_is_decided_with_a_reason_and_what_is_sure_is_not(api):
    now = clock.now()
    advocate = make.advocate(make.program(now=now, key="friends"), now=now, email="ann@ours.test")
    grey = api.post("referral-signups/", {"program": "friends", "message_id": "a", "code": advocate.code, "email": "kim@ours.test"}).json()
    assert (grey["state"], grey["score"], grey["signs"][0]["words"]) == ("flagged", 60, "Both are at ours.test.")
    assert api.post(f"referral-signups/{grey['id']}/approve/", {}).status_code == 400
    assert api.post(f"referral-signups/{grey['id']}/approve/", {"reason": "Another firm in the same house"}).json()["state"] == "pending"
    sure = api.post("referral-signups/", {"program": "friends", "message_id": "b", "code": advocate.code, "email": "x@mailinator.com"}).json()
    assert sure["state"] == "refused"
    assert api.post(f"referral-signups/{sure['id']}/approve/", {"reason": "please"}).status_code == 409
    told = api.get(f"referral-decisions/?referral={grey['id']}").json()["results"]
    assert [row["state"] for row in told] == ["flagged", "pending"]
    unknown = api.post("referral-signups/", {"program": "friends", "message_id": "c", "code": "NOSUCH", "email": "z@firm.test"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_code")
    assert Referral.objects.count() == 2


def test_an_invitation_is_asked_for_and_nothing_is_told_of_whom(api):
    now = clock.now()
    messaging.ensure_templates(now)
    advocate = make.advocate(make.program(now=now), now=now)
    made = api.post("referral-invites/", {"advocate": advocate.pk, "email": "noor@firm.test", "locale": "de"})
    assert (made.status_code, made.json()["state"]) == (201, "queued")
    assert "noor" not in made.content.decode()
    other = make.advocate(advocate.program, now=now)
    refused = api.post("referral-invites/", {"advocate": other.pk, "email": "noor@firm.test"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_this_person")
    assert Invite.objects.count() == 1


def test_a_key_with_one_book_sees_that_book_alone(key, now):
    owner = make.user()
    mine = make.referred(make.contact(make.account(owner=owner)), now=now)
    make.referred(make.contact(make.account(owner=make.user())), now=now)
    caller = key("community:read", "community:write", owner=owner)
    for resource in ("referral-signups", "referral-advocates", "referral-invites", "referral-decisions"):
        assert {row["account"] for row in caller.get(f"{resource}/").json()["results"]} == {mine.account_id}
