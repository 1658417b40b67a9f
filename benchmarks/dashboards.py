"""200 dashboards of 12 widgets over many accounts and much activity: what the data of a page costs, and in how many statements.

BOARD_ACCOUNTS and BOARD_ACTIVITY set the sizes (100000 and 10000000 for the figures in the docs).
"""

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account, Team, User
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.dashboards.boards import reading, saving
from apps.dashboards.models import Dashboard
from apps.metrics import services

from .measure import bare, cost

ACCOUNTS = int(os.environ.get("BOARD_ACCOUNTS", "10000"))
ACTIVITY = int(os.environ.get("BOARD_ACTIVITY", str(20 * ACCOUNTS)))
BOARDS, PER_OWNER = 200, 100
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
ACTOR = Actor.job("bench")
_ACTIVITY = """
insert into accounts_activityevent (account_id, name, at, received_at, message_id, source, value, properties)
select a.id, 'act.' || (n %% 6), %(now)s - (random() * interval '9 days'), %(now)s, 'b-' || a.id || '-' || n, 'bench', 1, '{}'
from accounts_account a, generate_series(1, %(each)s) n where a.external_id like 'brd-%%'
"""
_ROLLUPS = """
insert into accounts_dailyrollup (account_id, day, name, count, value)
select id, %(today)s::date - (seats %% 40), 'login', 3, 3 from accounts_account where external_id like 'brd-%%'
"""
_RISK = """
insert into churn_accountrisk (account_id, probability, band, reasons, source)
select id, (seats %% 97) / 100.0, case when seats %% 97 > 60 then 'high' when seats %% 97 > 30 then 'medium' else 'low' end, '[]', 'rule v1'
from accounts_account where external_id like 'brd-%%'
"""
_HEALTH = """
insert into health_accounthealth (account_id, score, band, coverage, parts)
select id, (seats * 37) %% 100, case when (seats * 37) %% 100 < 40 then 'poor' when (seats * 37) %% 100 < 70 then 'fair' else 'good' end, 100, '[]'
from accounts_account where external_id like 'brd-%%'
"""
# Twelve widgets, one of nearly every kind; which figures differ from dashboard to dashboard.
_FIGURES = ("customers", "arr", "arr_at_risk", "at_risk", "expected_loss", "health", "poor_health", "renewals_90", "engagement", "open_tasks")
_OTHERS = ("bar", "line", "table", "scatter", "distribution", "cohorts", "alerts", "feed")


def _fill_world() -> list[User]:
    team = Team.objects.create(name="Bench of dashboards")
    group = Group.objects.get(name=Role.CSM.value)
    owners = User.objects.bulk_create(
        [User(email=f"brd{number}@bench.test", password="!", team=team) for number in range(max(1, ACCOUNTS // PER_OWNER))]
    )
    for owner in owners:
        owner.groups.add(group)
    Account.objects.bulk_create(
        [
            Account(
                external_id=f"brd-{number}",
                name=f"Brd {number}",
                owner=owners[number // PER_OWNER % len(owners)],
                plan=("Team", "Pro", "Enterprise")[number % 3],
                seats=number + 1,
                arr=number * 97 % 100_000,
                started_on=NOW.date() - timedelta(days=number % 900),
                renews_on=NOW.date() + timedelta(days=number % 365),
            )
            for number in range(ACCOUNTS)
        ],
        batch_size=5_000,
    )
    with bare("accounts_dailyrollup", "churn_accountrisk", "health_accounthealth"), connection.cursor() as cursor:
        cursor.execute(_ROLLUPS, {"today": NOW.date()})
        cursor.execute(_RISK, {})
        cursor.execute(_HEALTH, {})
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVITY, {"now": NOW, "each": max(1, ACTIVITY // ACCOUNTS)})
        cursor.execute("vacuum analyze accounts_account")
    while services.wake(now=NOW, limit=100_000):
        while services.refresh(now=NOW, actor=ACTOR):
            pass
    services.reckon_sums(now=NOW, actor=ACTOR)
    with connection.cursor() as cursor:
        for table in ("metrics_accounttally", "metrics_tally"):
            cursor.execute(f"vacuum analyze {table}")
    return owners


def _arrange(owners: list[User]) -> list[tuple[Dashboard, User]]:
    """Every fourth is the house's and read by somebody who sees all; the others are of one book."""
    chief = User.objects.create(email="chief@bench.test", password="!", is_superuser=True, is_staff=True)
    made = []
    for number in range(BOARDS):
        figures = [{"kind": "figure", "metrics": [_FIGURES[(number + place) % len(_FIGURES)]], "x": 3 * place} for place in range(4)]
        others: list[dict[str, Any]] = [
            {"kind": kind, "y": 2 + 4 * (place // 2), "x": 6 * (place % 2), "metrics": [_FIGURES[number % 5]], "dimension": "plan"}
            for place, kind in enumerate(_OTHERS)
        ]
        reader = chief if number % 4 == 0 else owners[number % len(owners)]
        board = saving.create(
            reader if reader is not chief else None, {"name": f"Board {number}", "widgets": [*figures, *others]}, now=NOW, sees="everybody"
        )
        made.append((board, reader))
    return made


def _share(times: list[float], part: float) -> float:
    return round(1000 * sorted(times)[min(len(times) - 1, int(len(times) * part))], 1)


def run() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
    boards = _arrange(_fill_world())
    for board, reader in boards[:8]:
        reading.data(reader, board.current.says["widgets"], now=NOW)
    own, house, cpu, counts = [], [], [], []
    for board, reader in boards:
        widgets = Dashboard.objects.select_related("current").get(pk=board.pk).current.says["widgets"]
        began = time.perf_counter()
        spent = cost(lambda reader=reader, widgets=widgets: reading.data(reader, widgets, now=NOW))
        (house if reader.is_superuser else own).append(time.perf_counter() - began)
        cpu.append(spent.cpu)
        with CaptureQueriesContext(connection) as queries:
            found = reading.data(reader, widgets, now=NOW)
        counts.append(len(queries))
        assert not [each for each in found.values() if "error" in each]
    one, reader = boards[1]
    moved = [widget for widget in one.current.says["widgets"] if widget["kind"] == "figure"][:1]
    single = [cost(lambda: reading.data(reader, moved, now=NOW)).wall for _ in range(50)]
    return {
        "accounts": ACCOUNTS,
        "activity": ACTIVITY,
        "boards": len(boards),
        "widgets_each": 12,
        "own_book_p50_ms": _share(own, 0.5),
        "own_book_p95_ms": _share(own, 0.95),
        "whole_house_p50_ms": _share(house, 0.5),
        "whole_house_p95_ms": _share(house, 0.95),
        "cpu_p95_ms": _share(cpu, 0.95),
        "statements_most": max(counts),
        "statements_least": min(counts),
        "one_widget_again_p95_ms": _share(single, 0.95),
    }
