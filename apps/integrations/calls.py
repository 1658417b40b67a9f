"""Idempotency keys: what a POST did is written down in the transaction that did it, so that it is done once however often it is sent."""

from datetime import datetime

from django.db import connection

from .models import ApiCall
from .types import KEPT_CALLS

# Waits for a call with the same key that is still running, and then writes nothing.
_BEGIN = """
insert into integrations_apicall (caller, key, fingerprint, body, headers, at) values (%s, %s, %s, '', '{}', %s)
on conflict (caller, key) do nothing
"""


def begin(*, caller: str, key: str, fingerprint: str, now: datetime) -> ApiCall | None:
    """The call before with this key, or None when this one is the first. Call it in the transaction of the effect."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [caller, key, fingerprint, now])
        first = cursor.rowcount == 1
    return None if first else ApiCall.objects.get(caller=caller, key=key)


def keep(*, caller: str, key: str, status: int, body: str, headers: dict[str, str]) -> None:
    ApiCall.objects.filter(caller=caller, key=key).update(status=status, body=body, headers=headers)


def forget_calls(*, now: datetime) -> int:
    """Delete answers that nobody will ask for again."""
    return ApiCall.objects.filter(at__lt=now - KEPT_CALLS).delete()[0]
