"""What every test stands on: real PostgreSQL, real Valkey, and no network beyond this machine."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import redis
from django.conf import settings
from pytest_socket import socket_allow_hosts

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


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
