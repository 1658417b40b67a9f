import re

import pytest

from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.webhooks import signing
from tests import make

pytestmark = pytest.mark.django_db
HOOKS = "/admin/integrations/webhook/"
DELIVERIES = "/admin/integrations/webhookdelivery/"
SAID = {"url": "https://hooks.example.com/in", "description": "pager", "events": ["risk.raised"], "bands": ["high"], "definitions": "a, b"}


@pytest.fixture
def boss(client, db):
    create_groups()
    person = make.user(Role.ADMINISTRATOR)
    client.force_login(person)
    return person


def press(client, path: str, action: str, *rows) -> str:
    return client.post(path, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True).content.decode()


def test_a_webhook_is_made_and_its_secret_told_once(client, boss, now):
    page = client.post(f"{HOOKS}add/", SAID, follow=True).content.decode()
    secret = re.search(r"whsec_[\w+/=]+", page).group()
    row = Webhook.objects.get()
    assert signing.secrets_of(row, now=now) == [secret]
    assert (row.events, row.bands, row.definitions, row.created_by) == (["risk.raised"], ["high"], ["a", "b"], f"user:{boss.pk}")
    for path in (HOOKS, f"{HOOKS}{row.pk}/change/"):
        page = client.get(path).content.decode()
        assert "whsec_" not in page
        assert row.salt not in page
        assert "nothing sent yet" in page


def test_it_is_changed_and_a_bad_address_is_told_at_its_field(client, boss, now):
    row = make.webhook(now=now)
    client.post(f"{HOOKS}{row.pk}/change/", {**SAID, "events": ["risk.lowered"]})
    row.refresh_from_db()
    assert (row.events, row.description, row.version) == (["risk.lowered"], "pager", 2)
    page = client.post(f"{HOOKS}{row.pk}/change/", {**SAID, "url": "https://10.0.0.1/"}).content.decode()
    assert "inside our own network" in page
    assert client.post(f"{HOOKS}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_it_is_tried_rotated_and_switched_and_the_list_tells_the_last_result(client, boss, now):
    row = make.webhook(now=now)
    press(client, HOOKS, "send_test", row)
    assert WebhookDelivery.objects.get().type == "webhook.test"
    secret = re.search(r"whsec_[\w+/=]+", press(client, HOOKS, "rotate", row)).group()
    row.refresh_from_db()
    assert signing.secrets_of(row, now=now)[0] == secret
    assert "1 switched off" in press(client, HOOKS, "switch_off", row)
    assert "is off already" in press(client, HOOKS, "switch_off", row)
    assert "1 switched on" in press(client, HOOKS, "switch_on", row)
    make.delivery(row, now=now, state="failed", attempt=1, status=500, answer="the disk is full", done_at=now)
    assert "given up 500: the disk is full" in client.get(HOOKS).content.decode()


def test_a_delivery_is_sent_again(client, boss, now):
    row = make.delivery(make.webhook(now=now), now=now, state="failed", attempt=1, done_at=now)
    assert row.message_id in client.get(f"{DELIVERIES}{row.pk}/change/").content.decode()
    assert "1 queued again" in press(client, DELIVERIES, "send_again", row)
    row.refresh_from_db()
    assert row.state == "waiting"
    assert "under way already" in press(client, DELIVERIES, "send_again", row)


def test_others_see_nothing_of_it(client, now):
    create_groups()
    client.force_login(make.user(Role.CSM))
    assert client.get(HOOKS).status_code == 403
    assert client.get(DELIVERIES).status_code == 403
