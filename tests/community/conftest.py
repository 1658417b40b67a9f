from collections.abc import Iterator

import pytest

from apps.messaging import services as messaging
from tests.faults.peer import Peer, controller
from tests.faults.plan import Plan


@pytest.fixture
def peer(settings) -> Iterator[Peer]:
    """A real SMTP server; ours gives up waiting after half a second, it answers slow mails after one and a half."""
    settings.EMAIL_TIMEOUT = 0.5
    received = Peer(Plan(too_long=1.5))
    server = controller(received)
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield received
    server.stop()


@pytest.fixture
def mailless(now):
    """The words of invitations are there; nothing leaves by itself."""
    messaging.ensure_templates(now)
