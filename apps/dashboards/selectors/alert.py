"""One alert with all that happened to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Account, AccountRole, User
from apps.accounts.types import Role
from apps.alerts import selectors as known
from apps.alerts.models import Alert, AlertMoment, RuleTold
from apps.alerts.types import AlertState, Deed
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import SourceKind

from .inbox import startable

_ICONS = {
    Deed.ACKNOWLEDGED: "visibility",
    Deed.ASSIGNED: "person_add",
    Deed.SNOOZED: "snooze",
    Deed.WOKE: "alarm",
    Deed.RESOLVED: "check_circle",
    Deed.SETTLED: "task_alt",
    Deed.REOPENED: "undo",
    Deed.COMMENTED: "chat",
    Deed.USEFUL: "thumb_up",
    Deed.NOT_USEFUL: "thumb_down",
    Deed.UNJUDGED: "undo",
    Deed.PLAY: "play_circle",
    Deed.TASK: "add_task",
    Deed.TOLD: "send",
}


@dataclass(frozen=True)
class Line:
    at: datetime
    icon: str
    words: str
    who: str
    detail: str = ""
    said: bool = False


@dataclass(frozen=True)
class Told:
    alert: Alert
    lines: list[Line]
    precision: known.Precision
    beside: list[Alert]
    tasks: list[Task]
    runs: list[Enrolment]
    people: list[User]
    plays: list[Play]
    quiet: RuleTold | None


def told(alert: Alert, user: User, *, now: datetime) -> Told:
    """Everything that the alert's page shows. `alert` comes with its account, rule and owner."""
    moments = list(alert.moments.select_related("enrolment__play", "task").order_by("at", "pk"))
    runs = [moment.enrolment for moment in moments if moment.enrolment is not None]
    tasks = list(
        Task.objects.filter(sources__kind=SourceKind.ALERT, sources__key=f"alert:{alert.pk}").select_related("owner").distinct().order_by("pk")
    )
    others = Alert.objects.none()
    if alert.incident_id is not None:
        others = Alert.objects.filter(incident=alert.incident_id).exclude(pk=alert.pk).select_related("rule").order_by("-opened_at")[:20]
    elif alert.account_id is not None:
        others = Alert.objects.unresolved().filter(account=alert.account_id).exclude(pk=alert.pk).select_related("rule").order_by("-opened_at")[:20]
    quiet = None
    if alert.rule is not None and alert.rule.digest:
        quiet = RuleTold.objects.filter(rule=alert.rule_id, digest=True).first()
    running = {run.play_id for run in Enrolment.objects.running().filter(account=alert.account_id)} if alert.account_id else set()
    return Told(
        alert=alert,
        lines=_lines(alert, moments),
        precision=known.precision([alert.rule_id], now=now).get(alert.rule_id, known.NOTHING) if alert.rule_id else known.NOTHING,
        beside=list(others),
        tasks=tasks,
        runs=runs,
        people=people(alert, user) if user.may_act else [],
        plays=[play for play in startable() if play.pk not in running] if user.may_act and alert.account_id else [],
        quiet=quiet,
    )


def _lines(alert: Alert, moments: list[AlertMoment]) -> list[Line]:
    names = _names([moment.actor for moment in moments])
    lines = [Line(alert.opened_at, "notifications", "Opened", "", " · ".join(str(words) for words in alert.why))]
    for moment in moments:
        deed, commented = Deed(moment.deed), moment.deed == Deed.COMMENTED
        words = "Comment" if commented else str(deed.label).capitalize()
        who = "" if deed in (Deed.SETTLED,) else names.get(moment.actor, "")
        if deed == Deed.ASSIGNED:
            words, detail = f"Given to {moment.words}", ""
        else:
            detail = moment.words
        lines.append(Line(moment.at, _ICONS[deed], words, who, detail, said=commented))
    if alert.seen > 1:
        lines.append(Line(alert.last_seen_at, "repeat", f"Seen again, {alert.seen} times in all", ""))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _names(actors: list[str]) -> dict[str, str]:
    """Who did it, as people call them."""
    keys = {int(actor[5:]) for actor in actors if actor.startswith("user:") and actor[5:].isdigit()}
    people = {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=keys)} if keys else {}
    programs = {actor: f"the key {actor[4:]}" for actor in actors if actor.startswith("key:")}
    return {**people, **programs, **{actor: "by itself" for actor in actors if actor.startswith("job:")}}


def people(alert: Alert, user: User) -> list[User]:
    """Who can be given the alert: whoever looks after the account, the lead of its owner, and oneself; of the platform, who sees everything."""
    staff: Any = User.objects.filter(is_active=True, is_staff=True)
    if alert.account_id is None:
        chosen = staff.filter(groups__name=Role.ADMINISTRATOR)
    else:
        account = Account.objects.select_related("owner").get(pk=alert.account_id)
        keys = {user.pk, account.owner_id, *AccountRole.objects.filter(account=account).values_list("user", flat=True)}
        chosen = staff.filter(pk__in=[key for key in keys if key])
        if account.owner is not None and account.owner.team_id:
            chosen = (chosen | staff.filter(team=account.owner.team_id, groups__name=Role.TEAM_LEAD)).distinct()
    return sorted(chosen.distinct(), key=lambda person: (person.pk != user.pk, str(person)))


def state_words(alert: Alert) -> str:
    return str(AlertState(alert.state).label)
