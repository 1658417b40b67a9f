"""What coaching changed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..selectors import coaching_effect
from .page import StaffRequest, now_for, staff_page


@require_GET
@staff_page
def effect_page(request: StaffRequest) -> HttpResponse:
    now, word = now_for(request.user), request.GET.get("days", "")
    days = int(word) if word.isascii() and word.isdigit() and int(word) in coaching_effect.PERIODS else coaching_effect.PERIODS[0]
    context = {"title": "Effect of coaching", "now": now, "periods": sorted(coaching_effect.PERIODS), "days": days}
    return render(request, "coaching_effect/page.html", context | coaching_effect.page(request.user, days=days, now=now))
