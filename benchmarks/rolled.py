"""Accounts with some months of daily counts, for the benchmarks that score them. FEATURES_ACCOUNTS sets the size."""

import os
from datetime import UTC, datetime, timedelta

from django.db import connection

from apps.accounts.models import Account

ACCOUNTS = int(os.environ.get("FEATURES_ACCOUNTS", "2000"))
# Three names a day: a little over a hundred rollups of each account at the large size.
DAYS = 120 if ACCOUNTS <= 20_000 else 35
TOUCHED = ACCOUNTS // 50
NOW = datetime(2026, 3, 11, tzinfo=UTC)


def fill() -> list[int]:
    """Accounts with some months of three event names, by one statement."""
    Account.objects.bulk_create(
        [Account(external_id=f"rolled-{n}", name=f"Rolled {n}", started_on=NOW.date() - timedelta(days=400)) for n in range(ACCOUNTS)],
        ignore_conflicts=True,
    )
    keys = list(Account.objects.filter(external_id__startswith="rolled-").order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into accounts_dailyrollup (account_id, day, name, count, value)
               select a.id, %s::date - d, n.name, 1 + (a.id * 7 + d * 3) %% 5, 1 + (a.id + d) %% 9
               from accounts_account a, generate_series(1, %s) d, (values ('login'), ('report.viewed'), ('ticket.opened')) n(name)
               where a.external_id like 'rolled-%%' on conflict do nothing""",
            [NOW.date(), DAYS],
        )
        cursor.execute("analyze accounts_dailyrollup")
        cursor.execute("analyze accounts_account")
    return keys
