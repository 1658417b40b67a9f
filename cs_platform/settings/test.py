"""Tests: real PostgreSQL and Valkey, cheap password hashing, one key prefix and one database per test process."""

import os

# Before base reads it; processes that a test starts (worker, web) inherit it.
os.environ.setdefault("VALKEY_PREFIX", f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")

from .base import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DEMO = True
