"""The builder of segments: a rule as a tree of lines. The server holds every rule; the form holds everything typed."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.campaigns import services as campaigns
from apps.campaigns.models import Segment
from apps.campaigns.types import SegmentState
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..segment_form import draft as drafts
from ..segment_form import reading
from ..segment_form.draft import Draft
from ..segment_form.showing import shown
from ..selectors.segments.choices import choices, names
from ..selectors.segments.consequence import consequence, flaws_of
from .page import StaffRequest, now_for, part, staff_page, to_page
from .segments import may_change, the_segment

# The addresses of the house's own pages of segments.
_TAKEN = ("new", "look")
_NOTHING: dict[str, Any] = {"rule": reading.EVERYBODY, "leaves": None, "stay_days": 0}


@require_http_methods(["GET", "POST"])
@staff_page
def segment_new(request: StaffRequest) -> HttpResponse:
    return _build(request, None)


@require_http_methods(["GET", "POST"])
@staff_page
def segment_edit(request: StaffRequest, key: str) -> HttpResponse:
    return _build(request, the_segment(request, key))


def _build(request: StaffRequest, segment: Segment | None) -> HttpResponse:
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write segments.")
    if request.method == "GET":
        return _show(request, segment, _of(segment) if segment else Draft(says=_NOTHING), untouched=True)
    draft = _posted(request, segment)
    if request.POST.get("do") != "save":
        return _show(request, segment, draft)
    if flaws := _flaws(draft, segment):
        return _show(request, segment, draft, flaws=flaws, status=422)
    try:
        return _saved(request, segment, draft)
    except campaigns.segments.rules.Flaws as found:
        return _show(request, segment, draft, flaws=found.flaws, status=422)
    except Refused as refusal:
        return _show(request, segment, draft, flaws=[("form", refusal.message)], status=409)


def _of(segment: Segment) -> Draft:
    version = segment.current
    says = {"rule": version.rule, "leaves": version.leaves, "stay_days": version.stay_days} if version else _NOTHING
    return Draft(segment.key, segment.name, segment.why, says=says, seen=version.number if version else 0)


def _posted(request: StaffRequest, segment: Segment | None) -> Draft:
    return drafts.posted(request.POST, roots=reading.ROOTS, say=reading.said, key=segment.key if segment else "")


def _flaws(draft: Draft, segment: Segment | None) -> list[tuple[str, str]]:
    naming = drafts.naming_flaws(draft, is_new=segment is None, taken=_TAKEN)
    return naming + flaws_of(draft.says, segment)


def _saved(request: StaffRequest, segment: Segment | None, draft: Draft) -> HttpResponse:
    actor, now = Actor.user(request.user), clock.now()
    if segment is None:
        segment = campaigns.segments.create(key=draft.key, name=draft.name, why=draft.why, **draft.says, note=draft.note, actor=actor, now=now)
        messages.success(request, f"“{segment.name}” is a draft. Go live when the count at its side is what you meant.")
        return to_page(request, reverse("segment", args=[segment.key]))
    latest = segment.current.number if segment.current else 0
    if draft.seen != latest:
        words = f"Version {latest} was saved meanwhile. Yours is still here: save again to put it on top, or open the segment in another window."
        return _show(request, segment, replace(draft, seen=latest), flaws=[("form", words)], status=409)
    version = campaigns.segments.save_version(segment, **draft.says, note=draft.note, actor=actor, now=now)
    campaigns.segments.rename(segment, name=draft.name, why=draft.why, actor=actor, now=now)
    if version.number == latest:
        messages.info(request, "It says the same as the present version, so no version was made.")
    elif segment.state == SegmentState.LIVE:
        messages.success(request, f"Version {version.number} is saved; members are being counted anew.")
    else:
        messages.success(request, f"Version {version.number} is saved.")
    return to_page(request, reverse("segment", args=[segment.key]))


def _show(
    request: StaffRequest,
    segment: Segment | None,
    draft: Draft,
    *,
    flaws: list[tuple[str, str]] | None = None,
    status: int = 200,
    untouched: bool = False,
) -> HttpResponse:
    if flaws is None:
        # Nobody is told off for a form that nobody has filled in yet.
        flaws = [] if untouched and segment is None else _flaws(draft, segment)
    context: dict[str, Any] = {
        "title": "Segments",
        "now": now_for(request.user),
        "segment": segment,
        "draft": draft,
        "flawed": dict(reversed(flaws)),
        "untouched": untouched,
        "refused": status != 200,
        "form": shown(draft.says, flaws, choices(but=segment)),
        "names": names(),
        "seen": consequence(request.user, draft.says, flaws, segment=segment, now=clock.now()),
    }
    template = "segments/build_form.html" if part(request, {"build"}) else "segments/build.html"
    # htmx leaves a refused answer alone unless it is told to take it; a fragment is never a refusal of its own.
    return render(request, template, context, status=200 if request.headers.get("HX-Request") else status)


@require_POST
@staff_page
def segment_look(request: StaffRequest) -> HttpResponse:
    """Who the draft is, while it is typed. Nothing is stored."""
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write segments.")
    segment = Segment.objects.select_related("current").filter(key=request.GET.get("segment", "")).first()
    draft = _posted(request, segment)
    seen = consequence(request.user, draft.says, _flaws(draft, segment), segment=segment, now=clock.now())
    return render(request, "segments/consequence.html", {"now": now_for(request.user), "segment": segment, "draft": draft, "seen": seen})
