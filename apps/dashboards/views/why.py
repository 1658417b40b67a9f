"""Why? on an account's page: from a reason of a score down to the rows behind it, and what would bring the score down."""

import math

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.models import Account
from apps.churn import selectors as churn
from apps.churn.models import Prediction
from apps.core.errors import Refused
from apps.core.reading import read

from ..selectors import supposed, why
from .page import StaffRequest, now_for, part, staff_page


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


@require_GET
@staff_page
def risk_what_if(request: StaffRequest, account_id: int) -> HttpResponse:
    """The dials and what they would do: a part for htmx, of it the answer alone while they are turned, and a page of its own otherwise."""
    account, now = own_account(request, account_id), now_for(request.user)
    context = {"title": "What if?", "account": account, "now": now, "turns": (), "answer": None, "problem": ""}
    definition = churn.default_definition()
    try:
        found = churn.supposed.tried(definition, account.pk, turned=_turned(request), now=now) if definition else None
    except Refused as refusal:
        found, context["problem"] = None, refusal.message
    if found is not None:
        turns = supposed.turns(found)
        context |= {"turns": turns, "helped": any(turn.helps for turn in turns), "answer": supposed.answer(found)}
    if not request.headers.get("HX-Request"):
        return render(request, "churn/what_if_page.html", context)
    return render(request, "churn/supposed.html" if part(request, {"answer"}) else "churn/what_if.html", context)


def _turned(request: StaffRequest) -> dict[str, float]:
    """Where each dial was left; a button `calm` says that one trouble is over. What is no number is as if it was not turned."""
    told: dict[str, float] = {}
    for dial in churn.supposed.dials.DIALS:
        word = request.GET.get(dial.key, "")
        try:
            value = float(word)
        except ValueError:
            continue
        if math.isfinite(value):
            told[dial.key] = value
    calm = churn.supposed.dials.BY_KEY.get(request.GET.get("calm", ""))
    return told | ({calm.key: calm.calm} if calm else {})
