"""Escalation policies: the list, the builder with what would happen now, and the answers that rules ask for."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Account, User
from apps.alerts import services as alerts
from apps.alerts.models import AlertRule, EscalationPolicy, Response, ResponseRun
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused

from .. import escalation_form as forms
from ..escalation_form import PolicyDraft
from ..selectors import escalation as reading
from .actions import do, mine
from .page import StaffRequest, now_for, part, staff_page, to_page

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_TAKEN = ("new", "look")


def may_write(request: StaffRequest) -> bool:
    """Administrators and team leads write policies, rotas and channels; success managers and viewers read."""
    return request.user.may_act and request.user.has_perm("alerts.change_escalationpolicy")


def readers_only(request: StaffRequest) -> None:
    if not request.user.has_perm("alerts.view_escalationpolicy"):
        raise PermissionDenied("Your role does not look at escalation.")


def writers_only(request: StaffRequest) -> None:
    if not may_write(request):
        raise PermissionDenied("Administrators and team leads write this.")


@require_GET
@staff_page
def policies_page(request: StaffRequest) -> HttpResponse:
    readers_only(request)
    context = {
        "title": "Escalation",
        "now": now_for(request.user),
        "policies": reading.policies(),
        "duty": reading.duty(now=clock.now()),
        "climbs": reading.newest_climbs(request.user),
        "asked": reading.waiting_answers(request.user),
        "may_write": may_write(request),
        "tab": "policies",
    }
    return render(request, "escalation/climbs.html" if part(request, {"climbs"}) else "escalation/list.html", context)


@require_http_methods(["GET", "POST"])
@staff_page
def policy_new(request: StaffRequest) -> HttpResponse:
    return _build(request, None)


@require_http_methods(["GET", "POST"])
@staff_page
def policy_edit(request: StaffRequest, key: str) -> HttpResponse:
    policy = EscalationPolicy.objects.select_related("head").filter(key=key).first()
    if policy is None:
        raise Http404("No such page.")
    return _build(request, policy)


@require_POST
@staff_page
def policy_look(request: StaffRequest) -> HttpResponse:
    """What the draft in the form would do now."""
    readers_only(request)
    return render(request, "escalation/consequence.html", {"now": now_for(request.user), "seen": _seen(request, forms.posted(request.POST))})


def _seen(request: StaffRequest, draft: PolicyDraft) -> reading.Seen:
    said = request.POST if request.method == "POST" else request.GET
    severity = said.get("severity", "warning")
    severity = severity if severity in ("info", "warning", "urgent") else "warning"
    return reading.seen(draft, request.user, account_id=said.get("account", ""), severity=severity, now=clock.now())


def _build(request: StaffRequest, policy: EscalationPolicy | None) -> HttpResponse:
    readers_only(request)
    if request.method == "GET":
        return _show(request, policy, _of(policy) if policy else PolicyDraft(steps=alerts.policy_steps.usual()))
    writers_only(request)
    draft = forms.posted(request.POST, key=policy.key if policy else "")
    if request.POST.get("do") != "save":
        return _show(request, policy, draft)
    try:
        return _saved(request, policy, draft)
    except Refused as refusal:
        return _show(request, policy, draft, flaw=refusal.message, status=409)


def _of(policy: EscalationPolicy) -> PolicyDraft:
    return PolicyDraft(
        key=policy.key,
        name=policy.name,
        why=policy.why,
        steps=list(policy.steps),
        repeat=str(policy.repeat),
        least_severity=policy.least_severity,
        large_arr=f"{policy.large_arr:f}".removesuffix(".00"),
        head=policy.head.email if policy.head else "",
        rules=[str(pk) for pk in policy.of_rules.values_list("rule", flat=True)],
        seen=policy.version,
    )


def _saved(request: StaffRequest, policy: EscalationPolicy | None, draft: PolicyDraft) -> HttpResponse:
    actor, now = Actor.user(request.user), clock.now()
    arr = reading.arr_of(draft.large_arr)
    if not draft.name:
        raise Refused("no_name", "Give it a name.")
    if arr is None:
        raise Refused("bad_arr", "The ARR from which an account is large is an amount of money, such as 50000.")
    said: dict[str, Any] = {
        "name": draft.name,
        "why": draft.why,
        "steps": draft.steps,
        "repeat": int(draft.repeat) if draft.repeat in ("0", "1", "2") else 9,
        "least_severity": draft.least_severity,
        "large_arr": arr,
        "head": User.objects.filter(email=draft.head, is_active=True).first() if draft.head else None,
    }
    rules = list(AlertRule.objects.filter(pk__in=draft.rules))
    if policy is None:
        key = draft.key or re.sub(r"[^a-z0-9]+", "-", draft.name.lower()).strip("-")[:60]
        if not _KEY.fullmatch(key) or key in _TAKEN:
            raise Refused("bad_key", "A key is made of small letters, digits and dashes, such as key-accounts.")
        policy = alerts.policies.create(key=key, actor=actor, now=now, **said)
        alerts.policies.choose(policy, rules=rules)
        messages.success(request, f"“{policy.name}” is there. It is for the alerts of the rules that you chose.")
        return to_page(request, reverse("escalation"))
    try:
        alerts.policies.change(policy, said=said, actor=actor, now=now, version=draft.seen)
    except Conflict as conflict:
        draft.seen = conflict.version
        words = "Somebody saved it meanwhile. Yours is still here: save again to put it on top, or open the policy in another window."
        raise Refused("changed_meanwhile", words) from conflict
    alerts.policies.choose(policy, rules=rules)
    messages.success(request, f"“{draft.name}” is saved. Climbs that began keep the steps they have.")
    return to_page(request, reverse("escalation"))


def _show(request: StaffRequest, policy: EscalationPolicy | None, draft: PolicyDraft, *, flaw: str = "", status: int = 200) -> HttpResponse:
    context = {
        "title": "Escalation",
        "now": now_for(request.user),
        "policy": policy,
        "draft": draft,
        "steps": reading.shown(draft),
        "choices": reading.choices(),
        "rules": reading.rules(),
        "people": reading.people(),
        "seen": _seen(request, draft),
        "accounts": _some_accounts(request),
        "flaw": flaw,
        "may_write": may_write(request),
        "days": list(enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))),
        "full": len(draft.steps) >= forms.MOST,
    }
    name = "escalation/build_form.html" if request.headers.get("HX-Request") else "escalation/build.html"
    # htmx shows what it gets with 200 only; the alert in the form says that nothing was saved.
    return render(request, name, context, status=200 if request.headers.get("HX-Request") else status)


def _some_accounts(request: StaffRequest) -> list[Any]:
    return list(Account.objects.for_user(request.user).exclude(owner=None).order_by("-arr", "pk")[:30])


@require_POST
@staff_page
def policy_do(request: StaffRequest, key: str, what: str) -> HttpResponse:
    """One button: usual, on or off."""
    writers_only(request)
    policy = EscalationPolicy.objects.filter(key=key).first()
    if policy is None or what not in ("usual", "on", "off"):
        raise Http404("No such page.")
    actor, now = Actor.user(request.user), clock.now()
    try:
        if what == "usual":
            alerts.policies.make_usual(policy, actor=actor, now=now)
            messages.success(request, f"Alerts of rules that name no policy climb by “{policy.name}” from now on.")
        else:
            alerts.policies.change(policy, said={"is_active": what == "on"}, actor=actor, now=now)
            messages.success(request, f"“{policy.name}” is {what}.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("escalation")


@require_POST
@staff_page
def answer_do(request: StaffRequest, run_id: int, what: str) -> HttpResponse:
    """One button of an answer: approve, refuse, undo."""
    run = mine(request, ResponseRun.objects.all(), run_id)
    calls = {"approve": alerts.answering.approve, "refuse": alerts.answering.refuse, "undo": alerts.answering.undo}
    if what not in calls:
        raise Http404("No such page.")

    def call(actor: Actor) -> str:
        done = calls[what](run, actor=actor, user=request.user, now=clock.now())
        return "It will not be done." if what == "refuse" else done.what

    return do(request, call, reverse("answer_do", args=[run.pk, "undo"]) if what == "approve" else "")


@require_POST
@staff_page
def response_write(request: StaffRequest, rule_id: int) -> HttpResponse:
    """Add what a rule does by itself, or change how."""
    writers_only(request)
    rule = AlertRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise Http404("No such page.")
    said, actor, now = request.POST, Actor.user(request.user), clock.now()
    limits = {name: _whole(said, name) for name in ("per_hour", "per_day")}

    def call(_: Actor) -> str:
        if key := said.get("response", ""):
            row = Response.objects.filter(rule=rule, pk=int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0).first()
            if row is None:
                raise Refused("no_such_response", "It is not there any more.")
            changed = alerts.responses.change(row, said={"mode": said.get("mode", ""), **limits}, actor=actor, now=now)
            return f"Saved: {changed.get_mode_display()}."
        deed = said.get("deed", "")
        alerts.responses.create(rule=rule, deed=deed, says=_says(deed, said), mode=said.get("mode", "dry"), actor=actor, now=now, **limits)
        return "Added. A dry run shows what it would do before it does anything."

    return do(request, call)


def _whole(said: Any, name: str) -> int:
    word = said.get(name, "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 6 else 0


def _says(deed: str, said: Any) -> dict[str, Any]:
    match deed:
        case "play":
            return {"play": said.get("play", "")}
        case "task":
            return {
                "title": said.get("task", "").strip(),
                "minutes": _whole(said, "minutes"),
                "due_hours": _whole(said, "due_hours"),
                "priority": said.get("priority", ""),
            }
        case "webhook":
            return {"name": said.get("name", "").strip()}
        case _:
            return {"flag": said.get("flag", ""), "on": said.get("on", "") == "yes"}
