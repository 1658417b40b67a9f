"""Revenue and Renewals."""

from decimal import Decimal, InvalidOperation

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.accounts import services as accounts
from apps.accounts.models import Renewal, RenewalCall
from apps.accounts.types import Call, CallBy
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..selectors import renewals, revenue, waiting
from .actions import do, mine
from .page import StaffRequest, now_for, number, part, staff_page


@require_GET
@staff_page
def revenue_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    asked = revenue.Asked.read(request.GET)
    context = {"title": "Revenue", "now": now, "may_enter_rates": request.user.has_perm("accounts.add_exchangerate")}
    context |= revenue.page(request.user, asked, now=now)
    context["company_is_empty"] = not context["anything"] and not waiting.anything_at_all()
    if part(request, {"list"}):
        return render(request, "dashboards/parts/revenue.html", context)
    context |= {"periods": revenue.PERIODS.items(), "groupings": revenue.GROUPINGS.items()}
    return render(request, "dashboards/revenue.html", context)


@require_GET
@staff_page
def movements_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    asked = revenue.Asked.read(request.GET)
    context = {"title": "Movements", "now": now, **revenue.movements(request.user, asked, now=now, number=number(request))}
    return render(request, "dashboards/movements.html", context)


@require_GET
@staff_page
def renewals_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    view = request.GET.get("view", "todo")
    view = view if view in renewals.VIEWS else "todo"
    page, rows = renewals.page(request.user, view=view, now=now, number=number(request))
    context = {"title": "Renewals", "now": now, "view": view, "views": renewals.VIEWS.items(), "page": page, "rows": rows, "calls": Call.choices}
    context["judgement"] = renewals.judgement(request.user, now=now)
    return render(request, "dashboards/parts/renewals.html" if part(request, {"list"}) else "dashboards/renewals.html", context)


@require_POST
@staff_page
def call_renewal(request: StaffRequest, renewal_id: int) -> HttpResponse:
    renewal = mine(request, Renewal.objects.select_related("account"), renewal_id)
    word = request.POST.get("call", "")
    if word not in Call.values:
        raise Http404("No such page.")

    def call(actor: Actor) -> str:
        accounts.renewals.call(renewal, call=Call(word), author=request.user, actor=actor, now=clock.now())
        return f"{renewal.account.name}: you call it {Call(word).label}"

    return do(request, call, reverse("uncall_renewal", args=[renewal.pk]))


@require_POST
@staff_page
def uncall_renewal(request: StaffRequest, renewal_id: int) -> HttpResponse:
    renewal = mine(request, Renewal.objects.select_related("account"), renewal_id)

    def call(actor: Actor) -> str:
        said = (
            RenewalCall.objects.filter(renewal=renewal, by=CallBy.CSM, author=request.user, withdrawn_at__isnull=True).order_by("-at", "-id").first()
        )
        if said is None:
            raise Refused("no_call", "You have no call on this renewal that could be taken back.")
        accounts.renewals.withdraw(said, actor=actor, now=clock.now())
        return f"{renewal.account.name}: your call is taken back"

    return do(request, call)


@require_POST
@staff_page
def decide_renewal(request: StaffRequest, renewal_id: int) -> HttpResponse:
    renewal = mine(request, Renewal.objects.select_related("account"), renewal_id)

    def call(actor: Actor) -> str:
        try:
            amount = Decimal(request.POST.get("arr", "").strip().replace(",", "")).quantize(Decimal("0.01"))
        except InvalidOperation as error:
            raise Refused("no_amount", "Write the yearly amount from now on as a number, 0 for not renewed. Nothing was changed.") from error
        if not amount.is_finite() or amount >= Decimal("1e12"):
            raise Refused("no_amount", "Write the yearly amount from now on as a number below a million millions. Nothing was changed.")
        found = accounts.renewals.decide(renewal, outcome_arr=amount, actor=actor, now=clock.now())
        return f"{renewal.account.name}: {found.get_state_display()}"

    return do(request, call)
