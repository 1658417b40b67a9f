"""The Segment-compatible door: plain views, because a batch of two thousand messages must not pass through a serializer."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from apps.core import clock

from . import selectors, services, wire
from .models import Source
from .types import Unacceptable

log = logging.getLogger(__name__)

# Seconds that a batch waits for a place.
_PATIENCE = 1.0

# Browsers send from any site; the write key is the only credential and is meant to be public there.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, x-retry-count",
    "Access-Control-Max-Age": "86400",
}


@csrf_exempt
def receive(request: HttpRequest, kind: str) -> HttpResponse:
    """Answers exactly 200 when the batch is stored, and errors with code and message: the SDKs retry or lose data on anything else."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=_CORS)
    try:
        if request.method != "POST":
            raise Unacceptable(405, "method_not_allowed", "Send messages with POST.")
        now = clock.now()
        with _room():
            delivery = wire.read(request, kind=kind)
            source = _admit(delivery.key, now)
            answer: dict[str, Any] = services.receive(source, delivery.raws, sent_at=delivery.sent_at, now=now).as_json()
        return JsonResponse(answer, headers=_CORS)
    except Unacceptable as reason:
        return _refuse(reason)
    except UnreadablePostError:
        return _refuse(Unacceptable(400, "incomplete", "The body broke off before its end."))
    except (DatabaseError, InterfaceError) as error:
        log.warning("a batch could not be stored: %s", error)
        return _refuse(Unacceptable(503, "unavailable", "The batch could not be stored just now. Send it again.", retry_after=5))


# Batches at work in this process at once. More would only wait for the database, and hold memory and connections while they do.
_places = threading.BoundedSemaphore(settings.INGEST_AT_ONCE)


@contextmanager
def _room() -> Iterator[None]:
    if not _places.acquire(timeout=_PATIENCE):
        raise Unacceptable(503, "busy", "Too many batches are being stored just now. Send it again.", retry_after=2)
    try:
        yield
    finally:
        _places.release()


def _admit(key: str, now: datetime) -> Source:
    if not key:
        raise Unacceptable(401, "unauthorized", "No write key: send it as the user name of Basic auth, or as writeKey in the body.")
    source = selectors.source_of(key)
    if source is None:
        raise Unacceptable(401, "unauthorized", "This write key is not known here.")
    if not source.is_open:
        raise Unacceptable(401, "source_closed", f"The source {source.name} is closed. An administrator can open it.")
    seconds = 60 - now.second
    if _requests_this_minute(source, now) > source.requests_per_minute:
        raise Unacceptable(429, "too_many_requests", f"More than {source.requests_per_minute:,} requests in a minute.", retry_after=seconds)
    return source


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


# Of a source's requests a minute, a process takes the hundredth part at once: its place in the whole is then told to no more than that part.
_HANDFUL = 100


def _requests_this_minute(source: Source, now: datetime) -> int:
    """Counted in Valkey for all processes together, a handful at a time; while Valkey is away each process counts for itself."""
    counter = f"{settings.VALKEY_PREFIX}:segment:{source.pk}:{now:%Y%m%d%H%M}"
    with _counting:
        if counter not in _here and len(_here) > 100:
            _here.clear()
        count, taken = _here.get(counter, (0, 0))
        if count == taken:
            handful = max(1, source.requests_per_minute // _HANDFUL)
            taken = _take(counter, handful) or count + handful
            count = taken - handful
        _here[counter] = (count + 1, taken)
    return count + 1


_counting = threading.Lock()
_here: dict[str, tuple[int, int]] = {}
_away = {"until": 0.0}


def _take(counter: str, handful: int) -> int:
    """Where the counter of all processes stands with this handful; 0 while Valkey is away."""
    if time.monotonic() < _away["until"]:
        return 0
    try:
        taken = int(_client().incrby(counter, handful))
        if taken == handful:
            _client().expire(counter, 120)
    except (redis.RedisError, OSError):
        # Asked again in a while: a Valkey that does not answer must not slow every batch.
        _away["until"] = time.monotonic() + 2
        return 0
    return taken


def _refuse(reason: Unacceptable) -> JsonResponse:
    headers = {**_CORS, **({"Retry-After": str(reason.retry_after)} if reason.retry_after else {})}
    if reason.status == 405:
        headers["Allow"] = "POST, OPTIONS"
    return JsonResponse({"code": reason.code, "message": reason.message}, status=reason.status, headers=headers)
