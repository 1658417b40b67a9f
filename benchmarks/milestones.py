"""Everybody's milestones judged anew by set-based SQL, against one GROUP BY over the same rollups; one event to the stored progress.

MILESTONES_ACCOUNTS sets the size (100000 for the figure in the docs). Accounts come in groups that did the same: one group is judged by the product
row by row, the others get copies of its rows; the look at everybody must then find nobody who differs, which shows that both ways agree.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from apps.accounts.models import Account
from apps.accounts.services import record_activity
from apps.accounts.types import ActivityItem
from apps.core.actor import Actor
from apps.milestones import services, whole
from apps.milestones.models import Milestone, Progress

from .measure import bare, cost

ACCOUNTS = int(os.environ.get("MILESTONES_ACCOUNTS", "10000"))
PART = min(ACCOUNTS // 20, 100)
DAYS, MILESTONES, EVENTS = 90, 50, 100
NAMES = tuple(f"act.{number}" for number in range(12))
NOW = datetime(2026, 3, 11, tzinfo=UTC)
ACTOR = Actor.job("bench")

_ROLLUPS = """
insert into accounts_dailyrollup (account_id, day, name, count, value)
select a.id, %(today)s::date - d, 'act.' || n, 1 + (k.k * 7 + d * 3 + n) %% 4, 1 + (k.k + d + n) %% 9
from accounts_account a cross join lateral (select a.seats %% %(part)s as k) k, generate_series(1, %(days)s) d, generate_series(0, 11) n
where a.external_id like 'path-%%' and (k.k * 31 + d * 17 + n * 13) %% 11 < 1 + (k.k + n) %% 2
"""
_COPIES = """
insert into milestones_progress (account_id, milestone_id, version_id, variant, state, opened_at, offered_at, started_at, achieved_at, noticed_at,
    found_at, via, proof, source, have, target, pace, behind_at, stuck_at, ruled, paused_at, rested)
select b.id, p.milestone_id, p.version_id, p.variant, p.state, p.opened_at, p.offered_at, p.started_at, p.achieved_at, p.noticed_at,
    p.found_at, p.via, p.proof, p.source, p.have, p.target, p.pace, p.behind_at, p.stuck_at, p.ruled, p.paused_at, p.rested
from milestones_progress p join accounts_account a on a.id = p.account_id
join accounts_account b on b.external_id like 'path-%%' and b.seats %% %(part)s = a.seats and b.seats >= %(part)s
where a.external_id like 'path-%%' and a.seats < %(part)s
order by p.milestone_id, b.id
"""
_GROUP_BY = "select count(*) from (select account_id, name, sum(count), sum(value), max(day) from accounts_dailyrollup group by 1, 2) g"


def _criteria(number: int) -> dict[str, Any]:
    """Counts ever and within windows, sums, both together, and other milestones."""
    name, other = NAMES[number % 12], NAMES[(number * 5 + 1) % 12]
    match number % 5:
        case 0:
            return {"count": name, "at_least": 3 + number}
        case 1:
            return {"count": name, "at_least": 2 + number // 5, "within_days": 28}
        case 2:
            return {"sum": name, "at_least": 20 + 4 * number}
        case 3:
            return {"all": [{"count": name, "at_least": 4, "within_days": 14}, {"count": other, "at_least": 5}]}
        case _:
            return {"any": [{"milestone": f"path-{number - 2}"}, {"count": other, "at_least": 12, "within_days": 28}]}


def _fill() -> None:
    start = NOW.date() - timedelta(days=400)
    Account.objects.bulk_create(
        [Account(external_id=f"path-{number}", name=f"Path {number}", seats=number, started_on=start) for number in range(ACCOUNTS)], batch_size=5_000
    )
    with bare("accounts_dailyrollup"), connection.cursor() as cursor:
        cursor.execute(_ROLLUPS, {"today": NOW.date(), "days": DAYS, "part": PART})
    for number in range(MILESTONES):
        says = {
            "words": {"en": {"name": f"Path {number}", "text": "Do it."}},
            "value": "It is worth it.",
            "criteria": _criteria(number),
            "needs": [f"path-{number - 7}"] if number % 3 == 0 and number >= 7 else [],
            "variants": [{"key": "gentle", "factor": 0.7}, {"key": "standard", "factor": 1.0}, {"key": "stretch", "factor": 1.3}],
        }
        made = services.create(key=f"path-{number}", name=f"Path {number}", says=says, actor=ACTOR, now=NOW)
        Milestone.objects.filter(pk=made.pk).update(state="live", live_at=NOW)
    model = list(Account.objects.filter(external_id__startswith="path-", seats__lt=PART).order_by("pk").values_list("pk", flat=True))
    services.evaluate(model, now=NOW, actor=ACTOR, told=False)
    with connection.cursor() as cursor:
        cursor.execute("update milestones_progress set variant = (array['gentle', 'standard', 'stretch'])[1 + (account_id + milestone_id) % 3]")
    services.evaluate(model, now=NOW, actor=ACTOR, told=False)


def _copy() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COPIES, {"part": PART})
        cursor.execute("vacuum analyze milestones_progress")
        cursor.execute("vacuum analyze accounts_account")


def _group_by() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GROUP_BY)
        cursor.fetchone()


def _one_event(number: int, account: Account) -> float:
    """Milliseconds from handing in the event to the stored progress; the mark is made by hand, as its handler does."""
    moment = NOW + timedelta(hours=1, seconds=number)
    item = ActivityItem(message_id=f"path-{number}", name=NAMES[number % 12], at=moment, account=account.external_id)
    began = time.perf_counter()
    record_activity([item], source="bench-milestones", now=moment)
    services.mark_stale([account.pk], now=moment)
    assert services.evaluate_stale(now=moment, actor=ACTOR) == 1
    return (time.perf_counter() - began) * 1000


def run() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
    filling = cost(_fill)
    _copy()
    pairs, reached = Progress.objects.count(), Progress.objects.filter(state="achieved").count()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from accounts_dailyrollup")
        (rollups,) = cursor.fetchone()
    group_by = min(cost(_group_by).cpu for _ in range(3))
    found: list[int] = [-1]

    def look() -> None:
        found[:] = whole.differing(now=NOW)

    rounds = [cost(look) for _ in range(2)]
    assert found == [], f"{len(found)} accounts differ although nothing happened"
    touched = list(Account.objects.filter(external_id__startswith="path-", seats__range=(PART, PART + ACCOUNTS // 100)).order_by("pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into accounts_dailyrollup (account_id, day, name, count, value)
               select id, %s, 'act.0', 40, 40 from accounts_account where id = any(%s)""",
            [NOW.date() - timedelta(days=100), [account.pk for account in touched]],
        )
    changed: list[int] = []
    again = cost(lambda: changed.append(services.evaluate_all(now=NOW, actor=ACTOR, told=False)))
    times = sorted(_one_event(number, account) for number, account in enumerate(touched[:EVENTS]))
    return {
        "over_group_by": round(min(one.cpu for one in rounds) / group_by, 2),
        "group_by_cpu_ms": round(group_by * 1000),
        "look_cpu_ms": round(min(one.cpu for one in rounds) * 1000),
        "accounts": ACCOUNTS,
        "milestones": MILESTONES,
        "progress_rows": pairs,
        "reached_share": round(reached / pairs, 3),
        "rollups": rollups,
        "differ_when_nothing_happened": len(found),
        "touched_accounts": len(touched),
        "rows_changed_after": changed[0],
        "with_touched_cpu_ms": round(again.cpu * 1000),
        "judged_one_by_one_us_per_row": round(filling.cpu / 2 / (PART * MILESTONES) * 1e6),
        "one_event_p50_ms": round(times[len(times) // 2], 1),
        "one_event_p95_ms": round(times[int(len(times) * 0.95)], 1),
    }
