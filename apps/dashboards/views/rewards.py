"""Rewards: the month's budgets, what waits for a person, the catalogue and the ledger."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.milestones import services
from apps.milestones.models import Redemption, RewardClaim
from apps.milestones.types import Unit

from ..selectors import rewards as shown
from .actions import do, mine
from .page import StaffRequest, now_for, part, staff_page

# How a unit's kinds are written.
_KINDS: dict[str, str] = {Unit.POINTS: "", Unit.CREDITS: "[A-Z]{3}", Unit.PERKS: "[a-z0-9-]{1,40}"}
PARTS = {"waiting": "rewards/waiting.html", "ledger": "rewards/ledger.html"}


@require_GET
@staff_page
def rewards_page(request: StaffRequest) -> HttpResponse:
    now, user = now_for(request.user), request.user
    context = {"title": "Rewards", "now": now, "may_act": user.may_act}
    wanted = part(request, PARTS)
    if wanted != "ledger":
        context |= {"waiting": shown.waiting(user), "asked_for": shown.asked_for(user), **shown.counts(user)}
    if wanted != "waiting":
        context |= {"ledger": shown.ledger(user, request.GET), "kinds": shown.kinds()}
    if wanted:
        return render(request, PARTS[wanted], context)
    context |= {"desk": shown.desk(now=clock.now()), "may_plan": user.has_perm("milestones.change_rewardbudget"), "units": shown.units()}
    return render(request, "rewards/desk.html", context)


@require_POST
@staff_page
def claim_do(request: StaffRequest, claim_id: int, what: str) -> HttpResponse:
    """Let a claim through, or refuse it with the reason."""
    claim, note, now = mine(request, RewardClaim.objects.select_related("rule"), claim_id), _words(request), clock.now()
    calls: dict[str, tuple[Callable[[Actor], object], str]] = {
        "approve": (lambda actor: services.approve(claim, note=note, actor=actor, now=now), f"Granted: {claim.rule.name}"),
        "refuse": (lambda actor: services.refuse(claim, note=note, actor=actor, now=now), f"Refused: {claim.rule.name}"),
    }
    return _button(request, calls, what)


@require_POST
@staff_page
def redemption_do(request: StaffRequest, redemption_id: int, what: str) -> HttpResponse:
    row, note, now = mine(request, Redemption.objects.select_related("item"), redemption_id), _words(request), clock.now()
    calls: dict[str, tuple[Callable[[Actor], object], str]] = {
        "approve": (lambda actor: services.approve_redemption(row, actor=actor, now=now), f"Approved: {row.item.name}"),
        "hand_over": (lambda actor: services.hand_over(row, note=note, actor=actor, now=now), f"Handed over: {row.item.name}"),
        "refuse": (lambda actor: services.refuse_redemption(row, note=note, actor=actor, now=now), f"Refused, and given back: {row.item.name}"),
    }
    return _button(request, calls, what)


@require_POST
@staff_page
def plan_budget(request: StaffRequest) -> HttpResponse:
    """Set what may be granted this month."""
    if not request.user.has_perm("milestones.change_rewardbudget"):
        raise PermissionDenied("Team leads and administrators plan budgets.")
    now = clock.now()

    def call(actor: Actor) -> str:
        unit, kind = request.POST.get("unit", ""), request.POST.get("currency", "").strip()
        kind = "" if unit == Unit.POINTS else kind.upper() if unit == Unit.CREDITS else kind
        amount, worth = _amount(request.POST.get("amount", ""), "amount"), _amount(request.POST.get("unit_worth", "") or "0", "worth")
        if unit not in Unit.values or not re.fullmatch(_KINDS[unit], kind):
            raise Refused("unit", "Choose a unit; credits need a currency of three letters, perks the key of the perk.")
        month = date(now.year, now.month, 1)
        row = services.plan_budget(month=month, amount=amount, unit=unit, currency=kind, unit_worth=worth, actor=actor, now=now)
        return f"Planned: {row.amount:,.0f} {row.currency or row.get_unit_display()} for {row.month:%B}."

    return do(request, call)


def _amount(word: str, what: str) -> Decimal:
    try:
        amount = Decimal(word.replace(" ", "").replace(",", ""))
    except InvalidOperation as error:
        raise Refused("no_number", f"The {what} must be a number. Nothing was changed.") from error
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise Refused("no_number", f"The {what} must be a number from 0 to a billion. Nothing was changed.")
    return amount


def _words(request: StaffRequest) -> str:
    return request.POST.get("note", "").replace("\x00", "").strip()[:250]


def _button(request: StaffRequest, calls: dict[str, tuple[Callable[[Actor], object], str]], what: str) -> HttpResponse:
    if what not in calls:
        raise Http404("No such page.")
    act, done = calls[what]

    def call(actor: Actor) -> str:
        act(actor)
        return done

    return do(request, call)
