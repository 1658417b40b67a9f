"""Word of mouth: what waits for a yes, what was asked and what came of it, challenges, statements."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from apps.community import services
from apps.community.models import Ask, Favour
from apps.core import clock
from apps.core.actor import Actor

from ..selectors import community as shown
from .actions import do, mine
from .page import StaffRequest, now_for, part, staff_page, whole

PARTS = {"asks": "community/asks.html"}


@require_GET
@staff_page
def community_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    (desk,) = whole(request, shown.desk(request.user, now=now))
    context = {"title": "Word of mouth", "now": now, "desk": desk, "may_act": request.user.may_act, "rules": services.rules_now()}
    wanted = part(request, PARTS)
    return render(request, PARTS[wanted] if wanted else "community/desk.html", context)


@require_POST
@staff_page
def ask_do(request: StaffRequest, ask_id: int, what: str) -> HttpResponse:
    """Let it go, call it off with the reason, write down what they said, or that they did it."""
    ask, now = mine(request, Ask.objects.select_related("contact"), ask_id), clock.now()
    who, why = ask.contact, request.POST.get("why", "").replace("\x00", "").strip()[:250] or "Not now."
    calls: dict[str, tuple[Callable[[Actor], object], str]] = {
        "send": (lambda actor: services.send(ask=ask, actor=actor, now=now, rules=services.rules_now()), f"On its way to {who}"),
        "call-off": (lambda actor: services.call_off_ask(ask=ask, why=why, actor=actor, now=now), f"Called off: {who} is not asked"),
        "agreed": (lambda actor: services.answer_ask(ask=ask, agreed=True, actor=actor, now=now), f"Written down: {who} agreed"),
        "declined": (lambda actor: services.answer_ask(ask=ask, agreed=False, actor=actor, now=now), f"Written down: {who} said no"),
        "done": (lambda actor: services.finish_ask(ask=ask, actor=actor, now=now), f"Done; we owe {who} thanks"),
    }
    return _button(request, calls, what)


@require_POST
@staff_page
def favour_thank(request: StaffRequest, favour_id: int) -> HttpResponse:
    favour, now = mine(request, Favour.objects.all(), favour_id), clock.now()
    return _button(request, {"thank": (lambda actor: services.thank(favour=favour, actor=actor, now=now), "Thanked")}, "thank")


def _button(request: StaffRequest, calls: dict[str, tuple[Callable[[Actor], object], str]], what: str) -> HttpResponse:
    if what not in calls:
        raise Http404("No such page.")
    act, done = calls[what]

    def call(actor: Actor) -> str:
        act(actor)
        return done

    return do(request, call)
