"""The path designer: the graph of what needs what, and the form of one milestone. Drafts are kept as they are; publishing shows the difference."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import EventName
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.milestones import services as milestones
from apps.milestones.models import Milestone
from apps.milestones.types import MilestoneState

from .. import services
from ..milestone_form import draft as drafts
from ..milestone_form import showing
from ..milestone_form.draft import Draft
from ..models import PathDraft
from ..selectors.milestones import consequence, graph
from .milestones import may_change, the_milestone
from .page import StaffRequest, now_for, part, staff_page

# The addresses of the house's own pages of milestones.
_TAKEN = ("design", "look")
MOST_NAMES = 300


@require_http_methods(["GET", "POST"])
@staff_page
def path_new(request: StaffRequest) -> HttpResponse:
    """A milestone that does not exist yet; `draft` names one that was begun before."""
    return _design(request, None, _begun(request))


@require_http_methods(["GET", "POST"])
@staff_page
def path_edit(request: StaffRequest, key: str) -> HttpResponse:
    milestone = the_milestone(request, key)
    return _design(request, milestone, PathDraft.objects.select_related("changed_by").filter(milestone=milestone).first())


def _begun(request: StaffRequest) -> PathDraft | None:
    word = request.GET.get("draft", "")
    if not word:
        return None
    found = PathDraft.objects.select_related("changed_by").filter(pk=int(word), milestone=None).first() if word.isdigit() and len(word) < 10 else None
    if found is None:
        raise Http404("No such page.")
    return found


def _design(request: StaffRequest, milestone: Milestone | None, row: PathDraft | None) -> HttpResponse:
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads design paths.")
    if request.method == "GET":
        draft = drafts.stored(row) if row else drafts.of(milestone) if milestone else drafts.fresh()
        return _show(request, milestone, row, draft, untouched=True)
    draft = drafts.posted(request.POST, key=milestone.key if milestone else "")
    do = request.POST.get("do", "")
    if do == "keep":
        return _keep(request, milestone, row, draft)
    if do == "discard" and row is not None:
        services.drop_path_draft(row)
        messages.success(request, "The draft was thrown away.")
        return _to(request, reverse("milestone", args=[milestone.key]) if milestone else reverse("path_new"))
    if do == "publish":
        return _publish(request, milestone, row, draft)
    return _show(request, milestone, row, draft)


def _keep(request: StaffRequest, milestone: Milestone | None, row: PathDraft | None, draft: Draft) -> HttpResponse:
    now = clock.now()
    try:
        held: dict[str, Any] = {"key": draft.key, "name": draft.name, "says": draft.says, "note": draft.note, "seen": draft.seen, "kept": draft.kept}
        kept = services.keep_path_draft(request.user, row=row, milestone=milestone, **held, now=now)
    except Refused as refusal:
        moved = PathDraft.objects.filter(milestone=milestone).first() if milestone else PathDraft.objects.filter(pk=row.pk if row else 0).first()
        draft = replace(draft, kept=moved.changed_at.isoformat() if moved else "")
        return _show(request, milestone, moved, draft, refused=refusal.message, status=409)
    if row is None and milestone is None:
        messages.success(request, "Kept as a draft. Nobody is judged by it before it is published.")
        return _to(request, f"{reverse('path_new')}?draft={kept.pk}")
    draft = replace(draft, kept=kept.changed_at.isoformat(), told="Kept as a draft.")
    return _show(request, milestone, kept, draft)


def _publish(request: StaffRequest, milestone: Milestone | None, row: PathDraft | None, draft: Draft) -> HttpResponse:
    """Every rule at once: its own name, the definition, the graph; then one version, live."""
    if _flaws(draft, milestone):
        return _show(request, milestone, row, draft, refused="Some things are to be mended first; each stands at its field.", status=422)
    latest = milestone.current.number if milestone and milestone.current else 0
    if milestone is not None and draft.seen != latest:
        words = (
            f"Version {latest} was published meanwhile. Yours is still here: publish again to put it on top, or compare it with the milestone’s page."
        )
        return _show(request, milestone, row, replace(draft, seen=latest), refused=words, status=409)
    actor, now = Actor.user(request.user), clock.now()
    try:
        with transaction.atomic():
            made = _written(milestone, draft, actor, now)
            if row is not None:
                services.drop_path_draft(row)
    except Refused as refusal:
        return _show(request, milestone, row, draft, refused=refusal.message, status=409)
    version = made.current.number if made.current else 0
    if milestone is not None and version == latest:
        messages.info(request, "It says what the present version says, so no version was made.")
    else:
        messages.success(request, f"Version {version} of “{made.name}” is live. Who has begun stays with the version they began with.")
    return _to(request, reverse("milestone", args=[made.key]))


def _written(milestone: Milestone | None, draft: Draft, actor: Actor, now: Any) -> Milestone:
    if milestone is None:
        made = milestones.create(key=draft.key, name=draft.name, says=draft.says, note=draft.note, actor=actor, now=now)
    else:
        made = milestone
        milestones.save_version(made, says=draft.says, note=draft.note, actor=actor, now=now)
        milestones.rename(made, name=draft.name, position=made.position, actor=actor, now=now)
    if made.state != MilestoneState.LIVE:
        milestones.turn(made, MilestoneState.LIVE, actor=actor, now=now)
    made.refresh_from_db()
    return made


def _flaws(draft: Draft, milestone: Milestone | None) -> list[tuple[str, str]]:
    """What stands in the way of publishing, the milestone's own name first."""
    found = []
    if not draft.name:
        found.append(("name", "Give it a name."))
    if milestone is None:
        if not draft.key or not all(one.isascii() and (one.islower() or one.isdigit() or one in "-_") for one in draft.key):
            found.append(("key", "Lower-case letters, digits, - and _, at most 60."))
        elif draft.key in _TAKEN or Milestone.objects.filter(key=draft.key).exists():
            found.append(("key", f"“{draft.key}” is taken; choose another key."))
    return found + consequence.flaws_of(draft.says, draft.key)


def _to(request: StaffRequest, door: str) -> HttpResponse:
    """On to a page, also from a form that a script posted."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": door})
    return redirect(door)


def _show(
    request: StaffRequest,
    milestone: Milestone | None,
    row: PathDraft | None,
    draft: Draft,
    *,
    status: int = 200,
    refused: str = "",
    untouched: bool = False,
) -> HttpResponse:
    flaws = _flaws(draft, milestone)
    # Nobody is told off for a form that nobody has filled in yet.
    told = [] if untouched and milestone is None and row is None else flaws
    others = list(Milestone.objects.exclude(state=MilestoneState.RETIRED).exclude(key=draft.key).values_list("key", "name"))
    context: dict[str, Any] = {
        "title": "Path designer",
        "now": now_for(request.user),
        "milestone": milestone,
        "row": row,
        "draft": draft,
        "refused": refused,
        "form": showing.shown(draft.says, told, others=others, tags=draft.tags),
        "kinds": showing.KIND_WORDS,
        "joints": showing.JOINT_WORDS,
        "ops": showing.OPS,
        "others": others,
        "graph": graph.with_draft(draft.key or "·", draft.name, draft.says.get("needs") or ()),
        "address": reverse("path_edit", args=[milestone.key]) if milestone else f"{reverse('path_new')}{f'?draft={row.pk}' if row else ''}",
    }
    context["consequence"] = consequence.consequence(draft.says, flaws, told=told, milestone=milestone, now=clock.now())
    if part(request, {"design"}):
        # htmx leaves a refused answer alone unless it is told to take it; a fragment is never a refusal of its own.
        return render(request, "milestones/design_form.html", context, status=200)
    context |= {
        "activities": EventName.objects.order_by("name").values_list("name", flat=True)[:MOST_NAMES],
        "waiting": PathDraft.objects.select_related("changed_by", "milestone").exclude(pk=row.pk if row else 0)[:20],
    }
    return render(request, "milestones/design.html", context, status=200 if request.headers.get("HX-Request") else status)


@require_POST
@staff_page
def path_look(request: StaffRequest) -> HttpResponse:
    """What the draft would mean, while it is typed. Nothing is stored."""
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads design paths.")
    milestone = Milestone.objects.select_related("current").filter(key=request.GET.get("milestone", "")).first()
    draft = drafts.posted(request.POST, key=milestone.key if milestone else "")
    flaws = _flaws(draft, milestone)
    found = consequence.consequence(draft.says, flaws, told=flaws, milestone=milestone, now=clock.now())
    return render(
        request, "milestones/consequence.html", {"now": now_for(request.user), "draft": draft, "milestone": milestone, "consequence": found}
    )
