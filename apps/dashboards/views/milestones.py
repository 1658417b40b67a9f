"""The board of milestones and the page of one: who is on the way, how long it takes, what it says, and the buttons that turn it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.milestones import services as milestones
from apps.milestones.models import Milestone
from apps.milestones.types import MilestoneState, Pace

from ..selectors.milestones import board, differing, durations, fits, graph, one, words
from .page import StaffRequest, now_for, number, part, staff_page

_VIEWS = ("says", "takes", "versions")


def may_look(request: StaffRequest) -> None:
    if not request.user.has_perm("milestones.view_milestone"):
        raise PermissionDenied("Your role does not look at milestones.")


def may_change(request: StaffRequest) -> bool:
    """Administrators and team leads write milestones and turn them; success managers see their own book on the board."""
    return request.user.may_act and request.user.has_perm("milestones.change_milestone")


def the_milestone(request: StaffRequest, key: str) -> Milestone:
    may_look(request)
    found = Milestone.objects.select_related("current").filter(key=key).first()
    if found is None:
        raise Http404("No such page.")
    return found


@require_GET
@staff_page
def milestones_page(request: StaffRequest) -> HttpResponse:
    may_look(request)
    now, sought = now_for(request.user), _sought(request)
    context: dict[str, Any] = {
        "title": "Milestones",
        "now": now,
        "sought": sought,
        "board": board.board(request.user, sought, number=number(request), now=now),
        "narrowed": any((sought.owner, sought.milestone, sought.plan)),
    }
    if part(request, {"list"}):
        return render(request, "milestones/rows.html", context)
    context |= {"choices": board.choices(request.user), "may_change": may_change(request), "graph": graph.of_live()}
    context["differing"], context["differing_count"] = differing.differing(request.user)
    context["takes"] = durations.of_live(plan=sought.plan, now=clock.now())
    return render(request, "milestones/board.html", context)


def _sought(request: StaffRequest) -> board.Sought:
    """What the address asks for; nonsense narrows nothing."""
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:80] for name in ("pace", "owner", "milestone", "plan")}
    owner = asked["owner"]
    known = owner == "nobody" or (owner.isascii() and owner.isdigit() and len(owner) < 10)
    return board.Sought(
        pace=asked["pace"] if asked["pace"] in Pace.values else "", owner=owner if known else "", milestone=asked["milestone"], plan=asked["plan"]
    )


@require_GET
@staff_page
def milestone_page(request: StaffRequest, key: str) -> HttpResponse:
    milestone = the_milestone(request, key)
    asked = request.GET.get("view", "")
    view = asked if asked in _VIEWS else "says"
    counts = one.under_way([milestone]).get(milestone.pk, {})
    context: dict[str, Any] = {
        "title": "Milestones",
        "now": now_for(request.user),
        "milestone": milestone,
        "version": milestone.current,
        "view": view,
        "tone": one.TONES[MilestoneState(milestone.state)],
        "counts": counts,
        "may_change": may_change(request),
        "acts": one.acts(milestone, counts) if may_change(request) else [],
    }
    context |= _PARTS[view](request, milestone)
    return render(request, "milestones/milestone.html", context)


def _says(request: StaffRequest, milestone: Milestone) -> dict[str, Any]:
    if milestone.current is None:
        return {}
    said = milestone.current.definition
    context = {"told": words.told(said, one.names()), "spoken": words.spoken(said), "funnel": one.funnel(milestone)}
    return context | {"fits": fits.of(milestone, now=now_for(request.user))}


def _takes(request: StaffRequest, milestone: Milestone) -> dict[str, Any]:
    return {"takes": durations.of_one(milestone, now=now_for(request.user))}


def _versions(request: StaffRequest, milestone: Milestone) -> dict[str, Any]:
    return {"versions": one.versions(milestone, one.names())}


_PARTS: dict[str, Callable[[StaffRequest, Milestone], dict[str, Any]]] = {"says": _says, "takes": _takes, "versions": _versions}
_TURNED = {MilestoneState.LIVE: "“{name}” is live.", MilestoneState.RETIRED: "“{name}” is retired; what was reached stays."}


@require_POST
@staff_page
def milestone_turn(request: StaffRequest, key: str, state: str) -> HttpResponse:
    milestone = the_milestone(request, key)
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads turn milestones.")
    if state not in _TURNED:
        raise Http404("No such page.")
    try:
        milestones.turn(milestone, state, actor=Actor.user(request.user), now=clock.now())
        messages.success(request, _TURNED[MilestoneState(state)].format(name=milestone.name))
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("milestone", key=key)
