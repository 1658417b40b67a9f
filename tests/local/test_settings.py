"""A wrong or missing setting stops the start with one line that says what to set."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "DATABASE_URL": "postgres://u:p@127.0.0.1:5432/cs",
    "VALKEY_URL": "redis://127.0.0.1:6379/0",
    "SECRET_KEY": "x" * 50,
    "DJANGO_SETTINGS_MODULE": "cs_platform.settings.dev",
}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env={key: value for key, value in env.items() if value}, capture_output=True, text=True
    )


def test_the_good_settings_start():
    assert start().returncode == 0


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set."),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL does not name a PostgreSQL database."),
        ({"VALKEY_URL": ""}, "VALKEY_URL (or REDIS_URL) is not set."),
        ({"VALKEY_URL": "http://x"}, "VALKEY_URL is 'http://x'."),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
        ({"EMAIL_PORT": "often"}, "EMAIL_PORT is 'often': set it to a whole number from 1 to 65535."),
        ({"EMAIL_USE_TLS": "maybe"}, "EMAIL_USE_TLS is 'maybe': set it to 1 (on) or 0 (off)."),
        ({"DJANGO_SETTINGS_MODULE": "cs_platform.settings.prod"}, "BASE_URL is not set."),
        (
            {"DJANGO_SETTINGS_MODULE": "cs_platform.settings.prod", "BASE_URL": "http://success.example.com"},
            "BASE_URL is 'http://success.example.com': set it to the public https:// address.",
        ),
        (
            {"DJANGO_SETTINGS_MODULE": "cs_platform.settings.prod", "BASE_URL": "https://success.example.com"},
            "ALLOWED_HOSTS is not set.",
        ),
    ],
)
def test_a_wrong_setting_stops_with_one_line(changes, line):
    done = start(**changes)
    assert done.returncode == 1
    assert done.stderr.startswith(line)
    assert len(done.stderr.strip().splitlines()) == 1


def test_redis_url_is_read_too():
    assert start(VALKEY_URL="", REDIS_URL="redis://127.0.0.1:6379/0").returncode == 0
