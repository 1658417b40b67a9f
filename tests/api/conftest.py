import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.integrations import services
from apps.integrations.types import SCOPES

ALL_SCOPES = tuple(SCOPES)


def make_key(name: str, *scopes: str, now: Any, **more: Any) -> str:
    return services.create_key(name=name, scopes=scopes, actor=Actor.job("test"), now=now, **more)[1]


class Caller:
    """A program with a key: what it sends is JSON, bytes go as they are."""

    def __init__(self, secret: str) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.generic(method, f"/api/v1/{path}", data, content_type="application/json", headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PATCH", path, body, **headers)


@pytest.fixture
def key(db, now) -> Callable[..., Caller]:
    """key("accounts:read", owner=someone): a caller with a fresh key."""
    made = iter(range(1, 100))
    # Keys are made in the past, so that they are valid at the real clock and at a frozen one.
    return lambda *scopes, owner=None, **more: Caller(make_key(f"key-{next(made)}", *scopes, now=now, owner=owner, **more))


@pytest.fixture
def api(key) -> Caller:
    """A key that may do everything and sees every account."""
    return key(*ALL_SCOPES, requests_per_minute=100_000)


@pytest.fixture
def staff(client, db) -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client.force_login(user)
        return client

    return signed_in
