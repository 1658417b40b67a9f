"""Tests: real PostgreSQL and Valkey, cheap password hashing, one key prefix and one database per test process."""

import os

# Before base reads it. Never inherited: pytest's main process must not hand its own prefix to its workers.
# Processes that a test starts inherit the worker's name, and so its prefix.
os.environ["VALKEY_PREFIX"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

# Tests look for themselves; those of the watch switch it on in the processes they start.
os.environ.setdefault("SYSTEM_WATCH", "0")

from .base import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DEMO = True
# Every client of a test builds its own middleware: a static file is looked for when somebody asks, not all of them each time.
WHITENOISE_AUTOREFRESH = True
# Tests that commit many rows are cleaned up by TRUNCATE, which the history and the ledger refuse everybody else.
DATABASES["default"]["OPTIONS"]["options"] = f"{DATABASES['default']['OPTIONS'].get('options', '')} -c cs.truncate=on".strip()  # type: ignore[index,attr-defined]
