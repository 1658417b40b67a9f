"""The list of plays and the page of one: what it says, who runs through it, what came of it, and the buttons that turn it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Account
from apps.core import clock, flags
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.interventions import services as interventions
from apps.interventions.models import Play
from apps.interventions.types import PlayState

from ..selectors.plays import figures, listing, one, previews, rehearsed, runs
from ..selectors.plays.flow import flow
from .actions import mine
from .page import StaffRequest, now_for, number, staff_page

_VIEWS = ("says", "runs", "try", "versions")
_LARGEST_FILE = 1_000_000


def may_change(request: StaffRequest) -> bool:
    """Administrators and team leads write plays and turn them; success managers read and start them by hand."""
    return request.user.may_act and request.user.has_perm("interventions.change_play")


def may_share(request: StaffRequest) -> bool:
    return request.user.has_perm("waffle.change_flag")


def the_play(request: StaffRequest, key: str) -> Play:
    if not request.user.has_perm("interventions.view_play"):
        raise PermissionDenied("Your role does not look at plays.")
    play = Play.objects.select_related("current").filter(key=key).first()
    if play is None:
        raise Http404("No such page.")
    return play


@require_GET
@staff_page
def plays_page(request: StaffRequest) -> HttpResponse:
    return _list(request)


def _list(request: StaffRequest, *, flaws: Any = (), status: int = 200) -> HttpResponse:
    if not request.user.has_perm("interventions.view_play"):
        raise PermissionDenied("Your role does not look at plays.")
    now, state, words = now_for(request.user), request.GET.get("state", ""), request.GET.get("q", "").strip()[:80]
    state = state if state in PlayState.values else ""
    found = listing.listing(state=state, words=words, number=number(request), now=now)
    context = {"title": "Plays", "now": now, "listing": found, "state": state, "words": words, "may_change": may_change(request), "flaws": flaws}
    return render(request, "plays/list.html", context, status=status)


@require_GET
@staff_page
def play_page(request: StaffRequest, key: str) -> HttpResponse:
    play = the_play(request, key)
    asked = request.GET.get("view", "")
    view = asked if asked in _VIEWS else "says"
    now, numbers = now_for(request.user), figures.of_plays([play], clock.now())[play.pk]
    context: dict[str, Any] = {
        "title": "Plays",
        "now": now,
        "play": play,
        "version": play.current,
        "says": play.says if play.current else None,
        "view": view,
        "figures": numbers,
        "tone": listing.TONES[PlayState(play.state)],
        "share": flags.play_share(key),
        "may_change": may_change(request),
        "may_share": may_share(request),
        "acts": one.acts(play, numbers, failing=rehearsed.tested(play).failing) if may_change(request) else [],
    }
    context |= _PARTS[view](request, play)
    return render(request, "plays/play.html", context)


def _says(request: StaffRequest, play: Play) -> dict[str, Any]:
    if play.current is None:
        return {}
    here = figures.at_steps(play)
    return {
        "told": interventions.sentences.told(play.says),
        "flow": flow(play.says.steps, here),
        "watching": here.get("", 0),
        "as_list": request.GET.get("as") == "list",
        "passed": figures.passed_over(play, clock.now()),
    }


def _runs(request: StaffRequest, play: Play) -> dict[str, Any]:
    words, at = request.GET.get("who", "").strip()[:80], request.GET.get("at", "")[:40]
    context: dict[str, Any] = {"who": words, "at": at, "runs": runs.runs(request.user, play, at=at, number=number(request))}
    chosen = request.GET.get("account", "")
    found = runs.found(request.user, words) if words else []
    if not chosen and len(found) == 1:
        chosen = str(found[0].pk)
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 and play.current:
        account_id, now = int(chosen), clock.now()
        # Who comes in by ceasing to fit is judged by the moment, not by the audience.
        audience = None if play.says.on_leaving else play.says.audience
        misfits = interventions.audiences.misfits(audience, account_id, now=now)
        context["got"] = runs.told(request.user, play, account_id, reaches=flags.play_reaches(play.key, account_id), misfits=misfits)
        context["may_start"] = request.user.may_act
    return context | {"found": found}


def _try(request: StaffRequest, play: Play) -> dict[str, Any]:
    if play.current is None:
        return {}
    words = request.GET.get("who", "").strip()[:80]
    return {
        "rehearsed": rehearsed.latest(request.user, play),
        "hoped": rehearsed.HOPED,
        "tested": rehearsed.tested(play),
        "previews": previews.previews(request.user, play.says.steps, words=words, chosen=request.GET.get("contact", "")),
        "who": words,
    }


def _versions(request: StaffRequest, play: Play) -> dict[str, Any]:
    return {"versions": one.versions(play)}


_PARTS: dict[str, Callable[[StaffRequest, Play], dict[str, Any]]] = {"says": _says, "runs": _runs, "try": _try, "versions": _versions}

_TURNED = {
    PlayState.DRAFT: "“{name}” is a draft; nobody enters it.",
    PlayState.TESTING: "“{name}” is being tested: only accounts that you pick enter.",
    PlayState.LIVE: "“{name}” is live.",
    PlayState.PAUSED: "“{name}” is paused; every run keeps its place.",
    PlayState.ARCHIVED: "“{name}” is in the archive; nobody enters it.",
}


@require_POST
@staff_page
def play_turn(request: StaffRequest, key: str, state: str) -> HttpResponse:
    play = the_play(request, key)
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads turn plays.")
    if state not in PlayState.values:
        raise Http404("No such page.")
    try:
        interventions.turn(play, state, actor=Actor.user(request.user), now=clock.now())
        messages.success(request, _TURNED[PlayState(state)].format(name=play.name))
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("play", key=key)


@require_POST
@staff_page
def play_share(request: StaffRequest, key: str) -> HttpResponse:
    """The rollout share: how many of 100 accounts a trigger may let in."""
    play = the_play(request, key)
    if not may_share(request):
        raise PermissionDenied("Only administrators change the rollout share.")
    try:
        percent = float(request.POST.get("percent", "").strip().replace(",", ".") or "x")
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        messages.error(request, "A share is a number from 0 to 100. Nothing was changed.")
        return redirect("play", key=key)
    flags.set_play_share(key, percent)
    interventions.note_share(play, percent=percent, actor=Actor.user(request.user), now=clock.now())
    messages.success(request, f"“{play.name}” reaches {percent:g} % of the accounts, always the same ones. Runs under way go on.")
    return redirect("play", key=key)


@require_GET
@staff_page
def play_export(request: StaffRequest, key: str) -> HttpResponse:
    play = the_play(request, key)
    if play.current is None:
        raise Http404("No such page.")
    answer = HttpResponse(interventions.play_files.exported(play), content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{play.key}.v{play.current.number}.json"'
    return answer


@require_POST
@staff_page
def play_import(request: StaffRequest) -> HttpResponse:
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write plays.")
    upload = request.FILES.get("file")
    if upload is None or (upload.size or 0) > _LARGEST_FILE:
        return _list(request, flaws=[("", "Choose a file of at most 1 MB.")], status=422)
    try:
        text = upload.read().decode("utf-8-sig")
        done = interventions.play_files.imported(text, actor=Actor.user(request.user), now=clock.now())
    except UnicodeDecodeError:
        return _list(request, flaws=[("", "The file is no text in UTF-8.")], status=422)
    except interventions.definition.Flaws as flaws:
        return _list(request, flaws=flaws.flaws, status=422)
    assert done.play is not None
    flags.open_play(done.play.key)
    words = {
        "created": "It is a draft.",
        "version": f"It is version {done.number} now.",
        "nothing": "It says the same as before, so nothing was changed.",
    }
    messages.success(request, f"“{done.play.name}” was read. {words[done.change]}")
    return redirect("play", key=done.play.key)


@require_POST
@staff_page
def play_start(request: StaffRequest, key: str) -> HttpResponse:
    """A person lets one account of the own book in."""
    play, number_said = the_play(request, key), request.POST.get("account", "")
    if not request.user.may_act:
        raise PermissionDenied("Your role looks and does not start plays.")
    account = mine(request, Account.objects.all(), int(number_said) if number_said.isascii() and number_said.isdigit() else 0)
    try:
        run = interventions.start_by_hand(play, account_id=account.pk, actor=Actor.user(request.user), now=clock.now())
        messages.success(
            request,
            f"“{play.name}” began for {account.name}.{' It is held out for comparison, so nothing will be sent.' if run.arm == 'held_out' else ''}",
        )
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('play', args=[key])}?{urlencode({'view': 'runs', 'account': account.pk})}")
