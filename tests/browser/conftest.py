"""A real Chromium against the real product: one web process and one browser per file, rows that stay for the whole file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from apps.accounts.models import User
from apps.core import clock
from apps.events.models import Delivery
from apps.events.services import sweep
from apps.events.types import DeliveryState
from tests import browsers, make
from tests.product import Product, running, wait_for

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOW = 30_000
PASSWORD = "river-of-reports-7"  # noqa: S105
# What htmx writes where a page asks anew before it was answered. A request that really fails is written down by a further name.
ASKED_ANEW = ("htmx:afterRequest", "htmx:sendAbort")


@dataclass
class Visitor:
    """A signed-in person in a browser window, and everything the window's console said."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)

    def opens(self, path: str) -> None:
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"

    def is_live(self) -> None:
        self.page.wait_for_selector("#cs-live[data-state=live]", timeout=SLOW)

    def signs_in(self, user: User) -> None:
        """By the form, which changes the token that forms carry too."""
        user.set_password(PASSWORD)
        user.save()
        self.page.goto(f"{self.url}/admin/login/")
        self.page.locator("[name=username]").fill(user.email)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("[type=submit]").first.click()
        self.page.wait_for_url(lambda url: "login" not in url)

    def in_another_tab(self) -> "Visitor":
        return Visitor(self.page.context.new_page(), self.url)

    def signs_out(self) -> None:
        self.page.goto(f"{self.url}/")
        self.page.evaluate("document.querySelector('form[action$=\"logout/\"]').submit()")
        self.page.wait_for_url("**/logout/**")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or browsers.installed()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(args=ARGS, executable_path=None if path == "playwright" else path)
        except Error as error:
            pytest.skip(f"NOT RUN: no Chromium could be started ({str(error).splitlines()[0]})")
        yield browser
        browser.close()
        # Playwright's event loop runs in this thread, and Django keeps other database lines while a loop runs.
        connections.close_all()


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Rows that other processes see, cleared away at the end of the file."""
    with django_db_blocker.unblock():
        # pytest-django makes a database only when a test of the run carries its mark. These cannot: the mark hides rows in a transaction.
        own = None
        if not str(connection.settings_dict["NAME"]).startswith("test_"):
            own = setup_databases(0, interactive=False, aliases={"default"})
        yield
        if own is None:
            call_command("flush", interactive=False, verbosity=0)
        else:
            teardown_databases(own, 0)


@pytest.fixture(scope="module")
def site(rows: None) -> Iterator[Product]:
    with running(worker=False) as product:
        yield product


@pytest.fixture(scope="module")
def somebody(rows: None) -> User:
    """An administrator who owns accounts too, so that every page is open and full."""
    return make.user(None, email="maya@staff.test", is_superuser=True)


@pytest.fixture
def window(chromium: Browser, site: Product, somebody: User) -> Iterator[BrowserContext]:
    """A window with a session that was opened through the front door's own machinery."""
    client = Client()
    client.force_login(somebody)
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(SLOW)
    expect.set_options(timeout=SLOW)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
    yield context
    context.close()


@pytest.fixture
def visitor(window: BrowserContext, site: Product) -> Visitor:
    visitor = Visitor(window.new_page(), site.url)
    listen(visitor)
    return visitor


def delivered() -> None:
    """What waits is delivered as the worker would, with all that it sets off and what was in vain at first."""
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING)

    def swept() -> bool:
        sweep(now=clock.now() + timedelta(seconds=1))
        return not waiting.exists()

    wait_for(swept, what=lambda: f"the delivery of {[(str(one), one.attempts, one.last_error) for one in waiting]}")


def listen(visitor: Visitor) -> None:
    """Errors, warnings, CSP reports, uncaught exceptions and requests that leave this machine are all complaints."""
    page = visitor.page

    def complains(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and message.text not in ASKED_ANEW:
            visitor.said.append(f"{page.url}: {message.text}")

    page.on("console", complains)
    page.on("pageerror", lambda error: visitor.said.append(f"{page.url}: {error}"))
    page.on("request", lambda request: visitor.said.append(f"left for {request.url}") if not _is_local(request.url, visitor.url) else None)


def _is_local(address: str, home: str) -> bool:
    return address.startswith((home, "data:", "about:", "blob:", home.replace("http", "ws")))
