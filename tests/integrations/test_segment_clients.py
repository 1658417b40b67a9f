"""The real SDKs against the running door."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from segment.analytics.client import Client

from apps.accounts.models import ActivityEvent, Contact
from apps.core import clock
from apps.integrations import services
from apps.integrations.models import Rejection

NODE_MODULES = Path(__file__).resolve().parents[2] / "var" / "node" / "node_modules"
NODE_SCRIPT = """
const {Analytics} = require('@segment/analytics-node');
const [host, writeKey] = process.argv.slice(1);
const analytics = new Analytics({writeKey, host, flushAt: 3, flushInterval: 100, maxRetries: 0});
let failed = 0;
analytics.on('error', () => { failed = 1; });
analytics.identify({userId: 'u1', traits: {email: 'ada@acme.test', name: 'Ada'}});
analytics.track({userId: 'u1', event: 'Report Exported', properties: {value: 4}});
analytics.group({userId: 'u1', groupId: 'acme', traits: {name: 'Acme', plan: 'pro'}});
analytics.page({userId: 'u1', name: 'Start'});
analytics.closeAndFlush({timeout: 10000}).then(() => process.exit(failed));
"""


@pytest.fixture
def write_key(transactional_db) -> Iterator[str]:
    yield services.create_source(name="sdk", now=clock.now())[1]
    # A client keeps its connection open, and with it the server's thread its session, which would stand in the way of dropping the database.
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")


def assert_everything_arrived() -> None:
    person = Contact.objects.select_related("account").get()
    assert (person.external_id, person.email, person.name) == ("u1", "ada@acme.test", "Ada")
    assert (person.account.external_id, person.account.name, person.account.plan) == ("acme", "Acme", "pro")
    assert sorted(ActivityEvent.objects.values_list("source", "account__external_id", "name", "value")) == [
        ("sdk", "acme", "Report Exported", 4.0),
        ("sdk", "acme", "Viewed page", 1.0),
    ]
    assert not Rejection.objects.filter(replayed_at=None).exists()


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("per_batch", [100, 1])
def test_the_segment_python_client_is_served(live_server, write_key, gzip, per_batch):
    errors = []
    options = {"max_retries": 0, "gzip": gzip, "upload_size": per_batch, "upload_interval": 0.05}
    client = Client(write_key, host=live_server.url, on_error=lambda error, batch: errors.append(error), **options)
    client.identify("u1", {"email": "ada@acme.test", "name": "Ada"})
    client.track("u1", "Report Exported", {"value": 4})
    client.group("u1", "acme", {"name": "Acme", "plan": "pro"})
    client.page("u1", name="Start")
    client.flush()
    client.join()

    assert errors == []
    assert_everything_arrived()


def test_the_segment_python_client_reports_a_wrong_key_and_does_not_try_again(live_server, write_key):
    errors = []
    client = Client("csw_wrong", host=live_server.url, on_error=lambda error, batch: errors.append(error), max_retries=3)
    client.track("u1", "Report Exported")
    client.flush()
    client.join()
    assert [(error.status, error.code) for error in errors] == [(401, "unauthorized")]


@pytest.mark.node
def test_the_segment_node_client_is_served(live_server, write_key):
    node = shutil.which("node")
    if node is None or not (NODE_MODULES / "@segment" / "analytics-node").is_dir():
        pytest.skip("NOT RUN: node with @segment/analytics-node is not in var/node (npm install --prefix var/node @segment/analytics-node)")
    command = [node, "-e", NODE_SCRIPT, live_server.url, write_key]
    done = subprocess.run(command, env={**os.environ, "NODE_PATH": str(NODE_MODULES)}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert_everything_arrived()
