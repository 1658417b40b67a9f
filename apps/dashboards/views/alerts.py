"""The inbox of alerts, one alert, and what somebody wants to hear of."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.alerts.models import Alert
from apps.interventions.types import SNOOZE_REASONS

from ..selectors import alert as one
from ..selectors import hearing, inbox
from ..types import SEVERITY_WORDS
from .actions import mine
from .page import StaffRequest, now_for, number, part, staff_page


@require_GET
@staff_page
def inbox_page(request: StaffRequest) -> HttpResponse:
    now, asked = now_for(request.user), inbox.Asked.of(request.GET.dict())
    found = inbox.inbox(request.user, asked, now=now, page=number(request))
    context = {
        "title": "Alerts",
        "now": now,
        "asked": asked,
        "inbox": found,
        "tabs": [(view, label, found.counts.get(view, 0)) for view, label in inbox.VIEWS.items()],
        "whose": inbox.WHOSE.items(),
        "ages": inbox.AGES.items(),
        "severities": [(value, SEVERITY_WORDS[value]) for value in ("urgent", "warning", "info")],
        "snooze_reasons": SNOOZE_REASONS,
    }
    return render(request, "alerts/list.html" if part(request, {"list"}) else "alerts/inbox.html", context)


@require_GET
@staff_page
def alert_page(request: StaffRequest, alert_id: int) -> HttpResponse:
    now = now_for(request.user)
    alert = mine(request, Alert.objects.select_related("account__risk", "account__owner", "rule", "owner", "useful_by", "incident"), alert_id)
    context = {"title": alert.title, "now": now, "told": one.told(alert, request.user, now=now), "alert": alert, "snooze_reasons": SNOOZE_REASONS}
    if part(request, {"alert"}):
        return render(request, "alerts/told.html", context)
    # The drawer asks for the address itself.
    return render(request, "alerts/drawer.html" if request.headers.get("HX-Request") else "alerts/alert.html", context)


@require_GET
@staff_page
def subscriptions_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    context = {"title": "What reaches you", "now": now, "hearing": hearing.hearing(request.user, now=now)}
    name = part(request, {"hearing", "week"}) or "subscriptions"
    return render(request, f"alerts/{name}.html", context)
