"""Why? on an account's page: from a reason of a score down to the rows behind it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.models import Account
from apps.churn.models import Prediction
from apps.core.reading import read

from ..selectors import why
from .page import StaffRequest, now_for, staff_page


def own_account(request: StaffRequest, account_id: int) -> Account:
    """Missing alike for an account that never was and for one in another book."""
    account = Account.objects.for_user(request.user).filter(pk=account_id).first()
    if account is None:
        raise Http404("No such page.")
    return account


@require_GET
@staff_page
def risk_behind(request: StaffRequest, account_id: int, prediction_id: int) -> HttpResponse:
    """The rows behind one reason of one score: a part for htmx, a page of its own otherwise; `before` gives the next rows alone."""
    account = own_account(request, account_id)
    told = Prediction.objects.filter(pk=prediction_id, account=account).select_related("account", "model")
    prediction = told.defer("model__parameters", "model__golden", "model__metrics").first()
    if prediction is None:
        raise Http404("No such page.")
    feature, before = request.GET.get("feature", ""), request.GET.get("before", "").replace(" ", "+")
    found = read(why.behind(prediction, feature, before=before))
    if found is None:
        raise Http404("No such page.")
    context = {"title": "Why?", "account": account, "now": now_for(request.user), "found": found, "feature": feature}
    if not request.headers.get("HX-Request"):
        return render(request, "churn/behind_page.html", context)
    return render(request, "churn/behind_rows.html" if before else "churn/behind.html", context)
