"""Whatever is sent, the API answers with JSON in one shape, never with a server error, and a refusal leaves the database as it was.

HOSTILE_BODIES says how many generated bodies are tried; `make faults` tries ten thousand.
"""

import json
import os
import time

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, OperationalError, close_old_connections, connection, models
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Account
from apps.core.api.items import Item
from tests import make

from .conftest import ALL_SCOPES, make_key
from .endpoints import endpoints, fingerprint, one_of_everything

pytestmark = pytest.mark.django_db
BODIES = int(os.environ.get("HOSTILE_BODIES", "200"))
WRITES = [endpoint for endpoint in endpoints() if endpoint.method != "GET"]

NASTY = {
    "a space": b" ",
    "no json": b"hello",
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "text": b'"x"',
    "a list of lists": b"[[]]",
    "broken off": b'{"name": "x"',
    "not utf-8": b'{"name": "\xff"}',
    "utf-16": '{"name": "x"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "form data": b"name=x&plan=y",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"traits": ' + b'{"a":' * 3_000 + b"1" + b"}" * 3_000 + b"}",
    "33 deep": b'{"traits": ' + b'{"a":' * 33 + b"1" + b"}" * 33 + b"}",
    "nan": b'{"arr": NaN}',
    "infinity": b'{"arr": -Infinity}',
    "1e999": b'{"arr": 1e999, "value": 1e999}',
    "5,000 digits": b'{"seats": ' + b"9" * 5_000 + b"}",
    "4,000 digits": b'{"seats": ' + b"9" * 4_000 + b"}",
    "nul": b'{"name": "a\\u0000b", "body": "\\u0000", "outcome": "\\u0000", "external_id": "\\u0000"}',
    "nul in a key": b'{"traits": {"a\\u0000": 1}}',
    "nul deep inside": b'[{"external_id": "x", "traits": {"a": ["b", {"c": "\\u0000"}]}}]',
    "half a surrogate": b'{"name": "\\ud800", "body": "\\ud800", "text": "\\udfff"}',
    "raw control character": b'{"name": "a\x00b"}',
    "names of python": b'{"__class__": 1, "__init__": {}, "pk": 1, "_state": 2}',
    "prototype": b'{"__proto__": {"admin": true}, "constructor": 1}',
    "relation lookups": b'{"owner__password": "x", "owner_id": 1, "account_id": 1, "account": 1}',
    "a foreign key as an object": b'{"owner": {"id": 1}, "account_external_id": {"a": 1}}',
    "twice the same key": b'{"name": 1, "name": {"a": []}}',
    "items of every type": b'[null, 1, "x", [], {}, true, 1.5, {"external_id": null}, {"external_id": ""}, {"external_id": []}]',
    "dates without sense": b'{"due_on": "0000-00-00", "at": "0001-01-01T00:00:00+23:59", "renews_on": "9999-12-31", "opened_at": "2026-01-01T25:00"}',
    "sql": b'{"external_id": "x\'; drop table accounts_account; --", "never": "%(items)s %s {0} {x}"}',
}
HEADERS = [
    {"Content_Type": "text/plain"},
    {"Content_Type": "application/x-www-form-urlencoded"},
    {"Content_Type": "multipart/form-data; boundary=x"},
    {"Content_Type": "application/json; charset=latin-9"},
    {"Content_Type": "\xff"},
    {"Accept": "text/html"},
    {"Accept": "application/xml;q=x"},
    {"If_Match": "v1"},
    {"If_Match": '"v99999999999999999999999"'},
    {"If_Match": 'W/"v1", ,"'},
    {"Idempotency_Key": "\xe4"},
    {"Range": "bytes=0-1"},
    {"X_HTTP_Method_Override": "DELETE"},
]


@pytest.fixture
def rows(now):
    return one_of_everything(make.account(external_id="acme"), now)


def refused_well(answer):
    """An error in the one shape, which names a field where a field is at fault."""
    if answer.status_code < 400:
        return answer.status_code in {200, 201, 204, 304}
    told = answer.json()
    return answer.status_code < 500 and bool(told["code"]) and bool(told["message"]) and (told["code"] != "invalid" or bool(told.get("fields")))


def sent_everywhere(api, rows, body):
    """The answers, and what they cost in CPU."""
    began = time.process_time()
    answers = {endpoint: api(endpoint.method, endpoint.path.format(pk=rows[endpoint.resource]), body, If_Match="*") for endpoint in WRITES}
    return answers, time.process_time() - began


# What a body costs that says nothing.
COST_OF_NOTHING = []


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_body_is_refused_everywhere_at_a_dull_ones_cost_and_changes_nothing(api, rows, name):
    if not COST_OF_NOTHING:
        COST_OF_NOTHING.append(sent_everywhere(api, rows, b"null")[1])
    before = fingerprint()
    answers, cost = sent_everywhere(api, rows, NASTY[name])
    for endpoint, answer in answers.items():
        assert (str(endpoint), refused_well(answer)) == (str(endpoint), True), answer.content
        # In a list every item has its own verdict.
        assert answer.status_code >= 400 or answer.json().get("refused", 0) == len(answer.json().get("items", ())) > 0, endpoint
    assert fingerprint() == before
    assert cost < 5 * COST_OF_NOTHING[0]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_strange_headers_are_answered_in_the_same_shape(api, rows, headers):
    before = fingerprint()
    for endpoint in endpoints():
        sent = {"content_type": headers["Content_Type"]} if "Content_Type" in headers else {"content_type": "application/json"}
        others = {name.replace("_", "-"): value for name, value in headers.items() if name != "Content_Type"}
        path = f"/api/v1/{endpoint.path.format(pk=rows[endpoint.resource])}"
        answer = api.client.generic(endpoint.method, path, b'{"never": 1}', headers={**api.headers, **others}, **sent)
        assert (str(endpoint), refused_well(answer)) == (str(endpoint), True), answer.content
    assert fingerprint() == before


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "acme", "nobody", "2026-01-01", "2026-03-01T08:00:00Z", "USD", "open", "churned", "99.999", "-1", 1e308, 2**63, "x" * 400])
)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12
)


def struct_of(endpoint) -> type[Item]:
    if endpoint.action in {"partial_update", "update"}:
        return endpoint.views.edited
    return getattr(getattr(endpoint.views, endpoint.action), "said", None) or endpoint.views.item


def a_body(endpoint):
    """Mostly fields that exist, mostly values that do not fit."""
    thing = st.dictionaries(st.sampled_from([*struct_of(endpoint).__struct_fields__, "never"]), json_values, max_size=6)
    return json_values | (st.lists(thing | json_values, max_size=4) if endpoint.action == "bulk" else thing)


calls = st.sampled_from(WRITES).flatmap(lambda endpoint: st.tuples(st.just(endpoint), a_body(endpoint)))


@settings(max_examples=BODIES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(call=calls)
def test_no_body_makes_a_server_error_and_a_refusal_changes_nothing(api, rows, call):
    endpoint, body = call
    before = fingerprint()
    sent = json.dumps(body).encode()
    answer = api(endpoint.method, endpoint.path.format(pk=rows[endpoint.resource]), sent, If_Match="*")
    assert refused_well(answer), (endpoint, sent, answer.content)
    told = answer.json() if answer.content else {}
    if answer.status_code >= 400 or told.get("created", 1) == told.get("changed", 1) == 0:
        assert fingerprint() == before, (endpoint, sent, answer.content)


@pytest.fixture
def kept_connection():
    """Django closes a connection that is inside a transaction at the end of each request; its own test client asks it not to."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_every_address_keeps_to_its_description(now, rows, kept_connection):
    """Schemathesis makes calls from the OpenAPI, good and bad ones: every answer is one that is described, in the described shape."""
    secret = make_key("all", *ALL_SCOPES, now=now, requests_per_minute=10_000_000)
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())
    checks = [
        schemathesis.checks.not_a_server_error,
        schemathesis.specs.openapi.checks.status_code_conformance,
        schemathesis.specs.openapi.checks.response_schema_conformance,
        schemathesis.specs.openapi.checks.content_type_conformance,
    ]
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 60
    wrong = {}
    for operation in operations:

        @settings(max_examples=max(3, BODIES // 100), deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate], database=None)
        @given(case=operation.as_strategy())
        def check(case):
            case.call_and_validate(checks=checks, headers={"Authorization": f"Bearer {secret}"})

        try:
            check()
        except schemathesis.core.failures.FailureGroup as failures:
            wrong[operation.label] = [f"{one.title}: {one.message}" for one in failures.exceptions]
    assert wrong == {}, "\n".join(f"{label}: {found}"[:900] for label, found in wrong.items())


def constraints():
    return sorted(
        {
            rule.name
            for endpoint in WRITES
            if endpoint.action in {"create", "bulk"}
            for rule in endpoint.views.queryset.model._meta.constraints
            if isinstance(rule, models.CheckConstraint)
        }
    )


BREAKS = {
    "arr_not_negative": ("accounts", {"external_id": "x", "arr": -1}),
    "churned_on_needs_stage": ("accounts", {"external_id": "x", "churned_on": "2026-01-01", "stage": "active"}),
    "influence_one_to_five": ("contacts", {"external_id": "x", "account_external_id": "acme", "influence": 6}),
    "downgraded_needs_share": ("churn/definitions", {"name": "x", "kind": "downgraded", "horizon_days": 90}),
    "inactive_needs_days": ("churn/definitions", {"name": "x", "kind": "inactive", "horizon_days": 90}),
    "only_cancelled_leaves_apart": ("churn/definitions", {"name": "x", "kind": "unpaid", "horizon_days": 90, "leave_unpaid_apart": True}),
    "not_its_own_parent": ("accounts", {"external_id": "x", "parent_external_id": "x"}),
    "invoice_not_negative": (
        "invoices",
        {"external_id": "x", "account_external_id": "acme", "amount": -1, "issued_on": "2026-01-01", "due_on": "2026-01-01"},
    ),
    "paid_has_a_day": (
        "invoices",
        {"external_id": "x", "account_external_id": "acme", "amount": 1, "issued_on": "2026-01-01", "due_on": "2026-01-01", "state": "paid"},
    ),
    "pulse_zero_to_hundred": ("pulses", {"account_external_id": "acme", "value": 101}),
    "rate_above_zero": ("rates", {"currency": "GBP", "valid_from": "2026-01-01", "rate": "0"}),
    "rate_between_two_currencies": ("rates", {"currency": "USD", "valid_from": "2026-01-01", "rate": "1"}),
    "score_on_its_scale": (
        "surveys",
        {"external_id": "x", "account_external_id": "acme", "kind": "csat", "score": 9, "at": "2026-03-01T08:00:00Z"},
    ),
    "solved_after_opened": (
        "tickets",
        {"external_id": "x", "account_external_id": "acme", "opened_at": "2026-03-01T08:00:00Z", "solved_at": "2026-02-01T08:00:00Z"},
    ),
    "solved_ticket_has_a_time": (
        "tickets",
        {"external_id": "x", "account_external_id": "acme", "opened_at": "2026-03-01T08:00:00Z", "state": "solved"},
    ),
    "subscription_arr_not_negative": ("subscriptions", {"external_id": "x", "account_external_id": "acme", "started_on": "2026-01-01", "arr": -1}),
    "subscription_ends_after_start": (
        "subscriptions",
        {"external_id": "x", "account_external_id": "acme", "started_on": "2026-01-01", "ended_on": "2025-01-01"},
    ),
    "touch_value_in_a_currency": (
        "outside-touches",
        {"source": "x", "external_id": "x", "account_external_id": "acme", "kind": "converted", "value": "1"},
    ),
    "policy_repeats_at_most_twice": ("escalation-policies", {"key": "x", "name": "x", "steps": [{"do": "wait", "minutes": 5}], "repeat": 3}),
    "response_limits_let_one_through": ("responses", {"rule": "late", "deed": "task", "says": {"title": "x"}, "per_hour": 0}),
    "response_limits_limit": ("responses", {"rule": "late", "deed": "task", "says": {"title": "x"}, "per_day": 10_001}),
    "turn_is_a_day_to_four_weeks": ("duty", {"key": "x", "name": "x", "people": ["csm@test.test"], "starts_on": "2026-03-02", "turn_days": 29}),
    "webhook_wants_something": ("webhooks", {"url": "https://receiver.test/hooks", "events": []}),
}
# Nothing that can be sent reaches these: the service fills what they ask for, or the field cannot be set.
UNREACHABLE = {
    "settled_promise_has_a_time",
    "reports_to_somebody_else",
    "churned_on_needs_stage",
    "training_share",
    "old_signature_has_an_end",
    "snooze_needs_reason",
    "task_chance_zero_to_one",
    # Runs that programs begin are running: only the engine ends them.
    "ended_needs_reason",
    # Milestones are judged and claimed, sessions move through their states: services fill what these ask for.
    *("achieved_says_when_and_how", "paused_says_since_when"),
    # What is live, asked, answered or approved got there by a service; a score of fraud is summed by one.
    *("live_segment_has_rule", "running_campaign_says_something", "asked_has_a_time", "named_answer_has_a_time"),
    *("approved_after_value", "fraud_score_is_of_100"),
    # A rule goes live, a try begins and a policy becomes the usual one by a service; whom a choice and a dashboard are of is not asked twice.
    *("live_rule_says_something", "trial_has_days", "usual_policy_is_active", "subscription_of_one_thing", "team_board_has_a_team"),
    *("live_session_has_begun", "scheduled_session_has_a_time", "held_session_began_and_ended", "confidence_zero_to_ten"),
}


def test_every_check_constraint_of_what_can_be_written_is_tried():
    assert set(constraints()) == set(BREAKS) | UNREACHABLE


@pytest.mark.parametrize("name", sorted(set(BREAKS) - UNREACHABLE))
def test_a_row_that_breaks_a_rule_of_the_database_is_refused_by_field(api, rows, name):
    resource, body = BREAKS[name]
    before = fingerprint()
    answer = api.post(f"{resource}/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert set(answer.json()["fields"]) <= set(body)
    if resource not in {"pulses", "rates", "webhooks", "churn/definitions", "escalation-policies", "responses", "duty"}:
        assert api.post(f"{resource}/bulk/", [body]).json()["refused"] == 1
    assert fingerprint() == before


def test_a_database_that_is_away_is_503_and_asks_to_come_back(api, rows):
    def away(execute, sql, params, many, context):
        if "accounts_account" in sql:
            raise OperationalError("the server closed the connection")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(away):
        answer = api.get("accounts/")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "5")
    assert issubclass(OperationalError, DatabaseError)
    assert Account.objects.exists()
