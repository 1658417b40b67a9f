"""The churn desk: how far the model can be believed, whom to call first, and the buttons that train, promote and go back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.churn import selectors as churn
from apps.churn import services
from apps.churn.models import ChurnDefinition, ModelVersion, TrainingRun
from apps.churn.types import DefinitionKind
from apps.core import clock, flags
from apps.core.actor import Actor
from apps.core.errors import Refused

from .. import churn_form
from ..selectors.churn import acts, capacity, card, desk
from .page import StaffRequest, now_for, part, staff_page


def _may_work(request: StaffRequest) -> bool:
    """As the buttons of the admin's lists of models."""
    return request.user.may_act and request.user.has_perm("churn.view_modelversion")


def _may_define(request: StaffRequest) -> bool:
    return request.user.has_perm("churn.add_churndefinition")


@require_GET
@staff_page
def churn_desk(request: StaffRequest) -> HttpResponse:
    now, known = now_for(request.user), desk.definitions()
    context: dict[str, Any] = {"title": "Churn desk", "now": now, "may_work": _may_work(request), "may_define": _may_define(request)}
    if not known:
        return render(request, "churn/none.html", context)
    asked = request.GET.get("definition", "")
    definition = next((one for one in known if one.name == asked), known[0])
    wanted = part(request, {"runs", "reach"})
    if wanted == "runs":
        runs = desk.runs(definition, now=now)
        # 286 tells the page to ask no more: the training is over.
        return render(request, "churn/runs.html", context | {"definition": definition, "runs": runs}, status=200 if desk.is_open(runs) else 286)
    setting = capacity.asked(request.GET)
    told = desk.desk(request.user, definition, known=known, setting=setting, share_of=flags.challenger_share, now=now)
    context |= {"desk": told, "minutes": capacity.MINUTES}
    return render(request, "churn/reach.html" if wanted else "churn/desk.html", context | {"most_hours": capacity.MOST_HOURS})


@require_GET
@staff_page
def churn_model(request: StaffRequest, version_id: int) -> HttpResponse:
    """The card of one version."""
    version = _version(version_id)
    context = {
        "title": "Model card",
        "now": now_for(request.user),
        "version": version,
        "acts": acts.acts(version, churn.live_model(version.definition), version.definition.versions.filter(is_challenger=True).first()),
        "card": card.card(version),
        "may_work": _may_work(request),
    }
    return render(request, "churn/model.html", context)


def _version(version_id: int) -> ModelVersion:
    version = ModelVersion.objects.select_related("definition").filter(pk=version_id).first()
    if version is None:
        raise Http404("No such page.")
    return version


@require_http_methods(["GET", "POST"])
@staff_page
def churn_define(request: StaffRequest) -> HttpResponse:
    """A new definition, or a stored one changed: its sentence and its counts while it is typed, then the service."""
    if not _may_define(request):
        raise PermissionDenied("Only administrators say what leaving means.")
    told = request.POST if request.method == "POST" else request.GET
    stored = ChurnDefinition.objects.filter(name=told.get("name", "")).first()
    data = told if "kind" in told or stored is None else _as_typed(stored)
    asked = churn_form.read(data)
    problem = ""
    if request.method == "POST" and told.get("only") != "count":
        try:
            made = services.define(**asked.said, actor=Actor.user(request.user), now=clock.now())
            messages.success(request, f"{made} is defined. The rule scores until a model earns its place.")
            return redirect(f"{reverse('churn')}?definition={made.name}")
        except Refused as refusal:
            problem = refusal.message
    now = now_for(request.user)
    context = {
        "title": "Define churn",
        "now": now,
        "asked": asked,
        "stored": stored,
        "problem": problem,
        "kinds": DefinitionKind.choices,
        "needs": churn_form.NEEDS.get(asked.kind),  # type: ignore[call-overload]
    }
    context |= _counted(asked, now)
    if part(request, {"form"}):
        return render(request, "churn/define_form.html", context)
    return render(request, "churn/define.html", context, status=422 if problem else 200)


def _as_typed(stored: ChurnDefinition) -> dict[str, str]:
    numbers = {name: getattr(stored, name) for name in ("horizon_days", "inactive_days", "least_percent")}
    told = {name: str(value) for name, value in numbers.items() if value is not None}
    ticked = {"make_default": stored.is_default, "leave_unpaid_apart": stored.leave_unpaid_apart}
    return {"name": stored.name, "kind": stored.kind, **told, **{name: "yes" for name, on in ticked.items() if on}}


def _counted(asked: churn_form.Asked, now: Any) -> dict[str, Any]:
    """The sentence and the counts; without its numbers there is nothing to count yet."""
    if asked.kind not in DefinitionKind.values or None in asked.numbers.values():
        return {"counts": None}
    return {"counts": churn.counts(asked.definition, now=now), "sentence": asked.definition.in_words}


@require_POST
@staff_page
def churn_train(request: StaffRequest, definition_id: int) -> HttpResponse:
    definition, now = _definition(definition_id), clock.now()

    def ask(actor: Actor) -> None:
        if services.ask_for_training(definition, actor=actor, now=now).asked_at != now:
            raise Refused("training_open", f"{definition} is learning already. Wait for it, or stop it first.")

    return _done(request, definition, ask, "A worker learns now. You may leave the page.")


@require_POST
@staff_page
def churn_score(request: StaffRequest, definition_id: int) -> HttpResponse:
    """Scores by a definition without waiting for the night."""
    definition = _definition(definition_id)
    words = "A worker scores every account now. Look again in a moment."
    return _done(request, definition, lambda actor: services.ask_for_scores(definition, actor=actor), words)


def _definition(definition_id: int) -> ChurnDefinition:
    definition = ChurnDefinition.objects.filter(pk=definition_id).first()
    if definition is None:
        raise Http404("No such page.")
    return definition


@require_POST
@staff_page
def churn_stop(request: StaffRequest, run_id: int) -> HttpResponse:
    """End a training; what scores stays."""
    run = TrainingRun.objects.select_related("definition").filter(pk=run_id).first()
    if run is None:
        raise Http404("No such page.")
    return _done(
        request,
        run.definition,
        lambda actor: services.runs.stop(run, actor=actor, now=clock.now()),
        "The training stops before its next stage. What scores stays.",
    )


_DONE = {
    "promote": "{version} is at work. Every account is being scored by it.",
    "challenge": "{version} scores beside the one at work from the next scoring of everybody on.",
    "withdraw": "{version} challenges nobody any more.",
    "roll-back": "The version of before is at work again instead of {version}. Every account is being scored by it.",
}


@require_POST
@staff_page
def churn_do(request: StaffRequest, version_id: int, what: str) -> HttpResponse:
    """One button of a version."""
    version, now = _version(version_id), clock.now()
    calls: dict[str, Callable[[Actor], object]] = {
        "promote": lambda actor: services.put_to_work(version, actor=actor, now=now),
        "challenge": lambda actor: services.challenge(version, actor=actor, now=now),
        "withdraw": lambda actor: services.withdraw(version, actor=actor, now=now),
        "roll-back": lambda actor: services.roll_back(version.definition, leaving=version, actor=actor, now=now),
    }
    if what not in calls:
        raise Http404("No such page.")
    return _done(request, version.definition, calls[what], _DONE[what].format(version=version))


def _done(request: StaffRequest, definition: ChurnDefinition, call: Callable[[Actor], object], words: str) -> HttpResponse:
    """The same services as everywhere, a message and the way back to the desk."""
    if not _may_work(request):
        raise PermissionDenied("Your role looks at models and does not change what scores.")
    try:
        call(Actor.user(request.user))
        messages.success(request, words)
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('churn')}?definition={definition.name}")
