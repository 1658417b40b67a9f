"""Lists at a million accounts: the admin's, its search and its far pages, the portfolio and an account's page.

Each figure stands beside the same at ten thousand accounts, and beside the pattern of a plain change list (full count, numbered pages by OFFSET,
a search through every row). Database CPU is that of the connection's own process, averaged over repeated requests.
"""

import html
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account, User

from .measure import backend_cpu, bare

FEW, MANY = 10_000, int(os.environ.get("CS_BENCH_ROWS", "1000000"))
REPEATS = 40
NOW = datetime(2026, 3, 11, tzinfo=UTC)
LIST = "/admin/accounts/account/"
# In one of two thousand, in none, in all, and the id of one whose parts occur in all.
SEARCHES = ("abc1", "zzzzqq", "company", "million-5000")

_ACCOUNTS = """
insert into accounts_account (external_id, name, domain, plan, stage, owner_id, time_zone, currency, arr, started_on, renews_on, traits, synthetic,
                              tier, segment)
select 'million-' || n, 'Company ' || md5(n::text), substr(md5('d' || n), 1, 12) || '.test', 'plan ' || n %% 4,
       case when n %% 12 = 0 then 'onboarding' else 'active' end, %(owner)s, 'UTC', 'USD', (n * 7919) %% 90000,
       %(today)s::date - (n %% 900)::int, %(today)s::date + (n %% 365)::int, '{}', true, 'tier ' || n %% 3, 'segment ' || n %% 5
from generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
_RISKS = """
insert into churn_accountrisk (account_id, probability, stake, band, reasons, source, as_of)
select id, (id * 7919 %% 1000) / 1000.0, arr::float8 * (id * 7919 %% 1000) / 1000.0, case when id * 7919 %% 1000 > 900 then 'high' else 'low' end,
       '[{"feature": "since", "words": "No activity for 9 days", "value": 9, "contribution": 0.4}]', 'rule v1', %(now)s
from accounts_account a where synthetic and not exists (select 1 from churn_accountrisk r where r.account_id = a.id)
"""
# What a plain change list asks: an exact count, a numbered page far down, a search that reads every row.
_NAIVE = {
    "count": "select count(*) from accounts_account",
    "page": "select * from accounts_account order by name, id offset %(far)s limit 50",
    "search": """select * from accounts_account where external_id::text ilike '%%%%9999%%%%' or name ilike '%%%%abc1%%%%' or plan ilike '%%%%abc1%%%%'
                 order by name limit 50""",
}


def _fill(first: int, last: int, owner: int) -> None:
    with connection.cursor() as cursor, bare("accounts_account", "churn_accountrisk"):
        for start in range(first, last + 1, 100_000):
            cursor.execute(_ACCOUNTS, {"first": start, "last": min(start + 99_999, last), "owner": owner, "today": NOW.date()})
        cursor.execute(_RISKS, {"now": NOW})


def _cpu(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Database CPU in ms of one call, on a connection that has answered the same before."""
    for _ in range(min(repeats, 12)):
        work()
    began = backend_cpu()
    for _ in range(repeats):
        work()
    return (backend_cpu() - began) * 1000 / repeats


def _get(client: Client, path: str, **headers: str) -> Any:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer


def _pages(client: Client) -> dict[str, str]:
    """The addresses that are timed; the far page is the one before the last."""
    page = _get(client, f"{LIST}?end=1").content.decode()
    previous = re.search(r'<a href="([^"]*)" rel="prev">', page)
    assert previous is not None
    return {
        "list": LIST,
        "far": LIST + html.unescape(previous[1]),
        **{f"search {words}": f"{LIST}?q={words}" for words in SEARCHES},
        "portfolio": "/portfolio/",
        **{f"portfolio search {words}": f"/portfolio/?q={words}" for words in SEARCHES},
        "account": f"/accounts/{Account.objects.filter(synthetic=True).order_by('id').values_list('pk', flat=True)[5]}/",
    }


def _measure(client: Client) -> tuple[dict[str, float], dict[str, int]]:
    costs, queries = {}, {}
    for name, path in _pages(client).items():
        costs[name] = _cpu(lambda path=path: _get(client, path))  # type: ignore[misc]
        with CaptureQueriesContext(connection) as asked:
            _get(client, path)
        queries[name] = len(asked)
    return costs, queries


def _naive() -> float:
    with connection.cursor() as cursor:

        def ask() -> None:
            for statement in (_NAIVE["count"], _NAIVE["page"]):
                cursor.execute(statement, {"far": MANY - 100})
                cursor.fetchall()

        return _cpu(ask, 2)


def run() -> dict[str, Any]:
    user = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("million@bench.test", "bench-password-1")
    client = Client()
    client.force_login(user)
    _fill(1, FEW, user.pk)
    few, _ = _measure(client)
    _fill(FEW + 1, MANY, user.pk)
    many, queries = _measure(client)
    with connection.cursor() as cursor:
        # Dead rows stay until vacuum: a plain count would now read them all.
        cursor.execute("alter table accounts_account set (autovacuum_enabled = off)")
        cursor.execute("update accounts_account set arr = arr + 1 where synthetic and id % 3 = 0")
        cursor.execute("alter table churn_accountrisk set (autovacuum_enabled = off)")
        cursor.execute("update churn_accountrisk set stake = stake + 1 where account_id % 3 = 0")
    updated, queries_after = _measure(client)
    naive = _naive()
    with connection.cursor() as cursor:
        for table in ("accounts_account", "churn_accountrisk"):
            cursor.execute(f"alter table {table} reset (autovacuum_enabled)")
    return {
        "accounts": MANY,
        "queries": {name: max(queries[name], queries_after[name]) for name in queries},
        "before": _figures(few, many),
        "a third changed": _figures(few, updated),
        "naive_over_ours": round(naive / max(updated["far"], 0.5), 1),
    }


def _figures(few: dict[str, float], many: dict[str, float]) -> dict[str, Any]:
    """Database CPU (ms), and what must hold: page N <= 2 x page 1, search <= 5 x page 1, a million <= 1.5 x ten thousand."""
    searches = {
        name: cost / max(many["portfolio" if name.startswith("portfolio") else "list"], 0.5) for name, cost in many.items() if "search" in name
    }
    return {
        "db_cpu_ms": {name: round(cost, 1) for name, cost in many.items()},
        "far_over_first": round(many["far"] / max(many["list"], 0.5), 2),
        "search_over_first": {name: round(ratio, 2) for name, ratio in searches.items()},
        "million_over_ten_thousand": {name: round(max(many[name], 0.5) / max(few[name], 0.5), 2) for name in many},
    }
