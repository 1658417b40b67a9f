"""The real SDKs against the running door."""

import importlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from segment.analytics.client import Client

from apps.accounts.models import ActivityEvent, Contact, Identity
from apps.accounts.services import rollups
from apps.core import clock
from apps.integrations import services
from apps.integrations.models import Rejection
from tests.integrations.bad_road import CLIENT_TIMEOUT, MODES, Road

NODE_MODULES = Path(__file__).resolve().parents[2] / "var" / "node" / "node_modules"
NODE_SCRIPT = """
const {Analytics} = require('@segment/analytics-node');
const runs = JSON.parse(process.argv[1]);
async function say({host, key, tag}) {
  const analytics = new Analytics({writeKey: key, host, flushAt: 3, flushInterval: 100, maxRetries: 6, httpRequestTimeout: 1000});
  const errors = []; analytics.on('error', error => errors.push(String(error.code)));
  const userId = `u-${tag}`;
  analytics.identify({userId, anonymousId: `a-${tag}`, traits: {email: `ada@${tag}.test`, name: 'Ada'}});
  analytics.track({userId, event: 'Report Exported', properties: {value: 4}});
  analytics.group({userId, groupId: `g-${tag}`, traits: {name: 'Acme', plan: 'pro'}});
  analytics.page({userId, name: 'Start'});
  analytics.screen({userId, name: 'Home'});
  analytics.alias({previousId: `v-${tag}`, userId});
  await analytics.closeAndFlush({timeout: 20000});
  return [tag, errors];
}
Promise.all(runs.map(say)).then(done => console.log(JSON.stringify(done)));
"""


@pytest.fixture
def write_key(transactional_db) -> Iterator[str]:
    yield services.create_source(name="sdk", now=clock.now())[1]
    # A client keeps its connection open, and with it the server's thread its session, which would stand in the way of dropping the database.
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")


def assert_stored_once(tag: str) -> None:
    person = Contact.objects.select_related("account").get(external_id=f"u-{tag}")
    assert (person.email, person.name) == (f"ada@{tag}.test", "Ada"), tag
    assert (person.account.external_id, person.account.name, person.account.plan) == (f"g-{tag}", "Acme", "pro"), tag
    stored = ActivityEvent.objects.filter(account=person.account).values_list("contact__external_id", "name", "value")
    assert sorted(stored) == [(f"u-{tag}", "Report Exported", 4.0), (f"u-{tag}", "Viewed page", 1.0), (f"u-{tag}", "Viewed screen", 1.0)], tag
    assert Identity.objects.filter(external_id=f"v-{tag}", contact=person, undone_at=None).count() == 1, tag


def say_everything(module: str, host: str, key: str, tag: str, *, gzip: bool) -> list[str]:
    """One of each message by a Python SDK, on threads of its own; returns what it could not deliver."""
    errors: list[str] = []
    client = importlib.import_module(module).Client(
        key,
        host=host,
        on_error=lambda error, batch: errors.append(repr(error)),
        gzip=gzip,
        timeout=CLIENT_TIMEOUT,
        max_retries=6,
        upload_size=3,
        upload_interval=0.05,
    )
    user = f"u-{tag}"
    client.identify(user, {"email": f"ada@{tag}.test", "name": "Ada"})
    client.track(user, "Report Exported", {"value": 4})
    client.group(user, f"g-{tag}", {"name": "Acme", "plan": "pro"})
    client.page(user, name="Start")
    client.screen(user, name="Home")
    client.alias(f"v-{tag}", user)
    client.flush()
    client.join()
    return errors


def test_every_message_of_the_python_clients_is_stored_once_whatever_happens_on_the_way(live_server, write_key):
    modules = {"segment": "segment.analytics.client", "rudder": "rudderstack.analytics.client"}
    roads = {(name, mode): Road(live_server.url, mode) for name in modules for mode in MODES}
    with ThreadPoolExecutor(len(roads)) as pool:
        running = {
            (name, mode): pool.submit(
                say_everything, modules[name], road.url, write_key, f"{name}-{mode}", gzip=name == "rudder" or mode in {"drop", "good"}
            )
            for (name, mode), road in roads.items()
        }
        errors = {tag: told for tag, future in running.items() if (told := future.result(60))}
    assert errors == {}
    for (name, mode), road in roads.items():
        assert set(road.statuses) == {200}
        assert_stored_once(f"{name}-{mode}")
    assert ActivityEvent.objects.count() == 3 * len(roads)
    assert not Rejection.objects.filter(replayed_at=None).exists()
    assert rollups.differences() == 0


def test_the_segment_python_client_reports_a_wrong_key_and_does_not_try_again(live_server, write_key):
    errors = []
    client = Client("csw_wrong", host=live_server.url, on_error=lambda error, batch: errors.append(error), max_retries=3)
    client.track("u1", "Report Exported")
    client.flush()
    client.join()
    assert [(error.status, error.code) for error in errors] == [(401, "unauthorized")]


@pytest.mark.node
def test_every_message_of_the_node_client_is_stored_once_whatever_happens_on_the_way(live_server, write_key):
    node = shutil.which("node")
    if node is None or not (NODE_MODULES / "@segment" / "analytics-node").is_dir():
        pytest.skip("NOT RUN: node with @segment/analytics-node is not in var/node (npm install --prefix var/node @segment/analytics-node)")
    roads = {mode: Road(live_server.url, mode) for mode in MODES}
    runs = [{"host": road.url, "key": write_key, "tag": f"node-{mode}"} for mode, road in roads.items()]
    command = [node, "-e", NODE_SCRIPT, json.dumps(runs)]
    done = subprocess.run(command, env={**os.environ, "NODE_PATH": str(NODE_MODULES)}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert dict(json.loads(done.stdout.splitlines()[-1])) == {f"node-{mode}": [] for mode in MODES}
    for mode in MODES:
        assert_stored_once(f"node-{mode}")
        assert Identity.objects.filter(external_id=f"a-node-{mode}", undone_at=None).count() == 1
    assert ActivityEvent.objects.count() == 3 * len(roads)
    assert not Rejection.objects.filter(replayed_at=None).exists()
