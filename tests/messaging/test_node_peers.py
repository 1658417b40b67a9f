"""The real clients against peers that nobody here wrote."""

import base64
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec

from apps.messaging import dispatch, selectors
from apps.messaging.models import Message, MessageAttempt, PushSubscription, Template
from tests import make
from tests.faults.http_peer import ACCOUNT
from tests.messaging import node_peers

pytestmark = pytest.mark.django_db


def send_all(channel: str, *, now) -> None:
    while dispatch.one_round(channel, owner="w1", clock=lambda: now, limit=50):
        pass


@pytest.fixture(scope="module")
def twilio(tmp_path_factory) -> Iterator[str]:
    with node_peers.twilio(tmp_path_factory.mktemp("prism")) as address:
        yield address


@pytest.fixture(scope="module")
def push_service() -> Iterator[str]:
    with node_peers.push_service() as address:
        yield address


def test_hundreds_of_texts_whatsapps_and_calls_as_twilio_describes_them(twilio, settings, now):
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, **dict.fromkeys(("sms", "whatsapp", "voice"), ["twilio"])}
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL = ACCOUNT, "token", twilio
    settings.TWILIO_SMS_FROM = settings.TWILIO_WHATSAPP_FROM = settings.TWILIO_VOICE_FROM = "+14155552345"
    template = Template.objects.create(key="hello", channel="whatsapp", subject="Hello", body="Hello", content_sid="HX" + "b" * 32)
    account = make.account()
    for channel, count in (("sms", 200), ("whatsapp", 50), ("voice", 20)):
        for number in range(count):
            person = make.contact(account, phone=f"+1555867{number:04}")
            more = {"template": template, "content_variables": {"1": "Ada"}} if channel == "whatsapp" else {}
            make.message(person, now=now, channel=channel, address=person.phone, lane="transactional", lane_rank=0, **more)
        send_all(channel, now=now)
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    ids = list(Message.objects.values_list("provider_message_id", flat=True))
    assert len(set(ids)) == len(ids) == 270
    assert {key[:2] for key in ids} == {"SM", "CA"} or {key[:2] for key in ids} == {"SM", "MM", "CA"}


@pytest.fixture
def keys(settings, push_service) -> str:
    """Our key, given to the push service as a browser does; returns its public half."""
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.private_numbers()
    raw = numbers.private_value.to_bytes(32, "big")
    public = b"\x04" + numbers.public_numbers.x.to_bytes(32, "big") + numbers.public_numbers.y.to_bytes(32, "big")
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "push": ["webpush"]}
    settings.VAPID_PRIVATE_KEY = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    settings.VAPID_CONTACT = "mailto:ops@example.test"
    return base64.urlsafe_b64encode(public).rstrip(b"=").decode()


def subscribed(contact, push_service: str, public: str, now) -> tuple[PushSubscription, str]:
    given = requests.post(f"{push_service}/subscribe", json={"userVisibleOnly": "true", "applicationServerKey": public}, timeout=10).json()["data"]
    made = PushSubscription.objects.create(
        contact=contact, endpoint=given["endpoint"], p256dh=given["keys"]["p256dh"], auth=given["keys"]["auth"], created_at=now
    )
    return made, given["clientHash"]


def test_a_push_is_decrypted_by_the_browser_and_ends_with_its_subscription(push_service, keys, now):
    sam = make.contact(make.account())
    subscription, client = subscribed(sam, push_service, keys, now)
    message = make.message(sam, now=now, channel="push", address="", subject="Grüße", body="x" * 6000, lane="transactional", lane_rank=0)
    send_all("push", now=now)
    message.refresh_from_db()
    assert message.state == "sent", MessageAttempt.objects.get().detail
    [got] = requests.post(f"{push_service}/get-notifications", json={"clientHash": client}, timeout=10).json()["data"]["messages"]
    assert '"title": "Grüße"' in got
    assert len(got.encode()) <= 3900

    requests.post(f"{push_service}/expire-subscription/{client}", timeout=10)
    again = make.message(sam, now=now, channel="push", address="", lane="transactional", lane_rank=0)
    send_all("push", now=now)
    again.refresh_from_db()
    subscription.refresh_from_db()
    assert (again.state, subscription.ended_at is not None) == ("failed", True)
    assert again.reason == "Refused (410): The browser is not subscribed any more."

    last = make.message(sam, now=now, channel="push", address="", lane="transactional", lane_rank=0)
    send_all("push", now=now)
    last.refresh_from_db()
    assert last.reason == "Refused (no_browser): No browser of this contact is subscribed to push."


def test_a_browser_that_subscribed_through_the_api_is_pushed_to_until_it_stops(client, push_service, keys, settings, now):
    sam = make.contact(make.account())
    address = f"/api/v1/inbox/push/?token={selectors.inbox_token(sam)}"
    public = client.get(address).json()["public_key"]
    assert public == keys
    given = requests.post(f"{push_service}/subscribe", json={"userVisibleOnly": "true", "applicationServerKey": public}, timeout=10).json()["data"]
    settings.WEB_PUSH_SERVICES = ["{0.scheme}://{0.netloc}".format(urlsplit(given["endpoint"]))]
    body = {"endpoint": given["endpoint"], "keys": given["keys"]}
    assert client.post(address, body, content_type="application/json").status_code == 201
    message = make.message(sam, now=now, channel="push", address="", lane="transactional", lane_rank=0)
    send_all("push", now=now)
    message.refresh_from_db()
    assert message.state == "sent"
    got = requests.post(f"{push_service}/get-notifications", json={"clientHash": given["clientHash"]}, timeout=10).json()["data"]["messages"]
    assert [message.subject in one for one in got] == [True]

    assert client.delete(address, {"endpoint": given["endpoint"]}, content_type="application/json").status_code == 204
    again = make.message(sam, now=now, channel="push", address="", lane="transactional", lane_rank=0)
    send_all("push", now=now)
    again.refresh_from_db()
    assert again.reason == "Refused (no_browser): No browser of this contact is subscribed to push."


def test_one_browser_that_takes_it_is_enough(push_service, keys, now):
    sam = make.contact(make.account())
    _, gone = subscribed(sam, push_service, keys, now)
    _, here = subscribed(sam, push_service, keys, now)
    requests.post(f"{push_service}/expire-subscription/{gone}", timeout=10)
    message = make.message(sam, now=now, channel="push", address="", lane="transactional", lane_rank=0)
    send_all("push", now=now)
    message.refresh_from_db()
    assert message.state == "sent"
    assert len(requests.post(f"{push_service}/get-notifications", json={"clientHash": here}, timeout=10).json()["data"]["messages"]) == 1
