"""One account's health after one event, stored event to stored score; all measures of every account by one statement, against a bare scan of the
rollups, and of the touched accounts only."""

import time
from datetime import timedelta

from django.db import connection

from apps.accounts.models import Account, EventName
from apps.accounts.services import record_activity
from apps.accounts.types import ActivityItem
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Delivery
from apps.health import measured
from apps.health import services as health
from apps.health.models import AccountHealth, HealthScore

from .measure import cost
from .rolled import ACCOUNTS, NOW, TOUCHED, fill

ACTOR = Actor.job("bench")
MARK = "health.mark_stale"
EVENTS = 200


def _scan() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select count(*), max(day), sum(count) from accounts_dailyrollup")
        cursor.fetchone()


def _one_event(number: int, account: Account, moment: object) -> float:
    """Milliseconds from handing in the event to the stored score, with the delivery in between; other handlers are left out."""
    item = ActivityItem(message_id=f"health-{number}", name="payment.failed", at=moment, account=account.external_id)  # type: ignore[arg-type]
    began = time.perf_counter()
    record_activity([item], source="bench-health", now=moment)  # type: ignore[arg-type]
    for key in Delivery.objects.filter(handler=MARK, state="pending").values_list("pk", flat=True):
        events.deliver(key, now=moment)  # type: ignore[arg-type]
    # The handler reads the real clock, which is not the benchmark's.
    AccountHealth.objects.filter(account=account).update(stale_since=moment)
    assert health.score_stale(now=moment, actor=ACTOR) == 1  # type: ignore[arg-type]
    return (time.perf_counter() - began) * 1000


def run() -> dict[str, float]:
    keys = fill()
    for name, meaning in {"login": "engagement", "report.viewed": "core", "ticket.opened": "support", "payment.failed": "payment"}.items():
        EventName.objects.update_or_create(name=name, defaults={"meaning": meaning})
    touched = keys[:: ACCOUNTS // TOUCHED]
    measured.rows(as_of=NOW)
    scan = min(cost(lambda: [_scan() for _ in range(10)]).cpu for _ in range(3)) / 10
    full = min(cost(lambda: measured.rows(as_of=NOW)).cpu for _ in range(3))
    delta = min(cost(lambda: [measured.rows(as_of=NOW, account_ids=touched) for _ in range(10)]).cpu for _ in range(3)) / 10
    health.score_all(as_of=NOW, now=NOW, actor=ACTOR)
    while health.score_stale(now=NOW, actor=ACTOR):
        pass
    whole = min(
        cost(lambda day=day: health.score_all(as_of=NOW + timedelta(days=day), now=NOW + timedelta(days=day), actor=ACTOR)).cpu  # type: ignore[misc]
        for day in (1, 2)
    )
    accounts = list(Account.objects.filter(pk__in=keys[:EVENTS]).order_by("pk"))
    before = HealthScore.objects.count()
    start = NOW + timedelta(days=2, hours=1)
    times: list[float] = []
    moments = [(number, account, start + timedelta(seconds=number)) for number, account in enumerate(accounts)]
    events_cost = cost(lambda: times.extend(_one_event(*each) for each in moments))
    times.sort()
    return {
        "one_event_p50_ms": round(times[len(times) // 2], 1),
        "one_event_p99_ms": round(times[int(len(times) * 0.99)], 1),
        "one_event_cpu_ms": round(events_cost.cpu / len(accounts) * 1000, 1),
        "scores_added": HealthScore.objects.count() - before,
        "full_over_scan": round(full / scan, 1),
        "delta_over_full": round(delta / full, 3),
        "full_cpu_ms": round(full * 1000),
        "score_all_us_per_account": round(whole / len(keys) * 1e6),
        "accounts": len(keys),
        "touched": len(touched),
    }
