"""What surveys told, and the pressure of contact over everything that writes to customers."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.campaigns.models import Campaign
from apps.campaigns.types import CampaignKind
from apps.core import clock
from apps.interventions.types import TaskResult

from ..selectors import surveys
from ..selectors.campaigns.pressure import pressure
from .campaigns import may_change
from .page import StaffRequest, now_for, part, staff_page


def _looks(request: StaffRequest) -> None:
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied("Your role does not look at campaigns.")


@require_GET
@staff_page
def surveys_page(request: StaffRequest) -> HttpResponse:
    _looks(request)
    context = {
        "title": "Surveys",
        "now": now_for(request.user),
        "rows": surveys.listing(request.user, now=clock.now()),
        "loops": surveys.waiting(request.user),
        "may_change": may_change(request),
        "may_act": request.user.may_act,
        "results": TaskResult.choices,
    }
    return render(request, "surveys/loops.html" if part(request, {"loops"}) else "surveys/list.html", context)


@require_GET
@staff_page
def survey_page(request: StaffRequest, key: str) -> HttpResponse:
    _looks(request)
    campaign = Campaign.objects.select_related("current").filter(key=key, kind=CampaignKind.SURVEY).exclude(current=None).first()
    if campaign is None:
        raise Http404("No such page.")
    context = {
        "title": "Surveys",
        "now": now_for(request.user),
        "campaign": campaign,
        "may_act": request.user.may_act,
        "results": TaskResult.choices,
        **surveys.page(request.user, campaign, now=clock.now()),
    }
    return render(request, "surveys/loops.html" if part(request, {"loops"}) else "surveys/survey.html", context)


@require_GET
@staff_page
def calendar_page(request: StaffRequest) -> HttpResponse:
    _looks(request)
    # Caps and calendar count in days of UTC, the same for everybody.
    now = clock.now()
    try:
        on = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        on = now.date()
    context = {"title": "Calendar", "now": now_for(request.user), "today": now.date(), "on": on, "pressure": pressure(request.user, on=on, now=now)}
    return render(request, "campaigns/calendar.html", context)
