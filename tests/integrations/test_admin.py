import re

import pytest

from apps.accounts.models import ActivityEvent
from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from apps.integrations import services
from apps.integrations.models import Rejection, Source
from tests import make

pytestmark = pytest.mark.django_db
SOURCES = "/admin/integrations/source/"
REJECTIONS = "/admin/integrations/rejection/"


@pytest.fixture(autouse=True)
def rights(db):
    create_groups()


@pytest.fixture
def boss(client):
    person = make.user(Role.ADMINISTRATOR)
    client.force_login(person)
    return person


def test_a_new_source_tells_its_key_once(client, boss):
    page = client.post(f"{SOURCES}add/", {"name": "web"}, follow=True).content.decode()
    key = re.search(r"csw_[\w-]+", page).group()
    assert Source.objects.get().key_hash == services.key_hash(key)
    assert key not in client.get(SOURCES).content.decode()
    page = client.get(f"{SOURCES}{Source.objects.get().pk}/change/").content.decode()
    assert key not in page
    assert key[:10] in page


def test_a_source_is_closed_opened_limited_and_given_a_new_key(client, boss, source):
    def press(action: str) -> str:
        return client.post(SOURCES, {"action": action, "_selected_action": [source.pk]}, follow=True).content.decode()

    press("close")
    assert not Source.objects.get().is_open
    press("open")
    assert Source.objects.get().is_open
    key = re.search(r"csw_[\w-]{20,}", press("renew_key")).group()
    assert Source.objects.get().key_hash == services.key_hash(key)
    client.post(f"{SOURCES}{source.pk}/change/", {"requests_per_minute": 10})
    assert Source.objects.get().requests_per_minute == 10
    assert client.post(f"{SOURCES}{source.pk}/delete/", {"post": "yes"}).status_code == 403


def test_rejections_are_listed_and_replayed(client, boss, send):
    send([{"type": "track", "messageId": "m1", "event": "Login", "context": {"groupId": "late"}}, {"type": "track", "messageId": "m2"}])
    assert "No account has the id" in client.get(REJECTIONS, {"state": "waiting"}).content.decode()
    make.account(external_id="late")

    page = client.post(REJECTIONS, {"action": "replay", "_selected_action": list(Rejection.objects.values_list("pk", flat=True))}, follow=True)

    assert "1 stored, 1 still refused." in page.content.decode()
    assert ActivityEvent.objects.get().message_id == "m1"
    assert Rejection.objects.filter(replayed_at=None).count() == 1
    assert client.get(REJECTIONS, {"state": "replayed"}).status_code == 200
    assert client.get(f"{REJECTIONS}{Rejection.objects.first().pk}/change/").status_code == 200


def test_others_do_not_see_sources(client, source):
    client.force_login(make.user(Role.CSM))
    assert client.get(SOURCES).status_code == 403
