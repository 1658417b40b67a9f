"""The list of segments and the page of one: who it is, who was in it on a day, how its rule changed, and the buttons that turn it."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.campaigns import services as campaigns
from apps.campaigns.models import Segment
from apps.campaigns.types import SegmentState
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..selectors.plays import runs
from ..selectors.segments import listing, one
from ..selectors.segments.uses import uses
from ..selectors.segments.words import in_words, leaving_in_words
from .page import StaffRequest, now_for, number, part, staff_page

_VIEWS = ("who", "members", "versions")


def may_change(request: StaffRequest) -> bool:
    """Administrators and team leads write segments and turn them; success managers and viewers read."""
    return request.user.may_act and request.user.has_perm("campaigns.change_segment")


def the_segment(request: StaffRequest, key: str) -> Segment:
    if not request.user.has_perm("campaigns.view_segment"):
        raise PermissionDenied("Your role does not look at segments.")
    segment = Segment.objects.select_related("current").filter(key=key).first()
    if segment is None:
        raise Http404("No such page.")
    return segment


@require_GET
@staff_page
def segments_page(request: StaffRequest) -> HttpResponse:
    if not request.user.has_perm("campaigns.view_segment"):
        raise PermissionDenied("Your role does not look at segments.")
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:80]
    state = state if state in SegmentState.values else ""
    found = listing.listing(state=state, words=words, number=number(request), now=clock.now())
    context = {
        "title": "Segments",
        "now": now_for(request.user),
        "listing": found,
        "state": state,
        "words": words,
        "may_change": may_change(request),
    }
    return render(request, "segments/rows.html" if part(request, {"list"}) else "segments/list.html", context)


@require_GET
@staff_page
def segment_page(request: StaffRequest, key: str) -> HttpResponse:
    segment = the_segment(request, key)
    asked = request.GET.get("view", "")
    view = asked if asked in _VIEWS else "who"
    now = clock.now()
    context: dict[str, Any] = {
        "title": "Segments",
        "now": now_for(request.user),
        "segment": segment,
        "tone": listing.TONES[SegmentState(segment.state)],
        "view": view,
        "moved": listing.moved([segment], now)[segment.pk],
        "of": one.customers(),
        "counting": one.counting(segment),
        "may_change": may_change(request),
    }
    if part(request, {"size"}):
        # 286 tells the page to ask no more by itself.
        return render(request, "segments/size.html", context, status=200 if context["counting"] else 286)
    if part(request, {"members"}) and segment.current is not None:
        return render(request, "segments/member_rows.html", context | _members(request, segment))
    context["uses"] = uses([segment])[segment.key]
    if segment.current is not None:
        context |= _PARTS[view](request, segment)
    return render(request, "segments/segment.html", context)


def _who(request: StaffRequest, segment: Segment) -> dict[str, Any]:
    assert segment.current is not None
    words, chosen = request.GET.get("who", "").strip()[:80], request.GET.get("account", "")
    found = runs.found(request.user, words) if words else []
    if not chosen and len(found) == 1:
        chosen = str(found[0].pk)
    context: dict[str, Any] = {
        "told": in_words(segment.current.rule),
        "leaves": leaving_in_words(segment.current),
        "overlap": one.overlap(segment, now=clock.now()),
        "who": words,
        "found": found,
    }
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 19:
        context["got"] = one.explained(request.user, segment, int(chosen), now=clock.now())
    return context


def _members(request: StaffRequest, segment: Segment) -> dict[str, Any]:
    now = now_for(request.user)
    first = one.first_day(segment, now)
    on = one.day(request.GET.get("on", ""), first=first, today=now.date())
    past = on < now.date()
    moment = datetime.combine(on + timedelta(days=1), time(0), now.tzinfo) if past else clock.now()
    return {
        "members": one.members(request.user, segment, at=moment, number=number(request)),
        "on": on,
        "past": past,
        "first": first,
        "today": now.date(),
        "span": (now.date() - first).days,
        "at": (on - first).days,
    }


def _versions(request: StaffRequest, segment: Segment) -> dict[str, Any]:
    return {"versions": one.versions(segment)}


_PARTS: dict[str, Callable[[StaffRequest, Segment], dict[str, Any]]] = {"who": _who, "members": _members, "versions": _versions}


@require_POST
@staff_page
def segment_do(request: StaffRequest, key: str, what: str) -> HttpResponse:
    """One button: live or archive."""
    segment = the_segment(request, key)
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads turn segments.")
    services, actor, now = campaigns.segments, Actor.user(request.user), clock.now()
    calls: dict[str, tuple[Callable[..., Any], str]] = {
        "live": (services.go_live, f"“{segment.name}” is live. Its members are being counted; the size moves while you watch."),
        "archive": (services.archive, f"“{segment.name}” is in the archive; its history stays."),
    }
    if what not in calls:
        raise Http404("No such page.")
    call, words = calls[what]
    try:
        call(segment, actor=actor, now=now)
        messages.success(request, words)
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("segment", key=key)
