"""The list of campaigns and the page of one: how it goes, who got it, what it changed, what it says, and the buttons that turn it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.campaigns import selectors as campaigns_read
from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, Occurrence
from apps.campaigns.types import CampaignState, Left, RecipientState
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..selectors.campaigns import listing, live, one, results, words
from ..selectors.campaigns.check import check
from .page import StaffRequest, now_for, number, part, staff_page

_VIEWS = ("live", "people", "results", "says", "versions")


def may_change(request: StaffRequest) -> bool:
    """Administrators and team leads write campaigns and turn them; success managers and viewers read."""
    return request.user.may_act and request.user.has_perm("campaigns.change_campaign")


def the_campaign(request: StaffRequest, key: str) -> Campaign:
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied("Your role does not look at campaigns.")
    campaign = Campaign.objects.select_related("current", "segment").filter(key=key).first()
    if campaign is None:
        raise Http404("No such page.")
    return campaign


@require_GET
@staff_page
def campaigns_page(request: StaffRequest) -> HttpResponse:
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied("Your role does not look at campaigns.")
    state, asked = request.GET.get("state", ""), request.GET.get("q", "").strip()[:80]
    state = state if state in CampaignState.values else ""
    context = {
        "title": "Campaigns",
        "now": now_for(request.user),
        "listing": listing.listing(state=state, words=asked, number=number(request)),
        "state": state,
        "words": asked,
        "may_change": may_change(request),
    }
    if part(request, {"list"}):
        return render(request, "campaigns/rows.html", context)
    context["suggestions"] = campaigns_read.results.suggestions(now=clock.now(), user=request.user)[:6] if not state and not asked else []
    return render(request, "campaigns/list.html", context)


@require_GET
@staff_page
def campaign_page(request: StaffRequest, key: str) -> HttpResponse:
    campaign = the_campaign(request, key)
    view = request.GET.get("view", "")
    view = view if view in _VIEWS else "says" if campaign.launched_at is None else "live"
    context: dict[str, Any] = {
        "title": "Campaigns",
        "now": now_for(request.user),
        "campaign": campaign,
        "tone": listing.TONES[CampaignState(campaign.state)],
        "view": view,
        "may_change": may_change(request),
        "starts": words.when_in_words(campaign.says.when) if campaign.current else "",
    }
    if campaign.current is None:
        return render(request, "campaigns/campaign.html", context)
    context |= _PARTS[view](request, campaign)
    if part(request, {"live"}):
        return render(request, "campaigns/standing.html", context)
    context["acts"] = one.acts(campaign) if context["may_change"] else []
    return render(request, "campaigns/campaign.html", context)


def _occurrence(request: StaffRequest, found: list[Occurrence]) -> Occurrence | None:
    """The one that was asked for, else the newest."""
    asked = request.GET.get("at", "")
    return next((row for row in found if row.key == asked), found[0] if found else None)


def _live(request: StaffRequest, campaign: Campaign) -> dict[str, Any]:
    found = live.occurrences(campaign)
    chosen = _occurrence(request, found)
    return {"occurrences": found, "standing": live.standing(chosen, now=clock.now()) if chosen else None, "spent": one.spent(campaign)}


def _people(request: StaffRequest, campaign: Campaign) -> dict[str, Any]:
    found = live.occurrences(campaign)
    chosen = _occurrence(request, found)
    state, left, asked = (request.GET.get(name, "").strip()[:80] for name in ("state", "left", "who"))
    after = request.GET.get("after", "")
    context: dict[str, Any] = {
        "occurrences": found,
        "occurrence": chosen,
        "state": state if state in RecipientState.values else "",
        "left": left if left in Left.values else "",
        "who": asked,
        "states": RecipientState.choices,
        "reasons": Left.choices,
    }
    if chosen is not None:
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
        context["people"] = live.recipients(request.user, chosen, state=state, left=left, words=asked, after=start, now=clock.now())
        context["from_start"] = not start
    return context


def _results(request: StaffRequest, campaign: Campaign) -> dict[str, Any]:
    return results.page(request.user, campaign, outcome=request.GET.get("outcome", ""), now=clock.now())


def _says(request: StaffRequest, campaign: Campaign) -> dict[str, Any]:
    return {
        "told": words.told(campaign.says),
        "check": check(request.user, campaign.says, campaign.kind, campaign=campaign, now=clock.now())
        if campaign.state in (CampaignState.DRAFT, CampaignState.LIVE, CampaignState.PAUSED)
        else None,
    }


def _versions(request: StaffRequest, campaign: Campaign) -> dict[str, Any]:
    return {"versions": one.versions(campaign)}


_PARTS: dict[str, Callable[[StaffRequest, Campaign], dict[str, Any]]] = {
    "live": _live,
    "people": _people,
    "results": _results,
    "says": _says,
    "versions": _versions,
}
_DONE = {
    "launch": "“{name}” is launched.",
    "pause": "“{name}” is paused: nothing of it leaves until it goes on. What was sent stays sent.",
    "resume": "“{name}” goes on where it was.",
    "abort": "“{name}” is over: who has not had it gets nothing.",
    "archive": "“{name}” is in the archive; what it did stays.",
    "start": "“{name}” begins now.",
}


@require_POST
@staff_page
def campaign_do(request: StaffRequest, key: str, what: str) -> HttpResponse:
    """One button: the same services as everywhere, a message and a redirect."""
    campaign = the_campaign(request, key)
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads turn campaigns.")
    actor, now, why = Actor.user(request.user), clock.now(), request.POST.get("why", "").strip()[:250]
    services = campaigns.campaigns
    calls: dict[str, Callable[[], Any]] = {
        "launch": lambda: services.launch(campaign, actor=actor, now=now),
        "pause": lambda: services.pause(campaign, why=why, actor=actor, now=now),
        "resume": lambda: services.resume(campaign, actor=actor, now=now),
        "abort": lambda: services.abort(campaign, why=why, actor=actor, now=now),
        "archive": lambda: services.archive(campaign, actor=actor, now=now),
        "start": lambda: services.start_by_hand(campaign, actor=actor, now=now),
    }
    if what not in calls:
        raise Http404("No such page.")
    try:
        calls[what]()
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _DONE[what].format(name=campaign.name))
    return redirect("campaign", key=key)


@require_POST
@staff_page
def campaign_suggested(request: StaffRequest) -> HttpResponse:
    """A suggestion becomes a live segment's draft and a campaign's draft; nothing is sent."""
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write campaigns.")
    actor, now = Actor.user(request.user), clock.now()
    found = next((row for row in campaigns_read.results.suggestions(now=now, user=request.user) if row.key == request.POST.get("key")), None)
    if found is None:
        messages.error(request, "That suggestion no longer holds; nothing was made.")
        return redirect("campaigns")
    try:
        campaign = one.take_up(found, actor=actor, now=now)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("campaigns")
    messages.success(request, f"“{campaign.name}” is a draft with its own segment. Look at both before anything goes live.")
    return redirect("campaign_edit", key=campaign.key)
