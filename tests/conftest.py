"""What every test stands on: real PostgreSQL, real Valkey, and no network beyond this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
import redis
from django.conf import settings
from django.db import connection
from pytest_socket import socket_allow_hosts

from cs_platform import schema
from tests import make

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# How long an example takes tells of the machine: what is slow is found by the benchmarks.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_configure() -> None:
    if "DATABASE_URL" not in os.environ:
        raise pytest.UsageError('The tests need their own PostgreSQL and Valkey: run them with make test ARGS="tests/churn -k rule".')


@pytest.fixture(autouse=True)
def only_this_machine() -> None:
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


@pytest.fixture
def now() -> datetime:
    """A Wednesday at noon UTC: inside everybody's working hours that the tests use."""
    return datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def forget_keys() -> None:
    """Delete this test process's keys in Valkey; `cache.clear()` would empty the whole server under its neighbours."""
    with redis.Redis.from_url(settings.VALKEY_URL) as client:
        if keys := list(client.scan_iter(f"{settings.VALKEY_PREFIX}*", count=1000)):
            client.delete(*keys)


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """`with scratch():` the connection leads to an empty database, for tests of the migrations themselves."""
    with django_db_blocker.unblock():
        yield lambda: schema.scratch_database(connection)


# So many dead rows would be worth a vacuum.
_MANY = 10_000
_TABLES = """
select relname, reltuples > 0, relkind = 'p' from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and relname <> 'django_migrations'
"""


@pytest.fixture(scope="session", autouse=True)
def only_what_was_written_is_cleared() -> None:
    """A test that committed is cleared by deleting from the few tables with rows: to truncate all 230 of them takes a second each time."""

    def sql_flush(style: Any, tables: list[str], *, reset_sequences: bool = False, allow_cascade: bool = False) -> list[str]:
        with connection.cursor() as cursor:
            # All tables, as some stand behind another without a model of their own.
            cursor.execute(_TABLES)
            known = cursor.fetchall()
            count = "select '{0}', count(*) from (select from \"{0}\" limit {1}) as found having count(*) > 0"
            cursor.execute(" union all ".join(count.format(name, _MANY) for name, *_ in known))
            full = dict(cursor.fetchall())
        if not full:
            return []
        if max(full.values()) == _MANY:
            return truncate(style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
        # As a replica: keys and the triggers that keep the history are not asked. What was counted before is counted as empty again.
        counted = [name for name, is_counted, has_months in known if is_counted or (has_months and name in full)]
        return [
            "set local session_replication_role = replica",
            *(f'delete from "{name}"' for name in full),
            *(f'analyze "{name}"' for name in counted),
        ]

    truncate = connection.ops.sql_flush
    connection.ops.sql_flush = sql_flush  # type: ignore[method-assign,assignment]


# What lots are drawn by: holdouts, variants and tips by the account or person, models by their version, runs of plays by their own number.
_DRAWN_BY = ("accounts_account", "accounts_contact", "churn_modelversion", "interventions_enrolment")
_NUMBERED_ALIKE = ";".join(
    f"select setval(pg_get_serial_sequence('{table}', 'id'), {10_000 * place}) where not exists (select from {table})"
    for place, table in enumerate(_DRAWN_BY, 1)
)


@pytest.fixture(autouse=True)
def same_numbers_in_every_run(request: pytest.FixtureRequest) -> None:
    """Who is drawn hangs on numbers and keys: those of the database and of `make` begin alike, whatever tests ran before this one."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("_django_db_helper")
        with connection.cursor() as cursor:
            cursor.execute(_NUMBERED_ALIKE)
            cursor.execute("select exists (select from accounts_account) or exists (select from accounts_user)")
            [is_inhabited] = cursor.fetchone()
        if not is_inhabited:
            make.begin_anew()


@pytest.fixture(autouse=True)
def clean_cache() -> Iterator[None]:
    """Feature flags are cached in Valkey, which a rolled-back test does not undo."""
    yield
    forget_keys()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tests that could not run are named at the end, never silently passed."""
    missing = [report for report in terminalreporter.stats.get("skipped", []) if "NOT RUN" in str(report.longrepr)]
    if missing:
        terminalreporter.section("NOT RUN")
        for report in missing:
            terminalreporter.line(f"{report.nodeid}: {str(report.longrepr[2]).removeprefix('Skipped: ')}")
