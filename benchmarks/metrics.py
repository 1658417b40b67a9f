"""Figures kept from change to change: the same change costs the same whatever the number of accounts, and a whole dashboard is a few look-ups.

METRICS_ACCOUNTS names the sizes, the smaller first (10000,100000 for the figure in the docs).
"""

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account, Team, User
from apps.core.actor import Actor
from apps.metrics import selectors, services
from apps.metrics.keeping import DIFFERENCES

from .measure import cost

SIZES = tuple(int(one) for one in os.environ.get("METRICS_ACCOUNTS", "10000,40000").split(","))
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
ACTOR = Actor.job("bench")
PER_OWNER, CHANGED, ROUNDS = 100, 200, 9

DASHBOARD = (
    *("customers", "arr", "arr_at_risk", "at_risk", "risk", "expected_loss", "health", "poor_health", "renewals_90", "engagement", "nrr", "activity"),
)

_RISK = """
insert into churn_accountrisk (account_id, probability, band, reasons, source)
select id, (seats %% 97) / 100.0, case when seats %% 97 > 60 then 'high' when seats %% 97 > 30 then 'medium' else 'low' end, '[]', 'rule v1'
from accounts_account where external_id like 'met-%%' and id > %s
"""
_HEALTH = """
insert into health_accounthealth (account_id, score, band, coverage, parts)
select id, (seats * 37) %% 100, case when (seats * 37) %% 100 < 40 then 'poor' when (seats * 37) %% 100 < 70 then 'fair' else 'good' end, 100, '[]'
from accounts_account where external_id like 'met-%%' and id > %s
"""
_USED = """
insert into accounts_dailyrollup (account_id, day, name, count, value)
select id, %s::date - (seats %% 40), 'login', 3, 3 from accounts_account where external_id like 'met-%%' and id > %s
"""
_TABLES = ("accounts_account", "accounts_dailyrollup", "churn_accountrisk", "health_accounthealth", "metrics_accounttally", "metrics_tally")


def _grow(to: int) -> None:
    """Accounts up to that number, a hundred per owner, all taken into the sums."""
    have = Account.objects.filter(external_id__startswith="met-").count()
    last = Account.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    team = Team.objects.get_or_create(name="Bench")[0]
    owners = User.objects.bulk_create(
        [User(email=f"met{have + number}@bench.test", password="!", team=team) for number in range((to - have) // PER_OWNER)]
    )
    Account.objects.bulk_create(
        [
            Account(
                external_id=f"met-{number}",
                name=f"Met {number}",
                owner=owners[(number - have) // PER_OWNER],
                plan=("Team", "Pro", "Enterprise")[number % 3],
                segment=("SMB", "Mid", "Large", "")[number % 4],
                seats=number + 1,
                arr=number * 97 % 100_000,
                started_on=NOW.date() - timedelta(days=number % 395),
                renews_on=NOW.date() + timedelta(days=number % 365),
            )
            for number in range(have, to)
        ],
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute(_RISK, [last])
        cursor.execute(_HEALTH, [last])
        cursor.execute(_USED, [NOW.date(), last])
        for table in _TABLES[:4]:
            cursor.execute(f"vacuum analyze {table}")
    while services.wake(now=NOW, limit=100_000):
        _settle()
    services.reckon_sums(now=NOW, actor=ACTOR)
    with connection.cursor() as cursor:
        for table in _TABLES[4:]:
            cursor.execute(f"vacuum analyze {table}")


def _settle() -> None:
    while services.refresh(now=NOW, actor=ACTOR):
        pass


def _change(changed: list[int], number: int) -> None:
    """The same to the same number of accounts of the same number of owners: what they pay and where their health stands."""
    with connection.cursor() as cursor:
        cursor.execute("update accounts_account set arr = arr + %s where id = any(%s)", [number + 1, changed])
        cursor.execute(
            "update health_accounthealth set score = %s, band = %s where account_id = any(%s)",
            [20 + 60 * (number % 2), ("poor", "good")[number % 2], changed],
        )


def _measure() -> dict[str, Any]:
    """CPU seconds of taking a change in, of a dashboard and its statements."""
    changed = list(Account.objects.filter(external_id__startswith="met-").order_by("pk").values_list("pk", flat=True)[:CHANGED])
    rounds = []
    for number in range(ROUNDS):
        _change(changed, number)
        rounds.append(cost(lambda: (services.mark_stale(changed, now=NOW), _settle())).cpu)
    with CaptureQueriesContext(connection) as asked:
        selectors.figures(None, DASHBOARD, now=NOW)
    house = [cost(lambda: selectors.figures(None, DASHBOARD, now=NOW)) for _ in range(ROUNDS)]
    owner = Account.objects.get(pk=changed[0]).owner
    own = [cost(lambda: selectors.figures(User.objects.get(pk=owner.pk), DASHBOARD, now=NOW)) for _ in range(ROUNDS)]
    count = """select count(*), sum(arr), count(*) filter (where r.band = 'high'), avg(h.score) from accounts_account a
        left join churn_accountrisk r on r.account_id = a.id left join health_accounthealth h on h.account_id = a.id where a.stage <> 'churned'"""
    with connection.cursor() as cursor:
        full = cost(lambda: cursor.execute(count))
    return {
        "update": median(rounds),
        "house": median(one.cpu for one in house),
        "own": median(one.cpu for one in own),
        "house_wall": sorted(one.wall for one in house)[-1],
        "statements": len(asked),
        "counting": full.cpu,
    }


def run() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
    found: dict[int, dict[str, Any]] = {}
    recounts = []
    for size in SIZES:
        _grow(size)
        found[size] = _measure()
        with connection.cursor() as cursor:
            cursor.execute(f"select count(*) from ({DIFFERENCES}) d")  # noqa: S608
            assert cursor.fetchone()[0] == 0, "a sum is not that of its accounts"
        recounts.append(services.recount(now=NOW, actor=ACTOR))
    assert [(one.differing, one.tallies) for one in recounts] == [(0, 0)] * len(SIZES), recounts
    told: dict[str, float] = {}
    for size, one in found.items():
        told |= {
            f"update_cpu_us_per_account_at_{size}": round(one["update"] / CHANGED * 1e6),
            f"dashboard_cpu_ms_at_{size}": round(one["house"] * 1000, 2),
            f"own_dashboard_cpu_ms_at_{size}": round(one["own"] * 1000, 2),
            f"dashboard_slowest_wall_ms_at_{size}": round(one["house_wall"] * 1000, 1),
            f"counting_cpu_ms_at_{size}": round(one["counting"] * 1000, 1),
        }
    ratios = [found[larger]["update"] / found[smaller]["update"] for smaller, larger in pairwise(SIZES)]
    return {
        "update_ratio": round(max(ratios, default=1.0), 2),
        "changed_accounts": CHANGED,
        "dashboard_figures": len(DASHBOARD),
        "dashboard_statements": found[SIZES[-1]]["statements"],
        "recount_seconds": round(recounts[-1].seconds, 1),
        "recount_differing": sum(one.differing + one.tallies for one in recounts),
        **told,
    }
