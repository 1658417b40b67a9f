"""Alert rules: the list, the page of one, and the editor with its try on past days at its side."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.alerts import selectors as alerts_read
from apps.alerts import services as alerts
from apps.alerts.models import AlertRule, RuleTrial
from apps.alerts.types import RuleKind, RuleState, Severity
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..rule_form.reading import Draft, posted
from ..rule_form.showing import shown
from ..selectors.alert_rules import listing, one
from .page import StaffRequest, now_for, part, staff_page, to_page

_TAKEN = ("new", "look", "trials")
_NOTHING: dict[str, Any] = {"kind": "threshold", "figure": "health", "way": "below"}


def may_change(request: StaffRequest) -> bool:
    """A rule looks at every account: whoever sees them all and changes alerts writes it."""
    return request.user.may_act and request.user.sees_everything and request.user.has_perm("alerts.change_alertrule")


def _may_look(request: StaffRequest) -> None:
    if not request.user.has_perm("alerts.view_alertrule"):
        raise PermissionDenied("Your role does not look at alert rules.")


def _may_write(request: StaffRequest) -> None:
    if not may_change(request):
        raise PermissionDenied("Administrators, and team leads who see every account, write alert rules.")


def the_rule(request: StaffRequest, key: str) -> AlertRule:
    _may_look(request)
    rule = AlertRule.objects.select_related("current").filter(key=key).first()
    if rule is None:
        raise Http404("No such page.")
    return rule


@require_GET
@staff_page
def rules_page(request: StaffRequest) -> HttpResponse:
    _may_look(request)
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:80]
    state = state if state in RuleState.values else ""
    context = {
        "title": "Alert rules",
        "now": now_for(request.user),
        "listing": listing.listing(state=state, words=words, now=clock.now()),
        "state": state,
        "words": words,
        "may_change": may_change(request),
    }
    return render(request, "alert_rules/rows.html" if part(request, {"list"}) else "alert_rules/list.html", context)


@require_GET
@staff_page
def rule_page(request: StaffRequest, key: str) -> HttpResponse:
    rule, now = the_rule(request, key), clock.now()
    view = "versions" if request.GET.get("view") == "versions" else "now"
    context: dict[str, Any] = {
        "title": "Alert rules",
        "now": now_for(request.user),
        "rule": rule,
        "told": listing.words_of(rule),
        "tone": listing.TONES[RuleState(rule.state)],
        "loud": listing.SEVERITIES[rule.severity],
        "precision": alerts_read.precision([rule.pk], now=now).get(rule.pk, alerts_read.NOTHING),
        "view": view,
        "is_notice": rule.kind == RuleKind.NOTICE,
        "may_change": may_change(request),
    }
    if view == "versions":
        context["versions"] = one.versions(rule)
    else:
        context |= {"firing": one.firing(request.user, rule), "latest": one.latest(request.user, rule), "day": one.last_day(rule)}
    return render(request, "alert_rules/rule.html", context)


@require_POST
@staff_page
def rule_do(request: StaffRequest, key: str, what: str) -> HttpResponse:
    """One button: live, off, or remove what never spoke."""
    rule = the_rule(request, key)
    _may_write(request)
    actor, now = Actor.user(request.user), clock.now()
    if what not in ("live", "off", "remove"):
        raise Http404("No such page.")
    try:
        if what == "remove":
            alerts.rules.remove_draft(rule, actor=actor, now=now)
            messages.success(request, f"“{rule.name}” is removed.")
            return redirect("alert_rules")
        alerts.rules.turn(rule, what, actor=actor, now=now)
        told = "is live: it is watched from now on; what holds already is listed and alerts nobody." if what == "live" else "is off; its alerts stay."
        messages.success(request, f"“{rule.name}” {told}")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("alert_rule", key=key)


@require_http_methods(["GET", "POST"])
@staff_page
def rule_new(request: StaffRequest) -> HttpResponse:
    return _build(request, None)


@require_http_methods(["GET", "POST"])
@staff_page
def rule_edit(request: StaffRequest, key: str) -> HttpResponse:
    return _build(request, the_rule(request, key))


def _build(request: StaffRequest, rule: AlertRule | None) -> HttpResponse:
    _may_write(request)
    if request.method == "GET":
        return _show(request, rule, _of(rule) if rule else Draft(says=_NOTHING), untouched=True)
    draft = posted(request.POST, key=rule.key if rule else "")
    if request.POST.get("do") != "save":
        return _show(request, rule, draft)
    try:
        if flaws := _naming_flaws(draft, rule):
            raise alerts.rules.Flaws(flaws)
        return _saved(request, rule, draft)
    except alerts.rules.Flaws as found:
        return _show(request, rule, draft, flaws=found.flaws, status=422)
    except Refused as refusal:
        return _show(request, rule, draft, flaws=[("form", refusal.message)], status=409)


def _of(rule: AlertRule) -> Draft:
    version = rule.current
    return Draft(rule.key, rule.name, rule.why, rule.severity, says=version.says if version else {}, seen=version.number if version else 0)


def _naming_flaws(draft: Draft, rule: AlertRule | None) -> list[tuple[str, str]]:
    found = [] if draft.name else [("name", "Give it a name.")]
    if draft.severity not in Severity.values:
        found.append(("form", "Say how loud it is."))
    if rule is None and (draft.key in _TAKEN or AlertRule.objects.filter(key=draft.key).exists()):
        found.append(("key", "This key is taken."))
    return found


def _saved(request: StaffRequest, rule: AlertRule | None, draft: Draft) -> HttpResponse:
    actor, now = Actor.user(request.user), clock.now()
    about = {"name": draft.name, "why": draft.why, "severity": draft.severity}
    if rule is None:
        rule = alerts.rules.create(key=draft.key, **about, says=draft.says, note=draft.note, by=request.user, actor=actor, now=now)
        messages.success(request, f"“{rule.name}” is a draft. Put it live when what it would have done is what you want.")
        return to_page(request, reverse("alert_rule", args=[rule.key]))
    if rule.kind == RuleKind.NOTICE:
        alerts.rules.describe(rule, **about, actor=actor, now=now)
        messages.success(request, "Saved.")
        return to_page(request, reverse("alert_rule", args=[rule.key]))
    latest = rule.current.number if rule.current else 0
    if draft.seen != latest:
        raise Refused("rule_changed", f"Version {latest} was saved meanwhile. Open the rule in another window and decide what of yours goes on top.")
    version = alerts.rules.save_version(rule, says=draft.says, note=draft.note, by=request.user, actor=actor, now=now)
    alerts.rules.describe(rule, **about, actor=actor, now=now)
    same = version.number == latest
    messages.success(request, "It watches for the same, so no version was made." if same else f"Version {version.number} is saved.")
    return to_page(request, reverse("alert_rule", args=[rule.key]))


def _flaws(draft: Draft) -> list[tuple[str, str]]:
    try:
        alerts.rules.checked(draft.says)
    except alerts.rules.Flaws as found:
        return found.flaws
    return []


def _show(
    request: StaffRequest,
    rule: AlertRule | None,
    draft: Draft,
    *,
    flaws: list[tuple[str, str]] | None = None,
    status: int = 200,
    untouched: bool = False,
) -> HttpResponse:
    is_notice = rule is not None and rule.kind == RuleKind.NOTICE
    if flaws is None:
        flaws = [] if is_notice or (untouched and rule is None) else _flaws(draft)
    context: dict[str, Any] = {
        "title": "Alert rules",
        "now": now_for(request.user),
        "rule": rule,
        "draft": draft,
        "flawed": dict(reversed(flaws)),
        "refused": status != 200,
        "is_notice": is_notice,
        "form": None if is_notice else shown(draft.says, flaws, segments=one.segments()),
        "severities": Severity.choices,
    }
    template = "alert_rules/build_form.html" if part(request, {"build"}) else "alert_rules/build.html"
    return render(request, template, context, status=200 if request.headers.get("HX-Request") else status)


@require_POST
@staff_page
def rule_look(request: StaffRequest) -> HttpResponse:
    """What the draft would have done over 90 days, while it is typed. Nothing of the rule is stored."""
    _may_write(request)
    rule = AlertRule.objects.select_related("current").filter(key=request.GET.get("rule", "")).first()
    draft = posted(request.POST, key=rule.key if rule else "")
    context: dict[str, Any] = {"now": now_for(request.user), "rule": rule, "draft": draft}
    try:
        trial = alerts.rules.try_out(rule=rule, says=draft.says, actor=Actor.user(request.user), now=clock.now())
    except alerts.rules.Flaws as found:
        return render(request, "alert_rules/consequence.html", context | {"flaws": found.flaws})
    told = alerts.rules.in_words(alerts.rules.read(trial.says))
    changes = one.between(rule.current.says, trial.says) if rule and rule.current else []
    return render(request, "alert_rules/consequence.html", context | {"seen": one.seen(trial), "told": told, "changes": changes, **_useful()})


@require_GET
@staff_page
def rule_trial(request: StaffRequest, trial_id: int) -> HttpResponse:
    """How far a try has come, or what it found."""
    _may_write(request)
    trial = RuleTrial.objects.select_related("rule__current").filter(pk=trial_id).first()
    if trial is None:
        raise Http404("No such page.")
    told = alerts.rules.in_words(alerts.rules.read(trial.says))
    rule = trial.rule
    changes = one.between(rule.current.says, trial.says) if rule and rule.current else []
    context = {"now": now_for(request.user), "seen": one.seen(trial), "told": told, "rule": rule, "changes": changes, **_useful()}
    return render(request, "alert_rules/consequence.html", context)


@require_POST
@staff_page
def rule_trial_stop(request: StaffRequest, trial_id: int) -> HttpResponse:
    _may_write(request)
    trial = RuleTrial.objects.filter(pk=trial_id).first()
    if trial is None:
        raise Http404("No such page.")
    # One that ended meanwhile shows what it found.
    with suppress(Refused):
        alerts.rules.stop_trial(trial, now=clock.now())
    return redirect("alert_rule_trial", trial_id=trial_id)


def _useful() -> dict[str, str]:
    return {"useful_words": alerts.rules.USEFUL_WORDS}
