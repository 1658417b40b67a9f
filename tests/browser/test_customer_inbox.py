"""The inbox inside a customer's own product: a page of another origin that embeds our snippet shows messages live, and subscribes to push."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from apps.accounts.models import Contact
from apps.core import clock
from apps.messaging import dispatch, selectors
from apps.messaging.models import Message, PushSubscription
from tests import make
from tests.product import Product, running, wait_for

pytestmark = pytest.mark.browser
STATIC = Path(__file__).resolve().parents[2] / "static" / "customer"
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
# The key of RFC 8291's example: any key of the curve will do.
KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *args) -> None:
        pass


@pytest.fixture(scope="module")
def site(rows: None) -> Iterator[Product]:
    with running(web=False, worker=False) as product:
        product.environment |= {"VAPID_PRIVATE_KEY": KEY, "VAPID_CONTACT": "mailto:ops@example.test", "WEB_PUSH_SERVICES": "push.example"}
        product.start_web()
        yield product


@pytest.fixture(scope="module")
def sam(rows) -> Contact:
    make.open_channels()
    return make.contact(make.account(name="Riverside Dental"), name="Sam Reed")


@pytest.fixture(scope="module")
def product(site, sam, tmp_path_factory) -> Iterator[str]:
    """The customer's own page, on a host that our server does not know; it allows no inline script or style."""
    folder = tmp_path_factory.mktemp("product")
    policy = f"default-src 'self'; script-src {site.url}; connect-src {site.url} {site.url.replace('http', 'ws')}; worker-src 'self'"
    token = selectors.inbox_token(sam)
    embed = f'src="{site.url}/static/customer/inbox.js" data-token="{token}" data-mount="#inbox" data-worker="/push-worker.js"'
    head = f'<!doctype html><html lang="en"><head><title>Product</title><meta http-equiv="Content-Security-Policy" content="{policy}"></head>'
    (folder / "index.html").write_text(
        f'{head}<body><main><h1>Our product</h1><div id="inbox"></div></main><script {embed} defer></script></body></html>'
    )
    (folder / "favicon.ico").write_bytes(b"")
    (folder / "push-worker.js").write_text((STATIC / "push-worker.js").read_text())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://product.localhost:{server.server_port}"
    server.shutdown()


@pytest.fixture
def page(chromium, product) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    context.grant_permissions(["notifications"], origin=product)
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(product)
    yield page
    context.close()


def send() -> None:
    """As the worker would, in a thread without Playwright's loop."""

    def work() -> None:
        dispatch.one_round("in_app", owner="w", clock=clock.now)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)


def test_a_message_shows_live_in_a_page_of_another_origin_and_is_read_there(page: Page, sam: Contact) -> None:
    wait_for(lambda: page.evaluate("window.CSInbox.started.socket.readyState === 1"), what="the inbox")
    button = page.get_by_role("button", name="Messages")
    expect(button).to_have_accessible_name("Messages")
    message = make.message(sam, now=clock.now(), channel="in_app", address="", subject="Shall we talk?", body="See https://help.test/a <b>now</b>")
    send()

    expect(button).to_have_accessible_name("Messages, 1 unread")
    button.click()
    page.get_by_text("Shall we talk?").click()
    expect(page.get_by_role("link", name="https://help.test/a")).to_be_visible()
    expect(page.locator(".body")).to_contain_text("<b>now</b>")
    expect(button).to_have_accessible_name("Messages")
    message.refresh_from_db()
    assert message.read_at is not None
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run()).violations.filter(one => ['serious', 'critical'].includes(one.impact)).map(one => one.id)")
    assert found == []
    page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-expanded", "false")
    assert page.context.cookies() == []
    assert page.said == []


def test_what_came_while_the_line_was_down_is_there_when_it_is_up_again(page: Page, sam: Contact) -> None:
    wait_for(lambda: page.evaluate("window.CSInbox.started.socket.readyState === 1"), what="the inbox")
    before = Message.objects.filter(contact=sam).count()
    page.context.set_offline(True)
    page.evaluate("window.CSInbox.started.socket.close()")
    make.message(sam, now=clock.now(), channel="in_app", address="", subject="While you were away", body="x", lane="transactional", lane_rank=0)
    send()
    wait_for(lambda: page.evaluate("window.CSInbox.started.tries > 0"), what="the inbox")
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Messages, 1 unread")).to_be_visible(timeout=30_000)
    assert page.evaluate("window.CSInbox.started.messages.length") == before + 1


def made_up(page: Page) -> None:
    """Headless Chromium has no push service, so its own subscription is made up; permission, worker, key and our API are real."""
    page.evaluate(
        """() => { let made = null;
        const letters = (count, first) => btoa(String.fromCharCode(first, ...Array(count - 1).fill(7))).replace(/=/g, '');
        PushManager.prototype.subscribe = async (options) => { window.options = options; return made = {
            endpoint: 'https://push.example/one', unsubscribe: async () => { made = null; return true; },
            toJSON: () => ({ endpoint: 'https://push.example/one', keys: { p256dh: letters(65, 4), auth: letters(16, 7) } }) }; };
        PushManager.prototype.getSubscription = async () => made; }"""
    )


def test_a_browser_subscribes_and_stops_through_the_snippet(page: Page, sam: Contact) -> None:
    made_up(page)
    page.get_by_role("button", name="Messages").click()
    page.get_by_role("button", name="Notify me in this browser").click()
    expect(page.get_by_role("button", name="Stop notifying me here")).to_be_visible()
    row = PushSubscription.objects.get()
    assert (row.contact, row.endpoint, row.ended_at) == (sam, "https://push.example/one", None)
    assert page.evaluate("[window.options.userVisibleOnly, window.options.applicationServerKey.length]") == [True, 65]
    assert page.evaluate("navigator.serviceWorker.getRegistration('/push-worker.js').then(one => Boolean(one))")
    page.get_by_role("button", name="Stop notifying me here").click()
    expect(page.get_by_role("button", name="Notify me in this browser")).to_be_visible()
    row.refresh_from_db()
    assert row.ended_at is not None
    assert page.said == []


def test_a_browser_hears_only_what_the_platform_knows_of(page: Page, sam: Contact) -> None:
    """The button speaks once the platform has answered, whatever is drawn meanwhile; where that refuses, the browser's subscription is taken back."""
    made_up(page)
    waiting: list[Any] = []
    page.route(re.compile(r"/push/\?"), lambda route: waiting.append(route) if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Messages").click()
    page.get_by_role("button", name="Notify me in this browser").click()
    wait_for(lambda: page.evaluate("1") and waiting, what="the call of the browser")
    page.evaluate("window.CSInbox.started.dispatchEvent(new Event('change'))")
    page.wait_for_timeout(200)
    expect(page.get_by_role("button", name="Notify me in this browser")).to_be_visible()
    waiting[0].fulfill(status=503, json={"code": "unavailable", "message": "Later."})
    expect(page.get_by_text("That did not work. Try again later.")).to_be_visible()
    expect(page.get_by_role("button", name="Notify me in this browser")).to_be_visible()
    assert page.evaluate("PushManager.prototype.getSubscription()") is None
    assert not PushSubscription.objects.filter(ended_at=None).exists()
