"""Ingest: 100-event Segment batches through our door, against the two ends of the scale on the same table shape.

limit: COPY of ready rows, 100 a transaction. naive: a DRF serializer with many=True and create() for each event.
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
BATCHES = 60
NOW = datetime.now(UTC)


class Naive(serializers.ModelSerializer[ActivityEvent]):
    class Meta:
        model = ActivityEvent
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
    bodies = [_segment_batch(number) for number in range(BATCHES)]

    def work() -> None:
        for body in bodies:
            request = factory.post("/v1/batch", body, content_type="application/json", headers={"authorization": _basic(key)})
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
            "properties": {"plan": "pro", "screen": f"/reports/{number}", "duration": number * 7},
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


def _copy(accounts: list[int]) -> Cost:
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_copy")
        cursor.execute("create table bench_copy (like accounts_activityevent including all)")
    data = [_rows(number, accounts) for number in range(BATCHES)]
    ready = [
        [(r["account"], r["source"], r["message_id"], r["name"], r["at"], r["received_at"], r["value"], json.dumps(r["properties"])) for r in rows]
        for rows in data
    ]

    def work() -> None:
        for rows in ready:
            with transaction.atomic(), connection.cursor() as cursor:
                columns = "account_id, source, message_id, name, at, received_at, value, properties"
                with cursor.copy(f"copy bench_copy ({columns}) from stdin") as copy:
                    for row in rows:
                        copy.write_row(row)

    return cost(work)


def run() -> dict[str, float]:
    Account.objects.bulk_create([Account(external_id=f"bench-{number}", name=f"Bench {number}") for number in range(200)], ignore_conflicts=True)
    accounts = list(Account.objects.filter(external_id__startswith="bench-").values_list("pk", flat=True))
    key = integrations.create_source(name=f"bench-{uuid.uuid4().hex[:8]}", now=NOW)[1]
    _ours(key)  # warm up
    ours, copied, naive = _ours(key), _copy(accounts), _naive(accounts, BATCHES // 6)
    rate = BATCH * BATCHES
    return {
        "events_per_cpu_second": round(rate / ours.cpu),
        "ratio_to_copy": round(copied.cpu / ours.cpu, 2),
        "ratio_to_drf": round(naive.cpu * 6 / ours.cpu, 1),
        "copy_events_per_cpu_second": round(rate / copied.cpu),
        "drf_events_per_cpu_second": round(rate / (naive.cpu * 6)),
    }
