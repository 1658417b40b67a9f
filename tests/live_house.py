"""Several web processes, a Valkey that may be killed, and a crowd of sockets."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.test import Client as Browser

from apps.accounts.models import User
from apps.dashboards import live, tickets
from cs_platform.local.__main__ import free_port, web_command
from tests import make
from tests.faults.broker import Broker
from tests.product import Product, running, wait_for
from tests.sockets import Client

PER_PERSON = 40


def people(sockets: int) -> list[tuple[User, str, str]]:
    """Enough members of staff for so many sockets: person, session, ticket."""
    found = []
    for _ in range(-(-sockets // PER_PERSON)):
        user, browser = make.user(), Browser()
        browser.force_login(user)
        session = browser.cookies["sessionid"].value
        found.append((user, session, ticket(user, session)))
    return found


def ticket(user: User, session: str) -> str:
    return tickets.issue(tickets.Pass(user.pk, session, tickets.mark(user.get_session_auth_hash())))


class House:
    """`ports` are those of the web processes."""

    def __init__(self, product: Product, broker: Broker, folder: Path) -> None:
        self.product, self.broker, self.folder = product, broker, folder
        self.ports: list[int] = []
        self.crowd: Client | None = None

    def start_web(self, count: int) -> None:
        for _ in range(count):
            self.ports.append(free_port())
            self.product.start(f"web{self.ports[-1]}", web_command(self.ports[-1]))
        for port in self.ports:
            wait_for(lambda port=port: _answers(port), what=f"web{port}")  # type: ignore[misc]

    def stop_web(self) -> None:
        for port in self.ports:
            self.product.stop(f"web{port}")
        self.ports = []

    def gather(self, known: Sequence[tuple[User, str, str]]) -> Client:
        """A crowd of sockets; one at a time."""
        if self.crowd is not None:
            self.crowd.stop()
        self.crowd = Client(self.folder, [])
        self.give_tickets(known)
        return self.crowd

    def give_tickets(self, known: Sequence[tuple[User, str, str]]) -> None:
        """Fresh ones, as pages that stay open have them."""
        assert self.crowd is not None
        self.crowd.do("know", known=[(session, ticket(user, session)) for user, session, _ in known])

    def pids(self) -> list[int]:
        return [self.product.processes[f"web{port}"].pid for port in self.ports]


def _answers(port: int) -> bool:
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """For the length of a `with` this process publishes to the house's Valkey too."""
    broker = Broker(folder)
    broker.start()
    usual, settings.VALKEY_URL = settings.VALKEY_URL, broker.url
    live._client.cache_clear()
    with running(web=False, worker=False, VALKEY_URL=broker.url) as product:
        made = House(product, broker, folder)
        try:
            yield made
        finally:
            if made.crowd is not None:
                made.crowd.stop()
            product.stop_all()
            broker.stop()
            settings.VALKEY_URL = usual
            live._client.cache_clear()


def updates(count: int, *, every: float, size: int = 1000) -> None:
    """Publish so many updates of about this many bytes, each with its number and the moment it was sent."""
    began = time.monotonic()
    for number in range(1, count + 1):
        time.sleep(max(0.0, began + number * every - time.monotonic()))
        live.publish(f"bench.{number}.{time.monotonic_ns()}.{'x' * max(0, size - 160)}", "bench:all")
