import base64
import gzip
import ipaddress
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from apps.integrations import services
from apps.integrations.models import Source

from .receiver import Receiver


@pytest.fixture
def at_noon(now: datetime):
    """The door reads the clock; here it stands still."""
    with time_machine.travel(now, tick=False):
        yield now


@pytest.fixture
def made(db, now: datetime) -> tuple[Source, str]:
    return services.create_source(name="web-app", now=now)


@pytest.fixture
def source(made) -> Source:
    return made[0]


@pytest.fixture
def key(made) -> str:
    return made[1]


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


@pytest.fixture
def send(client, key: str) -> Callable[..., Any]:
    """POST a body to the door: a list is a batch, bytes go as they are."""

    def post(body: Any, path: str = "/v1/batch", zipped: bool = False, sign: bool = True, **headers: str) -> Any:
        if isinstance(body, list):
            body = {"batch": body}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if zipped:
            data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
        if sign:
            headers.setdefault("Authorization", basic(key))
        return client.post(path, data, content_type=headers.pop("type", "application/json"), headers=headers)

    return post


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
