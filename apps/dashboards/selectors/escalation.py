"""What the pages of escalation read: policies with who uses them, what would happen now, who is on duty, channels, and one's own notices."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from apps.accounts.models import Account, Team, User
from apps.alerts import services as alerts
from apps.alerts.models import Alert, AlertRule, Climb, DutyRota, EscalationPolicy, Notice, OutsideChannel, Response, ResponseRun
from apps.alerts.types import ResponseMode, RunState, StepKind, Whom
from apps.core import flags
from apps.interventions.models import Play

from ..escalation_form import PolicyDraft, hours_of, value_of

_NEWEST = 12
_WEEKS = 5
_TONES = {"running": "warn", "paused": "calm", "acknowledged": "good", "resolved": "good", "halted": "calm", "exhausted": "bad"}
PER_PAGE = 50


@dataclass(frozen=True)
class PolicyShown:
    policy: EscalationPolicy
    steps: list[str]
    rules: list[str]
    under_way: int


def policies() -> list[PolicyShown]:
    """All of them, the usual one first, with the rules that name them."""
    names = alerts.policy_names()
    rows = (
        EscalationPolicy.objects.annotate(under_way=Count("climbs", filter=Q(climbs__state="running"), distinct=True))
        .prefetch_related("of_rules__rule")
        .order_by("-is_default", "-is_active", "name")
    )
    return [
        PolicyShown(
            row,
            [alerts.policy_steps.in_words(step, names) for step in row.steps],
            sorted(one.rule.name for one in row.of_rules.all()),
            row.under_way,
        )
        for row in rows
    ]


def newest_climbs(user: User) -> list[dict[str, Any]]:
    rows = Climb.objects.for_user(user).select_related("alert__account", "policy").prefetch_related("taken").order_by("-started_at", "-id")[:_NEWEST]
    return [climb_shown(row) for row in rows]


def climb_shown(climb: Climb) -> dict[str, Any]:
    """A climb with its steps in order; the one that waits has no `done_at`."""
    taken = sorted(climb.taken.all(), key=lambda step: step.position)
    told = [step for step in taken if step.kind == StepKind.NOTIFY or step.done_at is None]
    return {"climb": climb, "tone": _TONES[climb.state], "steps": told, "waits": next((step for step in taken if step.done_at is None), None)}


def waiting_answers(user: User) -> list[ResponseRun]:
    """What rules ask a person for."""
    rows = ResponseRun.objects.for_user(user).filter(state=RunState.ASKED)
    return list(rows.select_related("alert__account", "response__rule").order_by("-at", "-id")[:_NEWEST])


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom a step may tell, in groups."""
    teams = list(Team.objects.order_by("name").values_list("name", flat=True))
    people = User.objects.filter(is_active=True, is_staff=True).order_by("full_name", "email")
    rotas = DutyRota.objects.order_by("name").values_list("key", "name")
    channels = OutsideChannel.objects.order_by("name").values_list("key", "name")
    return [
        ("By the account", [(one.value, one.label.capitalize()) for one in (Whom.OWNER, Whom.BACKUP, Whom.LEAD, Whom.HEAD)]),
        ("On duty", [(f"duty:{key}", name) for key, name in rotas]),
        ("The next, each time another", [("turn:", "Success managers"), *((f"turn:{name}", name) for name in teams)]),
        ("Everybody of a team", [(f"team:{name}", name) for name in teams]),
        ("A person", [(f"person:{user.email}", str(user)) for user in people]),
        ("A channel outside", [(f"channel:{key}", name) for key, name in channels]),
    ]


def shown(draft: PolicyDraft) -> list[dict[str, Any]]:
    """The steps as the form shows them."""
    return [
        {
            **step,
            "number": place,
            "chosen": value_of(step),
            "hours": hours_of(step.get("minutes")),
            "hours_large": hours_of(step.get("minutes_large")),
            "flaw": alerts.policy_steps.flaw(step),
            "fresh": place == draft.fresh,
        }
        for place, step in enumerate(draft.steps)
    ]


@dataclass
class Seen:
    """What a draft would do now."""

    account: Account | None = None
    words: list[str] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)
    problem: str = ""
    severity: str = "warning"


def seen(draft: PolicyDraft, user: User, *, account_id: str, severity: str, now: datetime) -> Seen:
    """For an account of the reader's own book: the one named, else the one of the largest ARR."""
    book = Account.objects.for_user(user).select_related("owner")
    found = book.filter(pk=int(account_id)).first() if account_id.isascii() and account_id.isdigit() and len(account_id) < 19 else None
    account = found or book.exclude(owner=None).order_by("-arr", "pk").first()
    shown = Seen(account=account, severity=severity, problem=alerts.policy_steps.problem(draft.steps))
    if shown.problem:
        return shown
    names = alerts.policy_names()
    shown.words = [alerts.policy_steps.in_words(step, names) for step in draft.steps]
    head = User.objects.filter(email=draft.head).first() if draft.head else None
    shown.told = alerts.foretold.foretell(
        draft.steps, account=account, head=head, large_arr=arr_of(draft.large_arr) or Decimal(0), severity=severity, now=now
    )
    return shown


def arr_of(word: str) -> Decimal | None:
    """An amount as typed; None for what is none."""
    try:
        amount = Decimal(word.replace(",", "").replace(" ", "") or "0")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < Decimal(10) ** 12 else None


def rules() -> list[AlertRule]:
    return list(AlertRule.objects.select_related("escalation__policy").order_by("name", "id"))


def people() -> list[User]:
    return list(User.objects.filter(is_active=True, is_staff=True).order_by("full_name", "email"))


@dataclass(frozen=True)
class Day:
    """One day of the calendar, and who is on duty on it, in the rota's own zone."""

    on: date
    shifts: list[tuple[str, Any]]
    today: bool
    past: bool


def calendar(rota: DutyRota, *, start: date, now: datetime) -> list[list[Day]]:
    """Five weeks from the Monday of `start`."""
    zone = ZoneInfo(rota.zone)
    monday = start - timedelta(days=start.weekday())
    edges = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in (monday + timedelta(days=count) for count in range(7 * _WEEKS + 1))]
    shifts = alerts.rotas.shifts(rota, start=edges[0], end=edges[-1])
    today = now.astimezone(zone).date()
    weeks: list[list[Day]] = []
    for place, begin in enumerate(edges[:-1]):
        of_day = []
        for shift in shifts:
            if shift.starts_at < edges[place + 1] and shift.ends_at > begin:
                since = "" if shift.starts_at <= begin else f"{shift.starts_at.astimezone(zone):%H:%M}"
                of_day.append((since, shift))
        if place % 7 == 0:
            weeks.append([])
        weeks[-1].append(Day(begin.date(), of_day, begin.date() == today, begin.date() < today))
    return weeks


def duty(*, now: datetime) -> list[dict[str, Any]]:
    """Every rota with who is on duty now and who comes next."""
    found = []
    for rota in DutyRota.objects.select_related("team").prefetch_related("members__user", "overrides__user"):
        person = alerts.rotas.who(rota, at=now)
        after = alerts.rotas.begins(rota, alerts.rotas.turn_of(rota, now) + 1)
        found.append({"rota": rota, "person": person, "next": alerts.rotas.who(rota, at=after), "after": after})
    return found


def notices(user: User, *, number: int) -> Page:
    """One's own, the newest accounts first and each account's together."""
    rows = Notice.objects.for_user(user).filter(in_app=True).select_related("alert__account").order_by("-at", "-id")
    return Paginator(rows, PER_PAGE).get_page(number)


def grouped(rows: Sequence[Notice]) -> list[dict[str, Any]]:
    """By account, in the order of their newest notice; what is about the platform itself is a group of its own."""
    found: dict[int | None, dict[str, Any]] = {}
    for row in rows:
        group = found.setdefault(row.alert.account_id, {"account": row.alert.account, "notices": [], "unread": 0})
        group["notices"].append(row)
        group["unread"] += row.read_at is None
    return list(found.values())


def unread(user: User) -> int:
    return Notice.objects.for_user(user).unread().filter(in_app=True).count()


def of_alert(alert: Alert) -> dict[str, Any]:
    """The way of one alert: its climbs, newest first, and what its rule did by itself. For templates/alerts/parts/way.html."""
    climbs = Climb.objects.filter(alert=alert).select_related("alert", "policy").prefetch_related("taken").order_by("-id")
    return {"climbs": [climb_shown(climb) for climb in climbs], "runs": alerts.answering.runs_of([alert]).get(alert.pk, [])}


def of_rule(rule: AlertRule) -> dict[str, Any]:
    """What a rule does by itself, how often it did lately, and what it could do. For templates/alerts/parts/responses.html."""
    rows = Response.objects.filter(rule=rule).annotate(done=Count("runs", filter=Q(runs__state=RunState.DONE))).order_by("pk")
    return {
        "rule": rule,
        "responses": [{"row": row, "words": alerts.deeds.in_words(row.deed, row.says), "done": row.done} for row in rows],
        "modes": ResponseMode.choices,
        "plays": list(Play.objects.exclude(state="archived").order_by("name").values_list("key", "name")),
        "flags": flags.all_flags(),
    }
