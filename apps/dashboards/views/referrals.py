"""Recommendations: what they bring, what waits for a decision and why, and what is about to mature."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from apps.community import services
from apps.community.models import Referral
from apps.core import clock
from apps.core.actor import Actor

from ..selectors import referrals as shown
from .actions import do, mine
from .page import StaffRequest, now_for, part, staff_page

PARTS = {"queue": "referrals/queue.html"}


@require_GET
@staff_page
def referrals_page(request: StaffRequest) -> HttpResponse:
    now, user = now_for(request.user), request.user
    context = {"title": "Recommendations", "now": now, "may_act": user.may_act, "queue": shown.queue(user)}
    wanted = part(request, PARTS)
    if wanted:
        return render(request, PARTS[wanted], context)
    programs = shown.programs()
    chosen = next((row for row in programs if row.key == request.GET.get("program", "")), programs[0] if programs else None)
    context |= {"programs": programs, "desk": shown.desk(chosen, now=now) if chosen else None, "sees_all": user.sees_everything}
    context |= {"ripening": shown.ripening(user, now=now), "owed": shown.owed(user), "asked": shown.asked(user)}
    return render(request, "referrals/desk.html", context)


@require_POST
@staff_page
def referral_do(request: StaffRequest, referral_id: int, what: str) -> HttpResponse:
    """Let a sign-up count, or not, with the reason."""
    row, now = mine(request, Referral.objects.select_related("program"), referral_id), clock.now()
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:250]
    calls: dict[str, tuple[Callable[[Actor], object], str]] = {
        "approve": (lambda actor: services.referrals.approve(row, reason=reason, actor=actor, now=now), "It counts"),
        "refuse": (lambda actor: services.referrals.refuse(row, reason=reason, actor=actor, now=now), "It does not count"),
    }
    if what not in calls:
        raise Http404("No such page.")
    call, words = calls[what]

    def done(actor: Actor) -> str:
        call(actor)
        return f"{words}: {reason}"

    return do(request, done)
