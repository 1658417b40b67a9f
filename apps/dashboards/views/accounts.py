"""Portfolio and Account."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from apps.accounts.models import Account
from apps.accounts.types import Stage
from apps.churn.types import Band

from ..selectors import portfolio, record, timeline, waiting
from ..types import Kind
from .page import StaffRequest, now_for, part, staff_page, zone_of

COLUMNS = (
    ("name", "Account", False),
    ("risk", "Risk", True),
    ("change", "Change", True),
    ("arr", "ARR", True),
    ("stake", "At stake", True),
    ("renewal", "Renews", False),
    ("activity", "Last activity", True),
    ("", "Next step", False),
    ("owner", "Owner", False),
)


@require_GET
@staff_page
def portfolio_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    asked = portfolio.Asked.read(request.GET)
    page, rows = portfolio.page(request.user, asked, now=now)
    context = {"title": "Portfolio", "now": now, "asked": asked, "page": page, "rows": rows, "columns": COLUMNS}
    context["company_is_empty"] = not rows and not waiting.anything_at_all()
    if part(request, {"list"}):
        return render(request, "dashboards/parts/portfolio.html", context)
    owners = portfolio.owners(request.user)
    context |= {
        "owners": owners if len(owners) > 1 or request.user.sees_everything else [],
        "bands": [(band.value, band.label) for band in (Band.HIGH, Band.MEDIUM, Band.LOW)],
        "stages": Stage.choices,
        "renewals": portfolio.RENEWAL_DAYS,
        "default_sort": portfolio.DEFAULT_SORT,
    }
    return render(request, "dashboards/portfolio.html", context)


@require_GET
@staff_page
def account_page(request: StaffRequest, account_id: int) -> HttpResponse:
    now = now_for(request.user)
    asked = part(request, {"story", "older", "side", "head"})
    kind = request.GET.get("kind", "")
    try:
        if asked in {"story", "older"}:
            account = Account.objects.for_user(request.user).get(pk=account_id)
            return render(request, f"dashboards/parts/{asked}.html", _story(request, account, kind, now))
        whole = record.record(request.user, account_id, now=now)
    except Account.DoesNotExist:
        raise Http404("No such page.") from None
    context = {"title": "Account", "now": now, "record": whole, "account": whole.account}
    if asked:
        return render(request, f"dashboards/parts/{asked}.html", context)
    return render(request, "dashboards/account.html", context | _story(request, whole.account, kind, now))


def _story(request: StaffRequest, account: Account, kind: str, now: object) -> dict[str, object]:
    before = parse_datetime(request.GET.get("before", "")) if request.GET.get("before") else None
    start = before if before is not None and before.tzinfo is not None else now_for(request.user)
    kind = kind if kind in Kind.values else ""
    moments, older = timeline.page(account, before=start, kind=kind)
    return {
        "account": account,
        "now": now,
        "days": timeline.by_day(moments, zone_of(request.user)),
        "older": older,
        "kind": kind,
        "kinds": Kind.choices,
        "continued": before is not None,
    }
