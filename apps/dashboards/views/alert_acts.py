"""The buttons of alerts, one by one and many at once; each says how it went and names the way back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.alerts import services as alerts
from apps.alerts.models import Alert, AlertRule, AlertSubscription
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.interventions.models import Play

from .actions import SNOOZE_DAYS, do, mine
from .page import StaffRequest, staff_page

# So many can be chosen on one page; more at once is no triage.
MOST = 200
_CHANNELS = ("email", "push", "sms", "chat")
_WORDS = {
    "acknowledge": "Acknowledged",
    "resolve": "Resolved",
    "snooze": "Asleep",
    "wake": "Awake again",
    "useful": "Useful",
    "not_useful": "Not useful",
    "reopen": "Open again",
}


def _alert(request: StaffRequest, alert_id: int) -> Alert:
    found: Alert = mine(request, Alert.objects.select_related("account", "owner"), alert_id)
    return found


def _words(request: StaffRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()


def _days(request: StaffRequest) -> int:
    days = _words(request, "days")
    return int(days) if days.isascii() and days.isdigit() and len(days) < 4 else SNOOZE_DAYS


def _act(request: StaffRequest, alert_id: int, act: Callable[[Alert, Actor], str], way_back: Callable[[Alert], str] | None = None) -> HttpResponse:
    alert = _alert(request, alert_id)
    return do(request, lambda actor: act(alert, actor), way_back(alert) if way_back else "")


def _reopen(alert: Alert) -> str:
    return reverse("reopen_alert", args=[alert.pk])


@require_POST
@staff_page
def acknowledge(request: StaffRequest, alert_id: int) -> HttpResponse:
    def act(alert: Alert, actor: Actor) -> str:
        alerts.acknowledge(alert, actor=actor, now=clock.now())
        return f"Acknowledged: {alert.title}"

    return _act(request, alert_id, act, _reopen)


@require_POST
@staff_page
def resolve(request: StaffRequest, alert_id: int) -> HttpResponse:
    def act(alert: Alert, actor: Actor) -> str:
        alerts.resolve(alert, actor=actor, now=clock.now())
        return f"Resolved: {alert.title}"

    return _act(request, alert_id, act, _reopen)


@require_POST
@staff_page
def reopen(request: StaffRequest, alert_id: int) -> HttpResponse:
    def act(alert: Alert, actor: Actor) -> str:
        alerts.reopen(alert, actor=actor, now=clock.now())
        return f"Open again: {alert.title}"

    return _act(request, alert_id, act)


@require_POST
@staff_page
def snooze(request: StaffRequest, alert_id: int) -> HttpResponse:
    days = _days(request)

    def act(alert: Alert, actor: Actor) -> str:
        now = clock.now()
        alerts.snooze(alert, until=now + timedelta(days=days), reason=_words(request, "reason"), actor=actor, now=now)
        return f"Back in {days} day{'' if days == 1 else 's'}: {alert.title}"

    return _act(request, alert_id, act, lambda alert: reverse("wake_alert", args=[alert.pk]))


@require_POST
@staff_page
def wake(request: StaffRequest, alert_id: int) -> HttpResponse:
    def act(alert: Alert, actor: Actor) -> str:
        alerts.wake(alert, actor=actor, now=clock.now())
        return f"Awake again: {alert.title}"

    return _act(request, alert_id, act)


@require_POST
@staff_page
def assign(request: StaffRequest, alert_id: int) -> HttpResponse:
    """`to` is a person's number; the way back names who had it before."""
    key = _words(request, "to") or request.GET.get("to", "")
    to = User.objects.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 10 else None
    if to is None and key != "nobody":
        raise Http404("No such page.")

    def act(alert: Alert, actor: Actor) -> str:
        alerts.assign(alert, to=to, actor=actor, now=clock.now())
        return f"{to} has it: {alert.title}" if to else f"Nobody has it: {alert.title}"

    return _act(request, alert_id, act, lambda alert: f"{reverse('assign_alert', args=[alert.pk])}?to={alert.owner_id or 'nobody'}")


@require_POST
@staff_page
def comment(request: StaffRequest, alert_id: int) -> HttpResponse:
    def act(alert: Alert, actor: Actor) -> str:
        alerts.comment(alert, _words(request, "words"), actor=actor, now=clock.now())
        return "Your comment stands in its story."

    return _act(request, alert_id, act)


@require_POST
@staff_page
def judge(request: StaffRequest, alert_id: int) -> HttpResponse:
    """Was this useful? yes, no, or take it back."""
    known = {"yes": True, "no": False, "": None}
    word = _words(request, "useful") or request.GET.get("useful", "")
    if word not in known:
        raise Http404("No such page.")
    useful = known[word]

    def act(alert: Alert, actor: Actor) -> str:
        alerts.judge(alert, useful=useful, by=request.user, actor=actor, now=clock.now())
        said = {True: "Useful", False: "Not useful", None: "Not judged any more"}[useful]
        return f"{said}: {alert.title}"

    before = {True: "yes", False: "no", None: ""}
    return _act(request, alert_id, act, lambda alert: f"{reverse('judge_alert', args=[alert.pk])}?{urlencode({'useful': before[alert.useful]})}")


@require_POST
@staff_page
def start_play(request: StaffRequest, alert_id: int) -> HttpResponse:
    play = Play.objects.filter(key=_words(request, "play")).first()
    if play is None:
        raise Http404("No such page.")

    def act(alert: Alert, actor: Actor) -> str:
        run = alerts.start_play(alert, play, actor=actor, now=clock.now())
        held = " It is held out for comparison, so nothing will be sent." if run.arm == "held_out" else ""
        return f"“{play.name}” began for {alert.account}.{held}"

    return _act(request, alert_id, act)


@require_POST
@staff_page
def open_task(request: StaffRequest, alert_id: int) -> HttpResponse:
    def act(alert: Alert, actor: Actor) -> str:
        task = alerts.open_task(alert, title=_words(request, "title"), actor=actor, now=clock.now())
        return f"Task for {task.owner or 'whoever looks after it'}: {task.title}"

    return _act(request, alert_id, act)


def _each(request: StaffRequest, deed: str) -> Callable[[Alert, Actor], object]:
    now = clock.now()
    until, reason = now + timedelta(days=_days(request)), _words(request, "reason")
    deeds: dict[str, Callable[[Alert, Actor], object]] = {
        "acknowledge": lambda alert, actor: alerts.acknowledge(alert, actor=actor, now=now),
        "resolve": lambda alert, actor: alerts.resolve(alert, actor=actor, now=now),
        "reopen": lambda alert, actor: alerts.reopen(alert, actor=actor, now=now),
        "snooze": lambda alert, actor: alerts.snooze(alert, until=until, reason=reason, actor=actor, now=now),
        "wake": lambda alert, actor: alerts.wake(alert, actor=actor, now=now),
        "useful": lambda alert, actor: alerts.judge(alert, useful=True, by=request.user, actor=actor, now=now),
        "not_useful": lambda alert, actor: alerts.judge(alert, useful=False, by=request.user, actor=actor, now=now),
        "unjudge": lambda alert, actor: alerts.judge(alert, useful=None, by=request.user, actor=actor, now=now),
    }
    if deed not in deeds:
        raise Http404("No such page.")
    return deeds[deed]


@require_POST
@staff_page
def many(request: StaffRequest, deed: str) -> HttpResponse:
    """The same for all that were chosen; what does not allow it stays as it is and is counted."""
    call = _each(request, deed)
    wanted = request.POST.getlist("alert") or request.GET.get("alerts", "").split(",")
    keys = [int(key) for key in wanted if key.isascii() and key.isdigit() and len(key) < 19][:MOST]
    rows: list[Any] = list(Alert.objects.for_user(request.user).filter(pk__in=keys).select_related("account").order_by("incident", "pk"))
    done: list[int] = []

    def act(actor: Actor) -> str:
        refused = ""
        for alert in rows:
            try:
                call(alert, actor)
                done.append(alert.pk)
            except Refused as refusal:
                refused = refusal.message
        if not done:
            raise Refused("nothing_done", refused or "Choose at least one alert. Nothing was changed.")
        left = f"; {len(rows) - len(done)} stayed as they were" if len(done) < len(rows) else ""
        return f"{_WORDS.get(deed, 'Done')}: {len(done)} alert{'' if len(done) == 1 else 's'}{left}"

    back = {"useful": "unjudge", "not_useful": "unjudge", "snooze": "wake"}.get(deed, "reopen")
    undoes = deed in ("reopen", "unjudge", "wake")
    return do(request, act, lambda: "" if undoes else f"{reverse('alerts_many', args=[back])}?alerts={','.join(map(str, done))}")


@require_POST
@staff_page
def tell_rule(request: StaffRequest, rule_id: int, how: str) -> HttpResponse:
    """Let a rule be told at once again, or in a digest only. For who may change rules."""
    rule = AlertRule.objects.filter(pk=rule_id).first()
    if rule is None or how not in ("digest", "at-once"):
        raise Http404("No such page.")
    if not request.user.has_perm("alerts.change_alertrule"):
        raise PermissionDenied("Leads and administrators change how rules are told.")

    def act(actor: Actor) -> str:
        alerts.tell_in_digest(rule, digest=how == "digest", actor=actor, now=clock.now())
        return f"“{rule.name}” is told {'in a digest' if how == 'digest' else 'at once'} from here on"

    other = "at-once" if how == "digest" else "digest"
    return do(request, act, reverse("tell_alert_rule", args=[rule.pk, other]))


@require_POST
@staff_page
def choose(request: StaffRequest) -> HttpResponse:
    """One row of the matrix, of a severity or of a rule; the way back names what it was before."""
    said = request.POST if request.POST.get("whose") else request.GET
    severity, rule = _of_what(said)
    how = {name: said[name] for name in _CHANNELS if said.get(name)}
    of_what = {"rule": rule.key} if rule else {"severity": severity}
    before = AlertSubscription.objects.filter(user=request.user, severity="" if rule else severity, rule=rule).first()
    if before is None:
        undo = f"{reverse('forget_alert_choice')}?{urlencode(of_what)}"
    else:
        undo = f"{reverse('choose_alerts')}?{urlencode({**of_what, 'whose': before.whose, **{name: getattr(before, name) for name in _CHANNELS}})}"

    def act(actor: Actor) -> str:
        alerts.choose(request.user, severity=severity, rule=rule, whose=said.get("whose", ""), how=how, now=clock.now())
        return "Kept. It counts from the next alert on."

    return do(request, act, undo)


@require_POST
@staff_page
def forget_choice(request: StaffRequest) -> HttpResponse:
    severity, rule = _of_what(request.POST if request.POST.get("severity") or request.POST.get("rule") else request.GET)

    def act(actor: Actor) -> str:
        alerts.forget_choice(request.user, severity=severity, rule=rule)
        return "Back to the usual."

    return do(request, act)


def _of_what(said: QueryDict) -> tuple[str, AlertRule | None]:
    key = said.get("rule", "").replace("\x00", "")
    if not key:
        return said.get("severity", ""), None
    rule = AlertRule.objects.filter(key=key).first()
    if rule is None:
        raise Http404("No such page.")
    return "", rule
