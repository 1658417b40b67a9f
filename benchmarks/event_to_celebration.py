"""From the POST of one event through all that follows from a milestone: reached, rewarded, congratulated on, the next one offered, open pages told.

Real web, workers, beat, socket and database. A try is over when the last of the five is there; `steps_p50_ms` tells when each was.
"""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.utils import timezone
from websockets.sync.client import connect

from apps.accounts.models import Account
from apps.accounts.types import Role
from apps.core import clock
from apps.integrations import services as integrations
from apps.messaging.models import Message
from apps.milestones.models import Progress, RewardMovement
from tests import make
from tests.journeys.test_walk import post, session_cookie
from tests.milestones import rewarding
from tests.product import Product, running

TRIES = 60
_LONGEST = 20.0
SHARED = "report.shared"
STEPS = ("reached", "rewarded", "congratulated", "offered", "page told")


def shift_to_noon() -> float:
    """Seconds to the coming Wednesday noon (UTC): quiet hours are no part of what is measured."""
    real = timezone.now()
    noon = datetime(real.year, real.month, real.day, 12, tzinfo=UTC) + timedelta(days=(2 - real.weekday()) % 7 + 7)
    return (noon - real).total_seconds()


def customers(count: int) -> list[Account]:
    """Accounts with one person each, on the way to the first of two milestones; a rule pays 50 points for either."""
    now = clock.now()
    first = make.milestone("bench-first", criteria={"count": SHARED, "at_least": 1}, live_at=now - timedelta(hours=1))
    make.milestone("bench-second", criteria={"count": SHARED, "at_least": 500}, needs=[first.key], live_at=now - timedelta(hours=1))
    rewarding.rule(now, amount=50)
    rewarding.budget(now, amount=1_000_000)
    made = [make.account(name=f"Celebrating {number:03d}", started_on=now.date() - timedelta(days=60)) for number in range(count)]
    for account in made:
        make.contact(account)
    return made


class Page:
    """The socket of somebody who may see everybody, read as an open page does: a hint that it missed shows by the numbers, and it fetches anew."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._seen = 0

    def told(self, account: Account, *, missed_counts: bool) -> bool:
        """Whether the next frame, if there is one, makes the page fetch the account's path."""
        try:
            frame = json.loads(self._socket.recv(timeout=0.01))
        except TimeoutError:
            return False
        if frame["type"] not in ("change", "beat"):
            return False
        missed, self._seen = frame["after"] > self._seen > 0, frame["last"]
        subjects = frame.get("subjects")
        named = frame["type"] == "change" and "milestone.offered" in frame["kinds"] and (subjects is None or f"account:{account.pk}" in subjects)
        return named or (missed and missed_counts)


def watch(product: Product) -> Any:
    cookie = session_cookie(make.user(Role.ADMINISTRATOR))
    return connect(f"ws://127.0.0.1:{product.port}/ws/live/", additional_headers={"Cookie": cookie}, origin=f"http://127.0.0.1:{product.port}")


def follow(product: Product, key: str, account: Account, page: Page) -> dict[str, float]:
    """Post one event and wait for everything; seconds until each step was there."""
    mine = Progress.objects.filter(account=account)
    looks = {
        "reached": mine.filter(milestone__key="bench-first", state="achieved"),
        "rewarded": RewardMovement.objects.filter(account=account, kind="grant"),
        "congratulated": Message.objects.filter(account=account, template__key="celebration", state__in=("sent", "delivered")),
        "offered": mine.filter(milestone__key="bench-second", offered_at__isnull=False),
    }
    found: dict[str, float] = {}
    began = time.perf_counter()
    post(product, key, account, (SHARED,))
    while len(found) < len(STEPS):
        for step, rows in looks.items():
            if step not in found and rows.exists():
                found[step] = time.perf_counter() - began
        if page.told(account, missed_counts="offered" in found) and "page told" not in found:
            found["page told"] = time.perf_counter() - began
        if time.perf_counter() - began > _LONGEST:
            raise AssertionError(f"{account}: only {sorted(found)} after {_LONGEST:g} s")
    return found


def run() -> dict[str, Any]:
    os.environ["CS_CLOCK_SHIFT"] = str(shift_to_noon())
    try:
        call_command("prepare", quiet=True)
        made = customers(TRIES + 3)
        _, key = integrations.create_source(name="bench-celebration", now=clock.now())
        with running(beat=True, steward=True) as product, watch(product) as socket:
            # The first ones warm the processes.
            page = Page(socket)
            tries = [follow(product, key, account, page) for account in made][3:]
    finally:
        del os.environ["CS_CLOCK_SHIFT"]
    whole = sorted(max(one.values()) for one in tries)
    return {
        "p50_ms": round(1000 * whole[len(whole) // 2]),
        "p95_ms": round(1000 * whole[int(len(whole) * 0.95) - 1]),
        "max_ms": round(1000 * whole[-1]),
        "steps_p50_ms": {step: round(1000 * sorted(one[step] for one in tries)[len(tries) // 2]) for step in STEPS},
        "tries": len(tries),
    }
