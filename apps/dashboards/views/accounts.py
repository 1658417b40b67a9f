"""The account's page."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from apps.accounts.models import Account

from ..selectors import health, record, timeline
from ..types import Kind
from .page import StaffRequest, now_for, part, staff_page, zone_of


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
    context["health"] = health.card(whole.account, now=now)
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
