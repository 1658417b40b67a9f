"""What becomes of a push whose service is slow, busy or away: it is sent again under the same topic, because that is no second message."""

import base64
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from apps.messaging import dispatch
from apps.messaging.models import Message, PushSubscription
from tests import make

pytestmark = pytest.mark.django_db
TOO_LONG = 1.6


class Service(ThreadingHTTPServer):
    """A push service that answers `status`, or too late, and remembers the topics it was given."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.is_slow = 201, False
        self.topics: list[str] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request, client_address) -> None:
        """A sender that gave up waiting hangs up on us: that is what we are for."""


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format, *args) -> None:
        pass

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.topics.append(self.headers["Topic"])
        if self.server.is_slow:
            time.sleep(TOO_LONG)
        self.send_response(self.server.status)
        self.send_header("Retry-After", "900")
        self.send_header("Content-Length", "0")
        self.end_headers()


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def service(settings) -> Iterator[Service]:
    server = Service()
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "push": ["webpush"]}
    settings.VAPID_PRIVATE_KEY = encoded(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big"))
    settings.VAPID_CONTACT, settings.WEB_PUSH_TIMEOUT = "mailto:ops@example.test", 1
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def message(service, now) -> Message:
    contact = make.contact(make.account())
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    key = encoded(b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))
    endpoint = f"http://127.0.0.1:{service.server_port}/one"
    PushSubscription.objects.create(contact=contact, endpoint=endpoint, p256dh=key, auth=encoded(b"a" * 16), created_at=now)
    return make.message(contact, now=now, channel="push", address="", lane="transactional", lane_rank=0)


def sent(message: Message, now) -> Message:
    dispatch.one_round("push", owner="w1", clock=lambda: now)
    message.refresh_from_db()
    return message


def test_an_answer_that_comes_too_late_is_asked_for_again_under_the_same_topic(service, message, now):
    service.is_slow = True
    assert (sent(message, now).state, message.attempts.get().outcome) == ("queued", "ambiguous")
    service.is_slow = False
    assert sent(message, now + timedelta(hours=2)).state == "sent"
    assert len(service.topics) == 2
    assert len(set(service.topics)) == 1


def test_a_busy_service_is_given_the_time_it_asks_for(service, message, now):
    service.status = 429
    assert sent(message, now).state == "queued"
    assert message.due_at >= now + timedelta(seconds=900)


def test_a_service_that_is_away_is_tried_again(service, message, now):
    service.shutdown()
    service.server_close()
    assert (sent(message, now).state, message.attempts.get().code) == ("queued", "connect")
