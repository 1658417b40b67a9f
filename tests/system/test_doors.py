"""The doors for supervisors: alive, ready, deep, metrics; and the page."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from apps.accounts.types import Role
from apps.core import clock
from apps.dashboards.system import counted
from apps.events import services as events
from apps.events.models import JobRun
from tests import make
from tests.api.conftest import make_key
from tests.conftest import forget_keys

from .test_signs import all_live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted():
    """What other tests asked for is not of these."""
    counted.flush()
    forget_keys()


def asks(client, path, **headers):
    return client.get(path, headers=headers)


def test_alive_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/health/live").json() == {"status": "ok"}


def test_ready_looks_at_database_and_migrations(client):
    assert client.get("/health/ready").json() == {"status": "ok"}


def test_ready_without_valkey_is_degraded_and_still_serves(client, settings):
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


def test_deep_is_for_keys_with_the_scope_and_for_staff(client):
    now = clock.now()
    assert client.get("/health/deep").status_code == 401
    wrong = make_key("wrong", "accounts:read", now=now - timedelta(days=1))
    assert asks(client, "/health/deep", Authorization=f"Bearer {wrong}").status_code == 403
    right = make_key("right", "system:read", now=now - timedelta(days=1))
    answer = asks(client, "/health/deep", Authorization=f"Bearer {right}")
    assert answer.status_code == 200
    told = answer.json()
    assert told["state"] in ("ok", "slow")
    assert {"beat", "valkey", "deliveries", "database", "disk", "history"} <= {vital["key"] for vital in told["vitals"]}
    client.force_login(make.user())
    assert client.get("/health/deep").status_code == 200


def test_deep_answers_503_while_something_has_stopped(client):
    now = clock.now()
    all_live(now)
    events.heartbeats.farewell("beat", now=now)
    client.force_login(make.user())
    answer = client.get("/health/deep")
    assert (answer.status_code, answer.json()["state"]) == (503, "stopped")
    assert answer.json()["sentence"] == "Clock of the jobs has stopped."


def test_metrics_are_for_this_machine_or_for_who_has_the_token(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 403
    assert asks(client, "/metrics", X_Forwarded_For="10.1.2.3").status_code == 403
    settings.METRICS_TOKEN = "a-token-of-ours"
    assert client.get("/metrics").status_code == 403
    assert asks(client, "/metrics", Authorization="Bearer nonsense").status_code == 403
    assert asks(client, "/metrics", Authorization="Bearer a-token-of-ours").status_code == 200


def test_metrics_count_requests_by_route_and_what_rows_say(client):
    all_live(clock.now())
    JobRun.objects.create(name="events.seal", runs=5, failures=1, total_seconds=2.5)
    client.get("/health/live")
    client.get("/nowhere/at/all/")
    counted.flush()
    said = client.get("/metrics").content.decode()
    assert 'cs_http_requests_total{code="200",method="GET",route="health/live"} 1.0' in said
    assert 'cs_http_requests_total{code="404",method="GET",route="none"} 1.0' in said
    assert 'cs_http_request_seconds_count{route="health/live"} 1.0' in said
    assert 'cs_job_seconds_count{task="events.seal"} 4.0' in said
    assert 'cs_job_seconds_sum{task="events.seal"} 2.5' in said
    assert 'cs_job_failures_total{task="events.seal"} 1.0' in said
    assert 'cs_workers{queue="celery"} 1.0' in said
    assert 'cs_vital_state{group="processes",vital="beat"} 0.0' in said
    assert "cs_ws_connections 3.0" in said
    assert re.search(r"^cs_beat_last_tick_timestamp_seconds \d", said, re.MULTILINE)


def test_metrics_name_nobody(client):
    account = make.account(name="Canary Clinics")
    make.message(make.contact(account, email="canary@customer.test"), now=clock.now())
    assert "anary" not in client.get("/metrics").content.decode()


def test_two_processes_count_together(client):
    counted.note("a", "GET", 200, 0.01)
    counted.flush()
    counted.note("a", "GET", 200, 0.3)
    counted.flush()
    found = counted.read()
    assert found.counts["a", "GET", "200"] == 2
    assert found.buckets["a"] == [1, 0, 0, 1, 0, 0, 0, 0]
    assert found.seconds["a"] == pytest.approx(0.31)


def test_what_could_not_be_added_is_kept_for_later(settings):
    from apps.dashboards.system import queues

    counted.flush()
    there = settings.VALKEY_URL
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    queues._client.cache_clear()
    counted.note("b", "GET", 200, 0.01)
    counted.flush()
    settings.VALKEY_URL = there
    queues._client.cache_clear()
    counted.flush()
    assert counted.read().counts["b", "GET", "200"] == 1


def with_role(role):
    user = make.user()
    user.groups.set([Group.objects.get_or_create(name=role.value)[0]])
    return user


def test_administrators_and_leads_see_every_part_and_others_a_few_lines(client):
    all_live(clock.now())
    for role, sees in ((Role.ADMINISTRATOR, True), (Role.TEAM_LEAD, True), (Role.CSM, False), (Role.VIEWER, False)):
        client.force_login(with_role(role))
        page = client.get("/system/")
        assert page.status_code == 200
        said = page.content.decode()
        assert "The path of an event" in said
        assert ("Periodic jobs" in said) is sees
        assert client.get("/system/state.json").status_code == (200 if sees else 403)


def test_the_file_for_support_says_everything_and_names_no_customer(client):
    make.account(name="Canary Clinics")
    JobRun.objects.create(name="events.seal", recent=[0.1, 0.2], last_success_at=clock.now())
    client.force_login(with_role(Role.ADMINISTRATOR))
    told = json.loads(client.get("/system/state.json").content)
    assert told["vitals"]
    assert "Canary" not in json.dumps(told)


def test_the_banner_is_empty_where_all_is_well_and_asks_the_database_nothing(client, django_assert_max_num_queries):
    client.force_login(make.user())
    with django_assert_max_num_queries(3):
        assert client.get("/system/banner/").content.decode().strip() == ""
