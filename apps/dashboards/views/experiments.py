"""Experiments: what is being tried, what it says, and how many accounts it takes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.experiments import services
from apps.experiments.models import Experiment

from ..selectors import experiments as shown
from .page import StaffRequest, now_for, staff_page


def _experiment(experiment_id: int) -> Experiment:
    found = Experiment.objects.filter(pk=experiment_id).first()
    if found is None:
        raise Http404("No such page.")
    return found


@require_GET
@staff_page
def experiments_page(request: StaffRequest) -> HttpResponse:
    context = {"title": "Experiments", "now": now_for(request.user), "power": shown.power(request.GET)}
    if request.headers.get("HX-Request") and request.GET.get("part") == "power":
        return render(request, "experiments/power.html", context)
    return render(request, "experiments/desk.html", context | {"desk": shown.desk()})


@require_GET
@staff_page
def experiment_page(request: StaffRequest, experiment_id: int) -> HttpResponse:
    experiment, now = _experiment(experiment_id), now_for(request.user)
    context = {"title": experiment.name, "now": now, "told": shown.detail(experiment, now=clock.now()), "may_act": request.user.may_act}
    return render(request, "experiments/experiment.html", context)


@require_POST
@staff_page
def experiment_do(request: StaffRequest, experiment_id: int, what: str) -> HttpResponse:
    """One button: the same services as everywhere, a message and a redirect."""
    if not request.user.may_act:
        raise PermissionDenied("Viewers look.")
    experiment, actor, now = _experiment(experiment_id), Actor.user(request.user), clock.now()
    calls: dict[str, tuple[Callable[[], Any], str]] = {
        "start": (lambda: services.start(experiment, actor=actor, now=now), "It runs. Accounts are assigned from now on."),
        "stop": (lambda: services.stop(experiment, reason=request.POST.get("reason", ""), actor=actor, now=now), "It is stopped."),
        "look": (lambda: services.take_look(experiment, actor=actor, now=now), "The look was taken and is kept."),
    }
    if what not in calls:
        raise Http404("No such page.")
    call, done = calls[what]
    try:
        call()
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return redirect("experiment", experiment.pk)
