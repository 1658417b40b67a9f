"""Point-in-time features of every account by one statement, against a bare scan of the rollups, and of the touched accounts only.

FEATURES_ACCOUNTS sets the size; 100000 makes about ten million rollups and takes some minutes to fill.
"""

import os
from datetime import UTC, datetime, timedelta

from django.db import connection

from apps.accounts.models import Account
from apps.churn import features

from .measure import cost

ACCOUNTS = int(os.environ.get("FEATURES_ACCOUNTS", "2000"))
# Three names a day: a little over a hundred rollups of each account at the large size.
DAYS = 120 if ACCOUNTS <= 20_000 else 35
TOUCHED = ACCOUNTS // 50
NOW = datetime(2026, 3, 11, tzinfo=UTC)


def fill() -> list[int]:
    """Accounts with some months of three event names, by one statement."""
    Account.objects.bulk_create(
        [Account(external_id=f"features-{n}", name=f"Features {n}", started_on=NOW.date() - timedelta(days=400)) for n in range(ACCOUNTS)],
        ignore_conflicts=True,
    )
    keys = list(Account.objects.filter(external_id__startswith="features-").order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into accounts_dailyrollup (account_id, day, name, count, value)
               select a.id, %s::date - d, n.name, 1 + (a.id * 7 + d * 3) %% 5, 1 + (a.id + d) %% 9
               from accounts_account a, generate_series(1, %s) d, (values ('login'), ('report.viewed'), ('ticket.opened')) n(name)
               where a.external_id like 'features-%%' on conflict do nothing""",
            [NOW.date(), DAYS],
        )
        cursor.execute("analyze accounts_dailyrollup")
        cursor.execute("analyze accounts_account")
    return keys


def _scan() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select count(*), max(day), sum(count) from accounts_dailyrollup")
        cursor.fetchone()


def run() -> dict[str, float]:
    keys = fill()
    touched = keys[:: ACCOUNTS // TOUCHED]
    features.rows(as_of=NOW)
    scan = min(cost(lambda: [_scan() for _ in range(10)]).cpu for _ in range(3)) / 10
    full = min(cost(lambda: features.rows(as_of=NOW)).cpu for _ in range(3))
    delta = min(cost(lambda: [features.rows(as_of=NOW, account_ids=touched) for _ in range(10)]).cpu for _ in range(3)) / 10
    return {
        "full_over_scan": round(full / scan, 1),
        "delta_over_full": round(delta / full, 3),
        "accounts": len(keys),
        "rollups": len(keys) * DAYS * 3,
        "touched": len(touched),
        "full_cpu_ms": round(full * 1000),
    }
