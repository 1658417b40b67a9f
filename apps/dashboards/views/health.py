"""Health: why an account stands where it stands, and the model that says so."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Account
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.reading import read
from apps.health import selectors as health
from apps.health import services
from apps.health.models import HealthModel
from apps.health.types import By, ModelState, WhenMissing, Whom

from .. import health_form
from ..selectors import health as shown
from .page import StaffRequest, now_for, staff_page


def _account(request: StaffRequest, account_id: int) -> Account:
    account = Account.objects.for_user(request.user).filter(pk=account_id).first()
    if account is None:
        raise Http404("No such page.")
    return account


def _moment(request: StaffRequest) -> Any:
    """The past moment the page speaks of, if it speaks of one."""
    try:
        moment = parse_datetime(request.GET.get("as_of", ""))
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


@require_GET
@staff_page
def health_card(request: StaffRequest, account_id: int) -> HttpResponse:
    account, now = _account(request, account_id), now_for(request.user)
    card = read(shown.card(account, now=now, moment=_moment(request)))
    return render(request, "health/card.html", {"account": account, "now": now, "health": card})


@require_GET
@staff_page
def health_why(request: StaffRequest, account_id: int, measure: str) -> HttpResponse:
    """A drawer for htmx, a page of its own otherwise."""
    account, now = _account(request, account_id), now_for(request.user)
    why = health.why(account, measure, now=now, moment=_moment(request))
    if why is None:
        raise Http404("No such page.")
    context = {"title": why.part.name, "account": account, "now": now, "why": why, "spark": shown.steps(why)}
    return render(request, "health/why.html" if request.headers.get("HX-Request") else "health/why_page.html", context)


@require_GET
@staff_page
def health_desk(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    context = {"title": "Health model", "now": now, "desk": shown.desk(request.user, now=now), "may_change": _may_change(request)}
    return render(request, "health/desk.html", context)


def _may_change(request: StaffRequest) -> bool:
    return request.user.has_perm("health.change_healthmodel")


def _model(model_id: int) -> HealthModel:
    model = HealthModel.objects.filter(pk=model_id).first()
    if model is None:
        raise Http404("No such page.")
    return model


@require_http_methods(["GET", "POST"])
@staff_page
def health_model(request: StaffRequest, model_id: int) -> HttpResponse:
    """One version: read by everybody, and while it is a draft changed by those who may."""
    model, now = _model(model_id), now_for(request.user)
    tree, problem = model.tree, None
    if request.method == "POST":
        if not _may_change(request):
            raise PermissionDenied("Only administrators change how health is judged.")
        tree = health_form.read(request.POST)
        problem = health.problem_with(tree)
        if problem is None:
            fields = {name: request.POST.get(name, "") for name in ("whom_field", "whom_value", "note")}
            try:
                services.revise(model, tree_data=tree, **fields, actor=Actor.user(request.user), now=clock.now())
                if request.POST.get("then") == "try":
                    services.ask_for_backtest(model, actor=Actor.user(request.user), now=clock.now())
                messages.success(request, "Saved." if request.POST.get("then") != "try" else "Saved; it is being tried on your history.")
                return redirect("health_model", model.pk)
            except Refused as refusal:
                messages.error(request, refusal.message)
    context = {
        "title": str(model),
        "now": now,
        "model": model,
        "tree": shown.editor(tree, problem),
        "problem": problem,
        "trial": shown.trial(model),
        "may_change": _may_change(request),
        "editable": _may_change(request) and model.state == ModelState.DRAFT,
        "measures": health.MEASURES,
        "missing": WhenMissing.choices,
        "bys": By.choices,
        "whoms": Whom.choices,
    }
    if request.headers.get("HX-Request") and request.GET.get("part") == "trial":
        return render(request, "health/trial.html", context)
    return render(request, "health/model.html", context, status=422 if problem else 200)


@require_POST
@staff_page
def health_do(request: StaffRequest, model_id: int, what: str) -> HttpResponse:
    """One button of a version: the same services as everywhere, a message and a redirect."""
    if not _may_change(request):
        raise PermissionDenied("Only administrators change how health is judged.")
    model = _model(model_id)
    calls: dict[str, Callable[..., Any]] = {
        "copy": services.copy,
        "publish": services.publish,
        "retire": services.retire,
        "discard": services.discard,
        "try": services.ask_for_backtest,
        "weights": services.take_weights,
    }
    if what not in calls:
        raise Http404("No such page.")
    try:
        made = calls[what](model, actor=Actor.user(request.user), now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("health_model", model.pk)
    messages.success(request, _DONE[what].format(model=made or model))
    if what == "discard":
        return redirect("health_desk")
    return redirect("health_model", made.pk if isinstance(made, HealthModel) else model.pk)


_DONE = {
    "copy": "{model} is a draft of its own now.",
    "publish": "{model} is at work. Every account is being scored by it.",
    "retire": "{model} is taken from work.",
    "discard": "{model} was thrown away.",
    "try": "{model} is being tried on your history.",
    "weights": "The suggested weights stand in {model}. Look at them, then try it again.",
}
