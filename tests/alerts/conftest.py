import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.peer import Peer, controller
from tests.faults.plan import Plan
from tests.integrations.receiver import Receiver


@pytest.fixture
def peer(settings) -> Iterator[Peer]:
    """A real SMTP server."""
    settings.EMAIL_TIMEOUT = 2
    received = Peer(Plan(too_long=4.0))
    server = controller(received)
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield received
    server.stop()


@pytest.fixture
def nearby(settings: Any) -> None:
    """Receivers of these tests live on this machine."""
    settings.WEBHOOK_INSIDE_NETWORKS, settings.WEBHOOK_ALLOW_HTTP = [ipaddress.ip_network("127.0.0.0/8")], True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.released.set()
    found.shutdown()
