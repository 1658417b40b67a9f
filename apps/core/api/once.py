"""`Idempotency-Key`: a POST is done once however often it is sent; settings.API_CALLS names the module that remembers."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock

from .access import actor_of
from .problem import Problem, invalid

_KEPT_HEADERS = ("ETag", "Location")
_LONGEST = 255


def once(key: str, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    """The note that it was done and the effect commit together; a call that is refused leaves no note and may be mended and sent again."""
    if len(key) > _LONGEST or not key.isprintable():
        raise invalid({"Idempotency-Key": [f"Use 1 to {_LONGEST} printable characters."]})
    store = import_string(settings.API_CALLS)
    caller, fingerprint = str(actor_of(request)), _fingerprint(request)
    with transaction.atomic():
        earlier = store.begin(caller=caller, key=key, fingerprint=fingerprint, now=clock.now())
        if earlier is None:
            response = handler(request, *args, **kwargs)
            kept = {name: response[name] for name in _KEPT_HEADERS if name in response}
            store.keep(caller=caller, key=key, status=response.status_code, body=json.dumps(_kept(response), default=str), headers=kept)
            return response
    if earlier.fingerprint != fingerprint:
        raise Problem(422, "idempotency_key_reused", "This Idempotency-Key was used for another request. Use a new one.")
    return Response(json.loads(earlier.body), status=earlier.status, headers={**earlier.headers, "Idempotency-Replayed": "true"})


def _kept(response: Response) -> Any:
    """What a repeat is answered with: all of it, but for secrets that are told once (`kept` is the rest then)."""
    return getattr(response, "kept", response.data)


def _fingerprint(request: Request) -> str:
    said = json.dumps([request.method, request.get_full_path(), request.data], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
