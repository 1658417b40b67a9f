"""`Authorization: Bearer csk_...`: which key it is, and how often it may ask."""

import time
from collections import deque
from typing import Any

from django.core.cache import cache
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from redis.exceptions import RedisError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.accounts.types import Role
from apps.core import clock
from apps.core.api.problem import Problem
from apps.integrations import services
from apps.integrations.models import ApiKey


class Program:
    """Who calls with a key that belongs to nobody in particular: it sees every account; its scopes say what it may do."""

    pk = None
    team_id = None
    is_authenticated = True
    is_active = True
    is_staff = False
    is_superuser = False
    is_anonymous = False
    sees_everything = True
    may_act = True
    roles: frozenset[Role] = frozenset()

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise _refused("Send the key as: Authorization: Bearer csk_...")
        now = clock.now()
        key = services.key_of(words[1].decode("latin-1"), now=now)
        if key is None:
            raise _refused("This key is not known, or it was replaced, revoked, or has expired.")
        services.note_use(key, now=now)
        return key.owner or Program(key.name), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _refused(words: str) -> Problem:
    return Problem(401, "unauthorized", words, headers={"WWW-Authenticate": 'Bearer realm="api"'})


class KeyThrottle(BaseThrottle):
    """So many requests of a key in each minute, counted in one atomic step for all processes; while Valkey is away each process counts for itself."""

    _own: dict[int, deque[float]] = {}

    def allow_request(self, request: Request, view: Any) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            return True
        now = clock.now()
        used = self._count(key, f"api:{key.pk}:{now:%Y%m%d%H%M}")
        seconds = 60 - now.second
        if used > key.requests_per_minute:
            raise Problem(
                429,
                "too_many_requests",
                f"The key {key.name} may send {key.requests_per_minute:,} requests in a minute.",
                headers={"Retry-After": str(seconds)},
            )
        view.rate = (key.requests_per_minute, key.requests_per_minute - used, seconds)
        return True

    def _count(self, key: ApiKey, counter: str) -> int:
        try:
            cache.add(counter, 0, timeout=120)
            return int(cache.incr(counter))
        except (RedisError, ValueError):
            mine, moment = self._own.setdefault(key.pk, deque()), time.monotonic()
            while mine and mine[0] < moment - 60:
                mine.popleft()
            mine.append(moment)
            return len(mine)


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API key, from Configure / API keys or `manage.py api_key`."}

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[Any]]:
        return {"key": []}
