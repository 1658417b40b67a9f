"""The builder of campaigns. The server holds every rule; the form holds everything typed; the side tells what it would mean."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.types import CampaignKind
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.interventions import services as interventions

from ..campaign_form import reading
from ..campaign_form.fields import KIND
from ..campaign_form.showing import shown
from ..play_form.showing import Input
from ..segment_form import draft as drafts
from ..segment_form.draft import Draft
from ..selectors.campaigns import previews
from ..selectors.campaigns.check import check
from ..selectors.campaigns.flaws import flaws_of
from ..selectors.campaigns.words import between, told
from ..selectors.plays.consequence import names
from ..selectors.segments.choices import plays, segments
from .campaigns import may_change, the_campaign
from .page import StaffRequest, now_for, part, staff_page, to_page

# The addresses of the house's own pages of campaigns.
_TAKEN = ("new", "look", "preview", "calendar")


@require_http_methods(["GET", "POST"])
@staff_page
def campaign_new(request: StaffRequest) -> HttpResponse:
    return _build(request, None)


@require_http_methods(["GET", "POST"])
@staff_page
def campaign_edit(request: StaffRequest, key: str) -> HttpResponse:
    return _build(request, the_campaign(request, key))


def _build(request: StaffRequest, campaign: Campaign | None) -> HttpResponse:
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write campaigns.")
    if request.method == "GET":
        return _show(request, campaign, _of(campaign) if campaign else _fresh(request), untouched=True)
    draft = _posted(request, campaign)
    if request.POST.get("do") != "save":
        return _show(request, campaign, draft)
    if flaws := _flaws(draft, campaign):
        return _show(request, campaign, draft, flaws=flaws, status=422)
    try:
        return _saved(request, campaign, draft)
    except campaigns.definition.Flaws as found:
        return _show(request, campaign, draft, flaws=found.flaws, status=422)
    except Refused as refusal:
        return _show(request, campaign, draft, flaws=[("form", refusal.message)], status=409)


def _fresh(request: StaffRequest) -> Draft:
    """A campaign from nothing: by mail, started by hand, a tenth held out; for a segment where one was chosen."""
    segment, kind = request.GET.get("segment", "")[:60], request.GET.get("kind", "")
    says: dict[str, Any] = {"when": {"kind": "manual"}, **({"segment": segment} if segment else {})}
    if kind == CampaignKind.SURVEY:
        # An invitation is no offer.
        says |= {"survey": {"kind": "nps"}, "promotion": False, "variants": [{"name": "a", "template": "survey-nps"}]}
    return Draft(kind=kind if kind in CampaignKind.values else CampaignKind.MESSAGE, says=says)


def _of(campaign: Campaign) -> Draft:
    version = campaign.current
    says = version.definition if version else {"when": {"kind": "manual"}}
    return Draft(campaign.key, campaign.name, campaign.why, kind=campaign.kind, says=says, seen=version.number if version else 0)


def _posted(request: StaffRequest, campaign: Campaign | None) -> Draft:
    draft = drafts.posted(request.POST, roots=reading.ROOTS, say=reading.said, key=campaign.key if campaign else "")
    kind = campaign.kind if campaign else draft.kind
    kind = kind if kind in CampaignKind.values else CampaignKind.MESSAGE
    says = dict(draft.says)
    if kind != CampaignKind.SURVEY:
        # What is not asked for any more is not said any more.
        says.pop("survey", None)
    elif "survey" not in says:
        says["survey"] = {"kind": "nps"}
    for name in ("variants", "blocks") if kind == CampaignKind.SEQUENCE else ("sequence",):
        says.pop(name, None)
    return replace(draft, kind=kind, says=says)


def _flaws(draft: Draft, campaign: Campaign | None) -> list[tuple[str, str]]:
    return drafts.naming_flaws(draft, is_new=campaign is None, taken=_TAKEN) + flaws_of(draft.says, draft.kind)


def _saved(request: StaffRequest, campaign: Campaign | None, draft: Draft) -> HttpResponse:
    actor, now, services = Actor.user(request.user), clock.now(), campaigns.campaigns
    if campaign is None:
        campaign = services.create(
            key=draft.key, name=draft.name, why=draft.why, kind=draft.kind, says=draft.says, note=draft.note, actor=actor, now=now
        )
        messages.success(request, f"“{campaign.name}” is a draft. Nothing leaves before you launch it.")
        return to_page(request, reverse("campaign", args=[campaign.key]))
    latest = campaign.current.number if campaign.current else 0
    if draft.seen != latest:
        words = f"Version {latest} was saved meanwhile. Yours is still here: save again to put it on top, or open the campaign in another window."
        return _show(request, campaign, replace(draft, seen=latest), flaws=[("form", words)], status=409)
    version = services.save_version(campaign, says=draft.says, note=draft.note, actor=actor, now=now)
    services.describe(campaign, name=draft.name, why=draft.why, actor=actor, now=now)
    if version.number == latest:
        messages.info(request, "It says the same as the present version, so no version was made.")
    else:
        messages.success(request, f"Version {version.number} is saved. The next time it goes out takes it; what has begun finishes on its own.")
    return to_page(request, reverse("campaign", args=[campaign.key]))


def _show(
    request: StaffRequest,
    campaign: Campaign | None,
    draft: Draft,
    *,
    flaws: list[tuple[str, str]] | None = None,
    status: int = 200,
    untouched: bool = False,
) -> HttpResponse:
    if flaws is None:
        flaws = _flaws(draft, campaign)
    # Nobody is told off for a form that nobody has filled in yet.
    shown_flaws = [] if untouched and campaign is None else flaws
    context: dict[str, Any] = {
        "title": "Campaigns",
        "now": now_for(request.user),
        "campaign": campaign,
        "draft": draft,
        "flawed": dict(reversed(shown_flaws)),
        "untouched": untouched,
        "refused": status != 200,
        "kind": Input("kind", KIND, draft.kind, KIND.options),
        "may_segment": request.user.has_perm("campaigns.change_segment"),
        "facts": interventions.conditions.FACTS,
        "names": names(),
        "form": shown(draft.says, draft.kind, shown_flaws, segments=segments(), plays=plays(), languages=previews.languages(request.user)),
        **_consequence(request, draft, shown_flaws, campaign),
    }
    template = "campaigns/build_form.html" if part(request, {"build"}) else "campaigns/build.html"
    # htmx leaves a refused answer alone unless it is told to take it; a fragment is never a refusal of its own.
    return render(request, template, context, status=200 if request.headers.get("HX-Request") else status)


def _consequence(request: StaffRequest, draft: Draft, flaws: list[tuple[str, str]], campaign: Campaign | None) -> dict[str, Any]:
    try:
        typed = campaigns.definition.read(draft.says, draft.kind)
    except campaigns.definition.Flaws:
        return {"flaws": flaws, "check": None}
    before = campaign.current.definition if campaign and campaign.current else None
    changes = between(before, campaigns.definition.plain(typed)) if before else []
    found = check(request.user, typed, draft.kind, campaign=campaign, key=draft.key, now=clock.now())
    return {"flaws": flaws, "check": found, "told": told(typed), "changes": changes, "is_new": before is None}


@require_POST
@staff_page
def campaign_look(request: StaffRequest) -> HttpResponse:
    """What the draft would mean, while it is typed. Nothing is stored."""
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write campaigns.")
    campaign = Campaign.objects.select_related("current").filter(key=request.GET.get("campaign", "")).first()
    draft = _posted(request, campaign)
    context = {"now": now_for(request.user), "campaign": campaign, "draft": draft, **_consequence(request, draft, _flaws(draft, campaign), campaign)}
    return render(request, "campaigns/consequence.html", context)


@require_POST
@staff_page
def campaign_preview(request: StaffRequest) -> HttpResponse:
    """Every variant of the draft as one person would get it, with their blocks and in their language."""
    if not may_change(request):
        raise PermissionDenied("Administrators and team leads write campaigns.")
    draft = _posted(request, None)
    asked = request.POST.get("who", "").strip()[:80]
    found = previews.previews(request.user, draft.says, words=asked, chosen=request.POST.get("contact", ""), now=clock.now())
    return render(request, "plays/previews.html", {"previews": found, "who": asked, "of": "campaign"})
