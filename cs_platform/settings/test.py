"""Tests: real PostgreSQL and Valkey, cheap password hashing, one key prefix and one database per test process."""

import os

from .base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DEMO = True
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
# Processes that a test starts (worker, web) carry the prefix in their environment already.
VALKEY_PREFIX = os.environ.setdefault("VALKEY_PREFIX", f"test-{_worker}")
CACHES["default"]["KEY_PREFIX"] = VALKEY_PREFIX  # noqa: F405
CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = f"{VALKEY_PREFIX}.live"  # noqa: F405
CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{VALKEY_PREFIX}.work."  # noqa: F405
