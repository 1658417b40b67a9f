"""Health doors for supervisors and load balancers."""

import hmac
import ipaddress
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import clock
from apps.dashboards.selectors import system

from . import exposition

# The database has so long to answer; a load balancer waits no longer either.
READY_SECONDS = 1.0
# One asker with a line of its own: while it still waits for a database that hangs, further questions are answered with "not ready" at once.
_asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ready")
_asking: Future[str] | None = None
_migrated = False


def live(request: HttpRequest) -> JsonResponse:
    """The process answers; says nothing about the database."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The process can serve: the database answers within a second and has all migrations. Without Valkey it serves, degraded."""
    trouble = _database_trouble()
    if trouble:
        return JsonResponse({"status": "not ready", "database": trouble}, status=503)
    if settings.VALKEY_URL and not _valkey_answers():
        return JsonResponse({"status": "degraded", "valkey": "does not answer"})
    return JsonResponse({"status": "ok"})


def _database_trouble() -> str:
    """What is wrong, in a line; empty: nothing."""
    global _asking
    if connection.in_atomic_block:
        # A test's transaction: only its own line sees its database.
        return _ask()
    if _asking is None or _asking.done():
        _asking = _asker.submit(_ask_apart)
    try:
        return _asking.result(timeout=READY_SECONDS)
    except Late:
        return f"it does not answer within {READY_SECONDS:g} s"


def _ask_apart() -> str:
    try:
        return _ask()
    finally:
        connection.close_if_unusable_or_obsolete()


def _ask() -> str:
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if waiting:
                return f"{len(waiting)} migrations wait, the first: {waiting[0][0]}"
            _migrated = True
    except DatabaseError as error:
        connection.close()
        return str(error).splitlines()[0]
    return ""


def _valkey_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=0.5, socket_connect_timeout=0.5) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


class Deep(APIView):
    """All vital signs, for a person of ours or a key with system:read. 503 while something has stopped."""

    scope = "system"
    http_method_names = ["get", "head", "options"]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        told: dict[str, Any] = system.as_json(clock.now())
        return Response(told, status=503 if told["state"] == "stopped" else 200, headers={"Cache-Control": "no-store"})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, read from rows and from what all web processes counted: any of them answers for all."""
    if not _may_read(request):
        return HttpResponse("Send the token of METRICS_TOKEN as Authorization: Bearer ...\n", status=403, content_type="text/plain")
    return HttpResponse(exposition.text(clock.now()), content_type=exposition.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        kind, _, word = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(word.strip().encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy on this machine everybody would look like this machine.
    if any(request.headers.get(name) for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
