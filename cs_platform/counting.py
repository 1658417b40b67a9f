"""Counts requests by route, method and answer, and how long they took; the outermost middleware, so that it counts all of it."""

import time
from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from apps.dashboards.system import counted

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def _note(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    match = request.resolver_match
    method = request.method if request.method in _METHODS else "other"
    counted.note(match.route if match else "none", method or "other", response.status_code, time.perf_counter() - began)


@sync_and_async_middleware
def count_requests(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    if iscoroutinefunction(get_response):
        answer_later: Callable[[HttpRequest], Awaitable[HttpResponseBase]] = get_response

        async def count_async(request: HttpRequest) -> HttpResponseBase:
            began = time.perf_counter()
            response = await answer_later(request)
            _note(request, response, began)
            return response

        return count_async

    def count(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response: HttpResponseBase = get_response(request)
        _note(request, response, began)
        return response

    return count
