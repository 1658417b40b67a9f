"""The impact lab."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from apps.interventions.models import Play
from apps.interventions.selectors import impact as measured
from apps.interventions.types import Arm

from ..selectors import impact
from .page import StaffRequest, now_for, number, staff_page

_PAGE = 50


def _asked(request: StaffRequest) -> dict[str, int]:
    """The period and after how many days somebody counts as having stayed; what is not offered becomes the usual."""
    days, within = request.GET.get("days", ""), request.GET.get("within", "")
    return {
        "days": int(days) if days.isdigit() and int(days) in measured.PERIODS else measured.PERIODS[0],
        "within": int(within) if within.isdigit() and int(within) in measured.WITHIN else measured.WITHIN[0],
    }


@require_GET
@staff_page
def impact_page(request: StaffRequest) -> HttpResponse:
    now, asked = now_for(request.user), _asked(request)
    context = {"title": "Impact", "now": now, "periods": measured.PERIODS, "withins": measured.WITHIN, **asked}
    return render(request, "impact/page.html", context | impact.page(request.user, now=now, **asked))


@require_GET
@staff_page
def impact_play(request: StaffRequest, key: str) -> HttpResponse:
    """The accounts behind a play's figures."""
    now, asked = now_for(request.user), _asked(request)
    play = get_object_or_404(Play, key=key)
    arm = request.GET.get("arm", Arm.TREATED)
    if arm not in Arm.values:
        raise Http404("There is no such arm.")
    runs = measured.runs(request.user, play, arm=arm, days=asked["days"], now=now)
    context = {"title": f"Impact of “{play.name}”", "now": now, "play": play, "arm": arm, "arms": Arm.choices, **asked}
    context |= {"row": impact.one(request.user, play, now=now, **asked), "page": Paginator(runs, _PAGE).get_page(number(request))}
    return render(request, "impact/play.html", context)
