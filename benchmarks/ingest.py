"""Ingest: 100-event Segment batches through our door (key check, rejects, rollups, announcement), against the two ends of the scale.

limit: COPY of the same rows, 100 a transaction, into tables of the same shape and filling: the activity table with its months, indexes and foreign
keys, and the keys that make a message count once. naive: a DRF serializer with many=True and bulk_create. Rows of the one side and requests of the
other are ready made: whoever reads them off the wire is not measured. Rounds take turns, and of each side the least disturbed one counts.
"""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.test import RequestFactory
from django.urls import resolve
from rest_framework import serializers

from apps.accounts.models import Account, ActivityEvent
from apps.integrations import services as integrations

from .measure import Cost, cost

BATCH = 100
BATCHES = 40
ROUNDS = 8
NAIVE = 4
NOW = datetime.now(UTC)


class _AtOnce(serializers.ListSerializer[list[ActivityEvent]]):
    def create(self, validated_data: Any) -> list[ActivityEvent]:
        return ActivityEvent.objects.bulk_create([ActivityEvent(**row) for row in validated_data])


class Naive(serializers.ModelSerializer[ActivityEvent]):
    class Meta:
        model = ActivityEvent
        list_serializer_class = _AtOnce
        fields = ["account", "source", "message_id", "name", "at", "received_at", "value", "properties"]


def _moment(number: int) -> datetime:
    return NOW - timedelta(seconds=number % 86_000)


def _segment_batch(round_number: int) -> bytes:
    items = [
        {
            "type": "track",
            "event": f"feature.{number % 12}",
            "messageId": str(uuid.uuid4()),
            "userId": f"bench-user-{number % 50}",
            "timestamp": _moment(number + round_number).isoformat(),
            "context": {"groupId": f"bench-{number % 200}", "library": {"name": "analytics-python", "version": "2.4.0"}},
            "properties": {"plan": "pro", "screen": f"/reports/{number}", "duration": number * 7, "value": 1},
        }
        for number in range(BATCH)
    ]
    return json.dumps({"batch": items, "sentAt": NOW.isoformat()}).encode()


def _ours(key: str) -> Cost:
    factory, door = RequestFactory(), resolve("/v1/batch")
    headers = {"authorization": _basic(key)}
    requests = [factory.post("/v1/batch", _segment_batch(number), content_type="application/json", headers=headers) for number in range(BATCHES)]

    def work() -> None:
        for request in requests:
            response = door.func(request, *door.args, **door.kwargs)
            assert response.status_code == 200, response.content

    return cost(work)


def _basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def _rows(round_number: int, accounts: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "account": accounts[number % len(accounts)],
            "source": "bench-naive",
            "message_id": str(uuid.uuid4()),
            "name": f"feature.{number % 12}",
            "at": _moment(number + round_number).isoformat(),
            "received_at": NOW.isoformat(),
            "value": 1.0,
            "properties": {"plan": "pro", "screen": f"/reports/{number}", "duration": number * 7, "value": 1},
        }
        for number in range(BATCH)
    ]


def _naive(accounts: list[int], batches: int) -> Cost:
    data = [_rows(number, accounts) for number in range(batches)]

    def work() -> None:
        for rows in data:
            with transaction.atomic():
                serializer = Naive(data=rows, many=True)
                serializer.is_valid(raise_exception=True)
                serializer.save()

    return cost(work)


_SHAPE = """
drop table if exists bench_copy, bench_keys cascade;
create table bench_copy (like accounts_activityevent including all) partition by range (at);
alter table bench_copy add foreign key (account_id) references accounts_account (id) deferrable initially deferred,
                       add foreign key (contact_id) references accounts_contact (id) deferrable initially deferred,
                       add foreign key (import_run_id) references accounts_importrun (id) deferrable initially deferred;
create table bench_copy_default partition of bench_copy default;
create table bench_keys (like accounts_messagekey including all);
insert into bench_keys select * from accounts_messagekey;
"""
_MONTH = "create table bench_copy_{number} partition of bench_copy {bound}"
_BOUNDS = """
select pg_get_expr(c.relpartbound, c.oid) from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'accounts_activityevent'::regclass and pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
"""
_COLUMNS = "account_id, source, message_id, name, at, received_at, value, properties"


def _shape() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SHAPE)
        cursor.execute(_BOUNDS)
        for number, (bound,) in enumerate(cursor.fetchall()):
            cursor.execute(_MONTH.format(number=number, bound=bound))


def _ready(accounts: list[int]) -> list[tuple[list[tuple[Any, ...]], list[str]]]:
    made = []
    for number in range(BATCHES):
        rows = _rows(number, accounts)
        made.append(([(*(row[name] for name in _ROW), json.dumps(row["properties"])) for row in rows], [str(uuid.uuid4()) for _ in rows]))
    return made


_ROW = ("account", "source", "message_id", "name", "at", "received_at", "value")


def _copy(accounts: list[int], *, keys: bool) -> Cost:
    ready = _ready(accounts)

    def work() -> None:
        for rows, marks in ready:
            with transaction.atomic(), connection.cursor() as cursor:
                with cursor.copy(f"copy bench_copy ({_COLUMNS}) from stdin") as copy:
                    for row in rows:
                        copy.write_row(row)
                if keys:
                    with cursor.copy("copy bench_keys from stdin") as copy:
                        for mark in marks:
                            copy.write_row((mark,))

    return cost(work)


def _least(costs: list[Cost]) -> float:
    """CPU seconds of the round that was disturbed least."""
    return min(one.cpu for one in costs)


def run() -> dict[str, float]:
    Account.objects.bulk_create([Account(external_id=f"bench-{number}", name=f"Bench {number}") for number in range(200)], ignore_conflicts=True)
    accounts = list(Account.objects.filter(external_id__startswith="bench-").values_list("pk", flat=True))
    key = integrations.create_source(name=f"bench-{uuid.uuid4().hex[:8]}", now=NOW)[1]
    _ours(key)  # warm up
    _shape()
    _copy(accounts, keys=True)
    rounds = [(_ours(key), _copy(accounts, keys=True), _copy(accounts, keys=False), _naive(accounts, NAIVE)) for _ in range(ROUNDS)]
    ours, copied, bare, naive = (_least(list(of)) for of in zip(*rounds, strict=True))
    rate = BATCH * BATCHES
    return {
        "events_per_cpu_second": round(rate / ours),
        "ratio_to_copy": round(copied / ours, 2),
        "ratio_to_copy_without_keys": round(bare / ours, 2),
        "ratio_to_drf": round(naive * BATCHES / NAIVE / ours, 1),
        "copy_events_per_cpu_second": round(rate / copied),
        "drf_events_per_cpu_second": round(BATCH * NAIVE / naive),
    }
