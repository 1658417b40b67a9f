"""The coaching workspace: whom to help first, and one account with its tips."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Account
from apps.coaching import selectors as coaching
from apps.coaching import services
from apps.coaching.models import Recommendation
from apps.coaching.types import Answer
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..selectors import coaching as shown
from .actions import do, mine
from .page import StaffRequest, now_for, number, part, staff_page

_PAGE = 25
_SAID = {
    Answer.ACCEPT: "Accepted",
    Answer.NOT_NOW: "Not now; it may come again in two weeks",
    Answer.NOT_USEFUL: "Not useful; it counts against this tip",
    Answer.DONE: "Done",
}


@require_GET
@staff_page
def coaching_page(request: StaffRequest) -> HttpResponse:
    patterns = list(coaching.patterns(request.user))
    wanted = request.GET.get("pattern", "")
    pattern = wanted if wanted in {one.key for one in patterns} else ""
    page = Paginator(coaching.promising(request.user, pattern=pattern), _PAGE).get_page(number(request))
    context = {"title": "Coaching", "now": now_for(request.user), "page": page, "patterns": patterns, "pattern": pattern}
    context |= {"verdict": shown.verdict(request.user), "fit": coaching.fit_in_force(), "may_act": request.user.may_act}
    return render(request, "coaching/rows.html" if part(request, {"rows"}) else "coaching/page.html", context)


@require_GET
@staff_page
def coaching_account(request: StaffRequest, account_id: int) -> HttpResponse:
    account = mine(request, Account.objects.select_related("owner", "risk"), account_id)
    now = now_for(request.user)
    context = {"title": f"Coaching {account.name}", "now": now, "account": account, "may_act": request.user.may_act}
    context |= {"work": shown.workspace(account, now=clock.now())}
    return render(request, "coaching/parts.html" if part(request, {"work"}) else "coaching/account.html", context)


@require_POST
@staff_page
def tip_answer(request: StaffRequest, recommendation_id: int, word: str) -> HttpResponse:
    if word not in Answer.values:
        raise Http404("No such page.")
    row = mine(request, Recommendation.objects.shown(), recommendation_id)

    def call(actor: Actor) -> str:
        services.answer(row.pk, word, note=request.POST.get("note", ""), actor=actor, now=clock.now())
        return f"{_SAID[Answer(word)]}."

    return do(request, call)


@require_POST
@staff_page
def tip_send(request: StaffRequest, recommendation_id: int) -> HttpResponse:
    """Write the tip to one person at the account."""
    row = mine(request, Recommendation.objects.shown(), recommendation_id)

    def call(actor: Actor) -> str:
        word = request.POST.get("contact", "")
        contact_id = int(word) if word.isascii() and word.isdigit() and len(word) < 19 else 0
        message = services.send_tip(row.pk, contact_id=contact_id, actor=actor, now=clock.now())
        return f"Written to {message.contact}; the governor says when it leaves."

    return do(request, call)


@require_POST
@staff_page
def tips_choose(request: StaffRequest, account_id: int) -> HttpResponse:
    """Choose tips for one account now, within the dose."""
    account = mine(request, Account.objects.all(), account_id)

    def call(actor: Actor) -> str:
        if account.pk not in services.recommend([account.pk], now=clock.now(), actor=actor):
            raise Refused("no_new_tips", "There is no room for new tips now: answer those that wait, or wait until the week is over.")
        return f"Tips were chosen for {account.name}."

    return do(request, call)
