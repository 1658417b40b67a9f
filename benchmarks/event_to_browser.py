"""From the POST of activity to the change that a person sees on the open board: real web, workers, sockets and Chromium.

A thousand other pages are open meanwhile and hear every hint that the board hears; they do not fetch (BROWSER_SOCKETS for more or fewer).
"""

import os
import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from apps.accounts.models import Account
from apps.accounts.types import Role
from apps.core import clock
from apps.integrations import services as integrations
from cs_platform import cycle
from tests import make
from tests.journeys.test_walk import TROUBLE, post, session_cookie
from tests.live_house import people
from tests.product import running
from tests.sockets import Client

TRIES = 50
SOCKETS = int(os.environ.get("BROWSER_SOCKETS", "1000"))
# What the board listens to.
TOPICS = ("accounts", "account", "alert", "message", "play", "risk", "story", "task")
# Looks at every frame: a locator's own waiting looks after 270 and then only after 770 ms.
_SEEN = """name => new Promise((seen, missed) => {
    const until = performance.now() + 20000;
    const look = () => document.querySelector("#b-alerts").textContent.includes(name) ? seen()
        : performance.now() > until ? missed(new Error(`${name} never appeared`)) : requestAnimationFrame(look);
    look();
})"""
# Playwright's synchronous face runs an event loop in this thread, which Django would otherwise refuse to query under.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)


def _customers(count: int) -> list[Account]:
    now = clock.now()
    owner = make.user(Role.ADMINISTRATOR)
    made = []
    for number in range(count):
        account = make.account(name=f"Customer {number:03d}", owner=owner, renews_on=now.date() + timedelta(days=40))
        make.weeks_of_use(account, until=now - timedelta(days=13), weeks=10, per_week=20)
        made.append(account)
    make.meanings(**{"ticket.opened": "support", "payment.failed": "payment", "cancel_page.viewed": "leaving"})
    cycle.run(now)
    return made


def run() -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    customers = _customers(TRIES + 2)
    _, key = integrations.create_source(name="bench-browser", now=clock.now())
    times = []
    known = [(session, ticket) for _, session, ticket in people(SOCKETS)]
    with TemporaryDirectory() as folder, running() as product, sync_playwright() as playwright:
        crowd = Client(Path(folder), known)
        others = crowd.do("connect", count=SOCKETS, ports=[product.port], topics=TOPICS)["ready"]
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path if path != "playwright" else None, args=list(CHROMIUM_FLAGS))
        page = browser.new_context().new_page()
        name, value = session_cookie(customers[0].owner).split("=", 1)  # type: ignore[arg-type]
        page.context.add_cookies([{"name": name, "value": value, "url": product.url}])
        page.goto(f"{product.url}/board/")
        page.locator("#cs-live[data-state=live]").first.wait_for(timeout=20_000)
        for number, account in enumerate(customers):
            began = perf_counter()
            post(product, key, account, TROUBLE)
            page.evaluate(_SEEN, account.name)
            if number >= 2:  # the first ones warm the processes
                times.append((perf_counter() - began) * 1000)
        others = min(others, crowd.do("listen", seconds=0)["open"])
        browser.close()
        crowd.stop()
    times.sort()
    return {
        "p50_ms": round(times[len(times) // 2]),
        "p95_ms": round(times[int(len(times) * 0.95) - 1]),
        "max_ms": round(times[-1]),
        "tries": len(times),
        "sockets": others,
    }
