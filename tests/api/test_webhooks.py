"""Webhooks by the API: the secret is told once, and only those who see everything come near."""

import pytest

from apps.accounts.types import Role
from apps.events.models import Event
from apps.integrations.models import ApiCall, Webhook, WebhookDelivery
from apps.integrations.webhooks import signing
from tests import make

pytestmark = pytest.mark.django_db
BODY = {"url": "https://hooks.example.com/in", "events": ["risk.raised"], "bands": ["high"], "description": "pager"}


def test_a_webhook_is_made_and_its_secret_told_once(api, now):
    answer = api.post("webhooks/", BODY, Idempotency_Key="one")
    made = answer.json()
    assert answer.status_code == 201
    assert {name: made[name] for name in BODY} == BODY
    row = Webhook.objects.get()
    assert signing.secrets_of(row, now=now) == [made["secret"]]
    assert row.created_by.startswith("key:")

    again = api.post("webhooks/", BODY, Idempotency_Key="one")
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert again.json() == {name: value for name, value in made.items() if name != "secret"}
    assert "whsec_" not in ApiCall.objects.get().body
    assert "secret" not in api.get(f"webhooks/{row.pk}/").json()
    assert "whsec_" not in api.get("webhooks/").content.decode()
    assert list(Event.objects.filter(type="webhook.changed").values_list("type", "payload__change")) == [("webhook.changed", "made")]


def test_it_is_changed_in_sight_of_its_version(api):
    made = api.post("webhooks/", BODY).json()
    path = f"webhooks/{made['id']}/"
    assert api.patch(path, {"bands": []}).status_code == 428
    changed = api.patch(path, {"bands": [], "events": ["risk.lowered"]}, If_Match='"v1"')
    assert (changed.status_code, changed["ETag"]) == (200, '"v2"')
    assert (changed.json()["bands"], changed.json()["events"]) == ([], ["risk.lowered"])
    assert api.patch(path, {"bands": ["low"]}, If_Match='"v1"').status_code == 412
    assert api.patch(path, {"events": ["risk.lowered"]}, If_Match='"v2"')["ETag"] == '"v2"', "what was so already is no change"


def test_it_is_rotated_tried_and_switched(api, now):
    made = api.post("webhooks/", BODY).json()
    path = f"webhooks/{made['id']}/"
    rotated = api.post(f"{path}rotate/", {"hours": 1}).json()
    assert signing.secrets_of(Webhook.objects.get(), now=now) == [rotated["secret"], made["secret"]]
    assert api.post(f"{path}test/").status_code == 200
    assert WebhookDelivery.objects.get().type == "webhook.test"
    assert api.post(f"{path}off/").json()["is_active"] is False
    assert api.post(f"{path}off/").json()["code"] == "webhook_off"
    assert api.post(f"{path}test/").json()["code"] == "webhook_off"
    assert api.post(f"{path}on/").json()["is_active"] is True


def test_deliveries_are_listed_and_sent_again(api, now):
    account = make.account(external_id="acme")
    hook = make.webhook(now=now)
    failed = make.delivery(hook, account, now=now, state="failed", status=500, answer="oops", done_at=now)
    make.delivery(make.webhook(now=now), now=now)
    (row,) = api.get(f"webhook-deliveries/?webhook={hook.pk}&state=failed&account_external_id=acme").json()["results"]
    assert (row["id"], row["status"], row["answer"], row["account_external_id"]) == (failed.pk, 500, "oops", "acme")
    assert api.post(f"webhook-deliveries/{failed.pk}/resend/").json()["state"] == "waiting"
    assert api.post(f"webhook-deliveries/{failed.pk}/resend/").json()["code"] == "still_under_way"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"url": "http://hooks.example.com/"}, 409, "bad_address"),
        ({"url": "https://169.254.169.254/latest/"}, 409, "bad_address"),
        ({"events": ["risk.eased"]}, 409, "unknown_event"),
        ({"events": []}, 400, "invalid"),
        ({"bands": ["highest"]}, 400, "invalid"),
    ],
)
def test_what_could_never_work_is_refused_in_words(api, said, status, code):
    answer = api.post("webhooks/", {**BODY, **said})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("role", [Role.CSM, Role.TEAM_LEAD])
def test_a_book_is_not_enough_to_carry_news_of_every_account_out_of_the_house(key, staff, now, role):
    person = make.user(role)
    hook = make.webhook(now=now)
    for answer in (
        key("webhooks:write", owner=person).post("webhooks/", BODY),
        staff(person).post("/api/v1/webhooks/", BODY, content_type="application/json"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert Webhook.objects.get() == hook
    assert staff(person).get("/api/v1/webhooks/").json()["results"] == []
    assert staff(make.user(Role.VIEWER)).get("/api/v1/webhooks/").json()["results"] == []
    assert len(staff(make.user(Role.ADMINISTRATOR)).get("/api/v1/webhooks/").json()["results"]) == 1
