"""From the POST of activity to the run of a play that begins with it: real web, workers and beat, and the database in between."""

import time
from typing import Any

from waffle.models import Flag

from apps.accounts.models import Account
from apps.core import clock
from apps.core.actor import Actor
from apps.integrations import services as integrations
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment
from tests import make
from tests.journeys.test_walk import post
from tests.product import running

TRIES = 60
SAYS = {
    "trigger": {"kind": "activity", "name": "cancel_page.viewed"},
    "audience": {"fact": "arr", "op": "over", "value": 0},
    "steps": [{"kind": "watch"}],
}
_LONGEST = 20.0


def _entered(account: Account) -> float:
    until = time.perf_counter() + _LONGEST
    while time.perf_counter() < until:
        if Enrolment.objects.filter(account=account).exists():
            return time.perf_counter()
        time.sleep(0.01)
    raise AssertionError(f"{account} never entered")


def run() -> dict[str, Any]:
    actor, now = Actor.job("benchmarks"), clock.now()
    play = interventions.create_play(key="bench-entry", name="Bench entry", why="To measure it.", says=SAYS, actor=actor, now=now)
    interventions.turn(play, "live", actor=actor, now=now)
    Flag.objects.create(name="play.bench-entry", everyone=True)
    customers = [make.account(name=f"Entry {number}") for number in range(TRIES + 3)]
    _, key = integrations.create_source(name="bench-entry", now=now)
    times = []
    with running(beat=True, steward=True) as product:
        for number, account in enumerate(customers):
            began = time.perf_counter()
            post(product, key, account, ("cancel_page.viewed",))
            took = _entered(account) - began
            if number >= 3:  # the first ones warm the processes
                times.append(took * 1000)
    times.sort()
    return {
        "p50_ms": round(times[len(times) // 2]),
        "p95_ms": round(times[int(len(times) * 0.95) - 1]),
        "max_ms": round(times[-1]),
        "tries": len(times),
    }
