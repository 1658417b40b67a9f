"""Whatever is sent, the door answers with JSON, never with a server error, and a refusal leaves the database as it was.

HOSTILE_BODIES says how many generated bodies are tried; `make faults` tries ten thousand.
"""

import gzip
import json
import os
import time
import tracemalloc

import pytest
from django.db import DatabaseError, connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.accounts.models import ActivityEvent
from apps.integrations.models import Rejection
from tests import make
from tests.api.endpoints import fingerprint

from .conftest import basic

pytestmark = pytest.mark.django_db
BODIES = int(os.environ.get("HOSTILE_BODIES", "250"))

NASTY = {
    "nothing": b"",
    "a space": b" ",
    "no json": b"hello",
    "a number": b"5",
    "null": b"null",
    "a list": b"[]",
    "no batch": b"{}",
    "batch is null": b'{"batch": null}',
    "batch is an object": b'{"batch": {}}',
    "broken off": b'{"batch": [{"type": "track"',
    "not utf-8": b'\xff\xfe{"batch": []}',
    "form data": b"batch=1&x=2",
    "deep lists": b"[" * 100_000,
    "deep batch": b'{"batch": [' + b"[" * 50_000 + b"]" * 50_000 + b"]}",
    "deep key": b'{"x": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "write key is a number": b'{"batch": [], "writeKey": 5}',
    "sent at a number": b'{"batch": [], "sentAt": 5}',
    "too many": b'{"batch": [' + b",".join([b"1"] * 2_001) + b"]}",
    "too large": b'{"batch": ["' + b"x" * 4_200_000 + b'"]}',
    "nan": b'{"batch": NaN}',
}
# Each of these is one message of a batch that is otherwise good.
NASTY_MESSAGES = {
    "null": b"null",
    "number": b"17",
    "text": b'"track"',
    "list": b"[1]",
    "empty": b"{}",
    "not utf-8": b'{"type": "track", "event": "\xe4"}',
    "lone surrogate": b'{"type": "track", "event": "\\ud800", "userId": "u1"}',
    "nul as event": b'{"type": "track", "event": "a\\u0000b", "userId": "u1"}',
    "nul in a list": b'{"type": "track", "event": "a", "userId": "u1", "properties": {"x": ["\\u0000"]}}',
    "nul as a key": b'{"\\u0000": 1, "type": "track", "event": "a", "userId": "u1"}',
    "nul alone": b'"\\u0000"',
    "nul as user": b'{"type": "track", "event": "a", "userId": "\\u0000"}',
    "infinite": b'{"type": "track", "event": "a", "userId": "u1", "properties": {"value": 1e999}}',
    "huge integer": b'{"type": "track", "event": "a", "userId": "u1", "properties": {"value": ' + b"9" * 5_000 + b"}}",
    "nan": b'{"type": "track", "event": "a", "userId": "u1", "properties": {"value": NaN}}',
    "type is a list": b'{"type": ["track"]}',
    "type is huge": b'{"type": "' + b"x" * 30_000 + b'"}',
    "deep": b'{"type": "track", "event": "a", "userId": "u1", "properties": {"x": ' + b"[" * 500 + b"]" * 500 + b"}}",
    "time without sense": b'{"type": "track", "event": "a", "userId": "u1", "timestamp": "0001-01-01T00:00:00+23:59"}',
    "email is a list": b'{"type": "identify", "userId": "u1", "traits": {"email": ["a@x.test"]}}',
    "company is text": b'{"type": "identify", "userId": "u1", "traits": {"company": "Acme", "email": "\\u202e@x"}}',
    "group traits odd": b'{"type": "group", "groupId": "g", "traits": {"name": {"a": 1}}}',
    "message id is an object": b'{"type": "track", "messageId": {}, "event": "a", "userId": "u1"}',
    "user is a float": b'{"type": "track", "event": "a", "userId": 1.5}',
}
# These look nasty and are good: stored as what they are.
HARMLESS_MESSAGES = {
    "an escaped backslash before u0000": b'{"type": "track", "event": "a\\\\u0000", "userId": "u1"}',
    "sql": b'{"type": "track", "event": "\'; drop table accounts_account; --", "userId": "u1"}',
    "percent": b'{"type": "track", "event": "%(items)s %s", "userId": "u1"}',
    "html": b'{"type": "track", "event": "<img src=x onerror=alert(1)>", "userId": "u1"}',
    "double keys": b'{"type": "page", "type": "track", "event": "a", "userId": "u1"}',
    "emoji": '{"type": "track", "event": "\U0001f600", "userId": "u1"}'.encode(),
    "context is odd": b'{"type": "track", "event": "a", "userId": "u1", "context": {"traits": 5, "groupId": null}}',
    "value is text": b'{"type": "track", "event": "a", "userId": "u1", "properties": {"value": "many", "quantity": true}}',
    "400 digits": b'{"type": "track", "event": "a", "userId": "u1", "properties": {"value": ' + b"9" * 400 + b"}}",
    "large exponent": b'{"type": "track", "event": "a", "userId": "u1", "properties": {"value": 1e308}}',
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_body_is_refused_with_code_and_message(send, name):
    began = time.process_time()
    answer = send(NASTY[name])
    took = time.process_time() - began
    assert answer.status_code in {400, 413}
    assert set(answer.json()) == {"code", "message"}
    assert took < 2
    assert not Rejection.objects.exists()


@pytest.mark.parametrize("name", NASTY_MESSAGES)
def test_a_nasty_message_is_kept_as_rejected_and_its_neighbours_are_stored(send, name):
    make.contact(make.account(external_id="acme"), external_id="u1")
    good = b'{"type": "track", "event": "fine", "userId": "u1", "messageId": "g%d"}'
    answer = send(b'{"batch": [' + good % 1 + b"," + NASTY_MESSAGES[name] + b"," + good % 2 + b"]}")
    assert answer.status_code == 200
    (bad,) = answer.json()["rejected"]
    assert (bad["index"], bool(bad["field"] or bad["reason"].startswith("The message "))) == (1, True)
    assert set(ActivityEvent.objects.values_list("message_id", flat=True)) == {"g1", "g2"}
    assert Rejection.objects.count() == 1


@pytest.mark.parametrize("name", HARMLESS_MESSAGES)
def test_what_only_looks_nasty_is_stored(send, name):
    make.contact(make.account(external_id="acme"), external_id="u1")
    answer = send(b'{"batch": [' + HARMLESS_MESSAGES[name] + b"]}")
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (200, 1, [])


def test_a_gzip_bomb_is_stopped_while_inflating(send):
    inner = gzip.compress(b" " * 40_000_000, mtime=0)
    began = time.process_time()
    tracemalloc.start()
    answer = send(inner * 90, **{"Content-Encoding": "gzip"})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert time.process_time() - began < 2
    assert most < 40_000_000


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (b"no gzip", "gzip", 400, "invalid_gzip"),
        (gzip.compress(b'{"batch": []}', mtime=0)[:-6], "gzip", 400, "invalid_gzip"),
        (b"", "gzip", 400, "invalid_gzip"),
        (b"{}", "br", 415, "unsupported_encoding"),
    ],
)
def test_a_broken_compression_is_refused(send, body, encoding, status, code):
    answer = send(body, **{"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_refused_as_json(client, method):
    answer = getattr(client, method)("/v1/batch")
    assert (answer.status_code, answer.json()["code"], answer["Allow"]) == (405, "method_not_allowed", "POST, OPTIONS")


def test_a_database_that_is_away_is_503_and_asks_to_come_back(send):
    def away(execute, sql, params, many, context):
        raise DatabaseError("the server closed the connection")

    with connection.execute_wrapper(away):
        answer = send([{"type": "track", "event": "a", "userId": "u"}])
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "5")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
fields = ["type", "messageId", "userId", "groupId", "previousId", "event", "name", "traits", "properties", "context", "timestamp", "sentAt"]
likely = json_values | st.sampled_from(["track", "identify", "group", "page", "alias", "u1"])
some_messages = st.lists(st.dictionaries(st.sampled_from(fields), likely, max_size=8), max_size=4)
bodies = (
    st.binary(max_size=400)
    | json_values.map(lambda value: json.dumps(value).encode())
    | some_messages.map(lambda batch: json.dumps({"batch": batch}).encode())
)


@settings(max_examples=BODIES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(body=bodies, zipped=st.booleans(), kind=st.sampled_from(["batch", "track", "identify", "group", "alias", "page", "screen"]))
def test_no_body_makes_a_server_error_and_a_refusal_changes_nothing(client, key, body, zipped, kind):
    headers = {"Authorization": basic(key), **({"Content-Encoding": "gzip"} if zipped else {})}
    before = fingerprint()
    answer = client.post(f"/v1/{kind}", gzip.compress(body, mtime=0) if zipped else body, content_type="application/json", headers=headers)
    told = answer.json()
    if answer.status_code == 200:
        assert told["success"] is True
        assert all(one["reason"] and (one["field"] or one["reason"].startswith("The message ")) for one in told["rejected"])
    else:
        assert answer.status_code in {400, 413}
        assert told["code"]
        assert told["message"]
        assert fingerprint() == before
