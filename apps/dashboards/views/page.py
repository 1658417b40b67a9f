"""What every staff page has in common: who may come in, in whose time it speaks, and how a part of it is refetched."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from apps.accounts.models import User
from apps.core import clock
from apps.core.reading import Reading, by_key, gather, read

from .. import live, tickets
from ..selectors import waiting

View = Callable[..., HttpResponseBase]


class StaffRequest(HttpRequest):
    """What a view behind `staff_page` gets: somebody is signed in."""

    user: User


def zone_of(user: Any) -> ZoneInfo:
    try:
        return ZoneInfo(user.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def now_for(user: Any) -> datetime:
    """The moment, told in the reader's zone, so that its date is the reader's today."""
    return clock.now().astimezone(zone_of(user))


def staff_page(view: View) -> View:
    """Sign-in first; a fragment asked for after the session ended sends the whole page to sign-in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            response = redirect_to_login(request.get_full_path())
            if request.headers.get("HX-Request"):
                return HttpResponse(status=401, headers={"HX-Redirect": response.headers["Location"]})
            return response
        if not request.user.is_staff:
            raise PermissionDenied
        # Read before the figures: a change that falls between is then fetched twice instead of never.
        whole_page = not request.headers.get("HX-Request")
        request.live_position = live.position() if whole_page else ""  # type: ignore[attr-defined]
        request.live_ticket = tickets.for_page(request) if whole_page else ""  # type: ignore[attr-defined]
        with timezone.override(zone_of(request.user)):
            answer = view(request, *args, **kwargs)
        # A figure that a shared computer shows from its cache would be older than it says.
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer

    return guarded


def whole(request: StaffRequest, *readers: Reading[Any]) -> list[Any]:
    """What the readers of a page return; the counts beside a whole page's sidebar (shell.py) are asked for in the same statements."""
    if request.headers.get("HX-Request"):
        return read(gather(*readers))
    *found, request.cs_waiting = read(gather(*readers, by_key(waiting.counts(request.user, clock.now()))))  # type: ignore[attr-defined]
    return found


def part(request: HttpRequest, names: Any) -> str:
    """The part of the page that is refetched, or an empty word for the whole page."""
    name = request.GET.get("part", "")
    return name if name in names and request.headers.get("HX-Request") else ""


def to_page(request: HttpRequest, door: str) -> HttpResponse:
    """On to a page, also from a form that a script posted."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": door})
    return HttpResponse(status=302, headers={"Location": door})


def number(request: HttpRequest, name: str = "page") -> int:
    word = request.GET.get(name, "1")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 7 else 1
