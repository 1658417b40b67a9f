"""Trying a play before anybody is touched: a dry run over past days, and its messages as one person gets them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.interventions import services as interventions
from apps.interventions.models import Rehearsal

from ..selectors.plays import previews, rehearsed
from .page import StaffRequest, now_for, staff_page
from .plays import may_change, the_play


@require_GET
@staff_page
def play_rehearsal(request: StaffRequest, key: str) -> HttpResponse:
    """How far the dry run is; 286 tells the page to ask no more."""
    play = the_play(request, key)
    shown = rehearsed.latest(request.user, play)
    # Inside the builder's form there is no room for forms.
    buttons = may_change(request) and "plain" not in request.GET
    context = {"play": play, "rehearsed": shown, "hoped": rehearsed.HOPED, "now": now_for(request.user), "may_change": buttons}
    return render(request, "plays/rehearsal.html", context, status=200 if shown and shown.row.is_open else 286)


@require_POST
@staff_page
def play_rehearse(request: StaffRequest, key: str) -> HttpResponse:
    play = the_play(request, key)
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads dry-run plays.")
    if play.current is None:
        raise Http404("No such page.")
    interventions.rehearsals.ask(play, says=play.current.definition, actor=Actor.user(request.user), now=clock.now())
    return redirect(f"{reverse('play', args=[key])}?view=try")


@require_POST
@staff_page
def play_rehearse_stop(request: StaffRequest, key: str, row_id: int) -> HttpResponse:
    play = the_play(request, key)
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads stop dry runs.")
    row = Rehearsal.objects.filter(pk=row_id, play=play).first()
    if row is None:
        raise Http404("No such page.")
    try:
        interventions.rehearsals.stop(row, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('play', args=[key])}?view=try")


@require_GET
@staff_page
def play_preview(request: StaffRequest, key: str) -> HttpResponse:
    """The messages of the present version for the person that was chosen."""
    play = the_play(request, key)
    if play.current is None:
        raise Http404("No such page.")
    words = request.GET.get("who", "").strip()[:80]
    found = previews.previews(request.user, play.says.steps, words=words, chosen=request.GET.get("contact", ""))
    return render(request, "plays/previews.html", {"previews": found, "who": words})
