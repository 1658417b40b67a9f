"""The customer's own product talks to the inbox: from any origin, without cookies, and subscribes browsers to push."""

import base64
import json
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection

from apps.messaging import selectors
from apps.messaging.models import PushSubscription
from apps.messaging.services import browsers
from cs_platform.asgi import application
from tests import make

pytestmark = pytest.mark.django_db
KEY = base64.urlsafe_b64encode(b"\x04" + b"k" * 64).rstrip(b"=").decode()
AUTH = base64.urlsafe_b64encode(b"a" * 16).rstrip(b"=").decode()
ONE = "https://fcm.googleapis.com/fcm/send/one"


@pytest.fixture
def sam():
    return make.contact(make.account())


def url(contact, path="push/") -> str:
    return f"/api/v1/inbox/{path}?token={selectors.inbox_token(contact)}"


def subscribe(client, contact, endpoint=ONE, p256dh=KEY, auth=AUTH):
    body = {"endpoint": endpoint, "expirationTime": None, "keys": {"p256dh": p256dh, "auth": auth}}
    return client.post(url(contact), body, content_type="application/json", headers={"Origin": "https://product.example"})


def unsubscribe(client, contact, endpoint=ONE):
    return client.delete(url(contact), {"endpoint": endpoint}, content_type="application/json")


def test_the_key_is_the_public_half_of_ours_and_no_key_is_no_push(client, sam, settings):
    settings.VAPID_PRIVATE_KEY = ""
    assert client.get(url(sam)).status_code == 404
    key = ec.generate_private_key(ec.SECP256R1())
    settings.VAPID_PRIVATE_KEY = base64.urlsafe_b64encode(key.private_numbers().private_value.to_bytes(32, "big")).rstrip(b"=").decode()
    told = client.get(url(sam)).json()["public_key"]
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert base64.urlsafe_b64decode(told + "=") == point


def test_a_browser_subscribes_once_stops_and_comes_back(client, sam):
    assert [subscribe(client, sam).status_code for _ in range(2)] == [201, 201]
    row = PushSubscription.objects.get()
    assert (row.contact, row.endpoint, row.p256dh, row.auth, row.ended_at) == (sam, ONE, KEY, AUTH, None)
    assert [unsubscribe(client, sam).status_code for _ in range(2)] == [204, 204]
    row.refresh_from_db()
    assert row.ended_at is not None
    subscribe(client, sam)
    row.refresh_from_db()
    assert (row.ended_at, PushSubscription.objects.count()) == (None, 1)


def test_a_browser_belongs_to_who_signed_in_last_and_nobody_else_ends_it(client, sam):
    kim = make.contact(make.account())
    subscribe(client, sam)
    subscribe(client, kim)
    assert PushSubscription.objects.get().contact == kim
    unsubscribe(client, sam)
    assert PushSubscription.objects.get().ended_at is None


def test_the_oldest_browsers_go_first(sam, now):
    for number in range(browsers.MOST + 2):
        browsers.subscribe(sam, endpoint=f"{ONE}{number}", p256dh=KEY, auth=AUTH, now=now + timedelta(minutes=number))
    open_ones = list(PushSubscription.objects.filter(ended_at=None).order_by("id").values_list("endpoint", flat=True))
    assert open_ones == [f"{ONE}{number}" for number in range(2, browsers.MOST + 2)]


@pytest.mark.parametrize(
    "endpoint",
    [
        *("http://fcm.googleapis.com/x", "https://fcm.googleapis.com.evil.test/x", "https://evil.test/fcm.googleapis.com", "https://127.0.0.1/x"),
        *(
            "https://user@fcm.googleapis.com/x",
            "https://169.254.169.254/",
            "ftp://fcm.googleapis.com/",
            "x",
            "https://[",
            "https://notify.windows.com/x",
        ),
        "https://fcm.googleapis.com:8443/x",
    ],
)
def test_nobody_makes_us_call_what_is_no_push_service(client, sam, endpoint):
    answer = subscribe(client, sam, endpoint)
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_push_service")
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(("p256dh", "auth"), [("x", AUTH), (KEY, "x"), (KEY[:-4], AUTH), (KEY, "!!"), ("é" * 20, AUTH)])
def test_keys_that_are_none_are_refused(client, sam, p256dh, auth):
    assert subscribe(client, sam, p256dh=p256dh, auth=auth).json()["code"] == "bad_keys"


@pytest.mark.parametrize("body", [{}, [], {"endpoint": ONE}, {"endpoint": 5, "keys": []}, {"endpoint": ONE, "keys": {"p256dh": KEY}}, "x", None])
def test_hostile_bodies_are_400(client, sam, body):
    answer = client.post(url(sam), json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert client.delete(url(sam), json.dumps([]), content_type="application/json").status_code == 400
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_without_a_token_there_is_nothing_to_subscribe(client, method):
    answer = getattr(client, method)("/api/v1/inbox/push/?token=1:forged", content_type="application/json")
    assert answer.status_code == 403
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_any_origin_may_ask_and_none_may_send_a_cookie(client, sam):
    for path in ("", "push/", "5/read/", "5/reply/"):
        asked = client.options(url(sam, path), headers={"Origin": "https://product.example", "Access-Control-Request-Method": "POST"})
        assert (asked.status_code, asked["Access-Control-Allow-Origin"], asked["Access-Control-Allow-Headers"]) == (204, "*", "Content-Type")
        assert ("GET" if path == "" else "POST") in asked["Access-Control-Allow-Methods"]
        assert "Access-Control-Allow-Credentials" not in asked
    answer = client.get(url(sam, ""), headers={"Origin": "https://product.example"})
    assert (answer["Access-Control-Allow-Origin"], "Set-Cookie" in answer) == ("*", False)
    # Staff's own API stays with staff's own pages.
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/accounts/", headers={"Origin": "https://product.example"})


@pytest.mark.django_db(transaction=True)
async def test_the_inbox_opens_from_another_origin_and_the_staff_socket_does_not():
    contact = await sync_to_async(lambda: make.contact(make.account()))()
    headers = [(b"origin", b"https://product.example"), (b"host", b"127.0.0.1")]
    inbox = WebsocketCommunicator(application, f"/ws/inbox/?token={selectors.inbox_token(contact)}", headers=headers)
    assert (await inbox.connect())[0]
    await inbox.disconnect()
    staff = WebsocketCommunicator(application, "/ws/live/", headers=headers)
    assert not (await staff.connect())[0]
    await sync_to_async(lambda: connection.close())()
