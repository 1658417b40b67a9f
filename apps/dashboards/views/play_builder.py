"""The builder of plays: one draft as canvas, as list and as a file. The server holds every rule; the form holds everything typed."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.core import clock, flags
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.interventions import services as interventions
from apps.interventions.models import Play

from ..play_form import draft as drafts
from ..play_form.draft import FILE, Draft
from ..play_form.showing import shown
from ..selectors.plays import previews, rehearsed
from ..selectors.plays.consequence import consequence, names
from ..selectors.plays.flow import ICONS, KINDS
from .page import StaffRequest, now_for, part, staff_page, to_page
from .plays import may_change, the_play

# The addresses of the house's own pages of plays.
_TAKEN = ("new", "look", "preview", "import")


@require_http_methods(["GET", "POST"])
@staff_page
def play_new(request: StaffRequest) -> HttpResponse:
    return _build(request, None)


@require_http_methods(["GET", "POST"])
@staff_page
def play_edit(request: StaffRequest, key: str) -> HttpResponse:
    return _build(request, the_play(request, key))


def _build(request: StaffRequest, play: Play | None) -> HttpResponse:
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write plays.")
    if request.method == "GET":
        return _show(request, play, drafts.of(play) if play else drafts.fresh(), untouched=True)
    draft = drafts.posted(request.POST, key=play.key if play else "")
    if request.POST.get("do") == "rehearse" and play is not None and not _flaws(draft, play):
        # What was typed, saved or not.
        interventions.rehearsals.ask(play, says=draft.says, actor=Actor.user(request.user), now=clock.now())
    if request.POST.get("do") != "save":
        return _show(request, play, draft)
    flaws = _flaws(draft, play)
    if flaws:
        return _show(request, play, draft, status=422)
    saved = Actor.user(request.user), clock.now()
    try:
        return _saved(request, play, draft, *saved)
    except Refused as refusal:
        return _show(request, play, replace(draft, flaws=(("", refusal.message),)), status=409)


def _flaws(draft: Draft, play: Play | None) -> list[tuple[str, str]]:
    """What stands in the way of saving, the play's own name first."""
    if draft.flaws:
        return list(draft.flaws)
    found = []
    if not draft.name:
        found.append(("name", "Give it a name."))
    if not draft.why:
        found.append(("why", "Say in a sentence what it is for."))
    if play is None and (not draft.key or len(draft.key) > 60 or not all(one.isascii() and (one.isalnum() or one in "-_") for one in draft.key)):
        found.append(("key", "Letters, digits, - and _, at most 60."))
    if play is None and draft.key in _TAKEN:
        found.append(("key", f"“{draft.key}” cannot be used; choose another key."))
    return found + interventions.checked.flaws_of(draft.says)


def _saved(request: StaffRequest, play: Play | None, draft: Draft, actor: Actor, now: Any) -> HttpResponse:
    if play is None:
        play = interventions.create_play(
            key=draft.key, name=draft.name, why=draft.why, says=draft.says, tests=draft.tests, note=draft.note, actor=actor, now=now
        )
        flags.open_play(play.key)
        messages.success(request, f"“{play.name}” is a draft. Preview it, try it on the last 90 days, then put it live.")
        return to_page(request, reverse("play", args=[play.key]))
    latest = play.current.number if play.current else 0
    if draft.seen != latest:
        words = (
            f"Version {latest} was saved meanwhile. Yours is still here: save again to put it on top, or open the play in another window to compare."
        )
        return _show(request, play, replace(draft, seen=latest, flaws=(("", words),)), status=409)
    version = interventions.save_version(play, says=draft.says, tests=draft.tests, note=draft.note, actor=actor, now=now)
    interventions.rename(play, name=draft.name, why=draft.why, actor=actor, now=now)
    if version.number == latest:
        messages.info(request, "It does what the present version does, so no version was made.")
    else:
        messages.success(request, f"Version {version.number} is saved. New runs take it; runs under way finish on theirs.")
    return to_page(request, reverse("play", args=[play.key]))


def _show(request: StaffRequest, play: Play | None, draft: Draft, *, status: int = 200, untouched: bool = False) -> HttpResponse:
    flaws = _flaws(draft, play)
    # Nobody is told off for a form that nobody has filled in yet.
    told = [] if untouched and play is None else flaws
    context: dict[str, Any] = {
        "title": "Plays",
        "now": now_for(request.user),
        "play": play,
        "draft": draft,
        "view": draft.view,
        "flawed": dict(reversed(told)),
        "untouched": untouched,
        "refused": status != 200,
        "kinds": [(kind, KINDS[kind], icon) for kind, icon in ICONS.items()],
        "facts": {**interventions.conditions.FACTS, **interventions.conditions.RUN_FACTS},
    }
    if draft.view != FILE:
        context |= {"form": shown(draft.says, told, draft.opened), "names": names()}
    if play is not None:
        context |= {"rehearsed": rehearsed.latest(request.user, play), "hoped": rehearsed.HOPED}
    context |= _consequence(request, play, draft, told)
    template = "plays/build_form.html" if part(request, {"build"}) else "plays/build.html"
    # htmx leaves a refused answer alone unless it is told to take it; a fragment is never a refusal of its own.
    return render(request, template, context, status=200 if request.headers.get("HX-Request") else status)


def _consequence(request: StaffRequest, play: Play | None, draft: Draft, flaws: list[tuple[str, str]]) -> dict[str, Any]:
    return {"consequence": consequence(request.user, draft.says, flaws, play=play, now=clock.now())}


@require_POST
@staff_page
def play_look(request: StaffRequest) -> HttpResponse:
    """What the draft would mean, while it is typed. Nothing is stored."""
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write plays.")
    play = Play.objects.select_related("current").filter(key=request.GET.get("play", "")).first()
    draft = drafts.posted(request.POST, key=play.key if play else "")
    context = {"now": now_for(request.user), "play": play, "draft": draft, **_consequence(request, play, draft, _flaws(draft, play))}
    return render(request, "plays/consequence.html", context)


@require_POST
@staff_page
def play_draft_preview(request: StaffRequest) -> HttpResponse:
    """The messages of the draft as one person would get them; steps that are not complete are left out."""
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write plays.")
    says = drafts.posted(request.POST).says
    steps = [typed for step in says.get("steps") or [] if (typed := interventions.checked.step_or_none(step)) is not None]
    words = request.POST.get("who", "").strip()[:80]
    found = previews.previews(request.user, steps, words=words, chosen=request.POST.get("contact", ""))
    return render(request, "plays/previews.html", {"previews": found, "who": words})
