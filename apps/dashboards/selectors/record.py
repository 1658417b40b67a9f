"""One account's page: header, health of its data, plays, tasks and people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.accounts.models import Account, ActivityEvent, DailyRollup, EventName, Promise
from apps.accounts.types import Meaning, Stage
from apps.alerts.models import Alert
from apps.alerts.types import AlertState
from apps.churn.models import ChurnDefinition
from apps.health import selectors as health
from apps.health.types import HealthView
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import Arm, PlayState, StepKind

from ..types import RiskView, Spark
from . import past as then
from . import people as people_of
from . import risk, sparks
from .people import PeopleMap

_TASKS, _CHILDREN = 30, 12


@dataclass(frozen=True)
class DataHealth:
    """What is known of the account's data, so that a silent source is not mistaken for a silent customer."""

    last_received: datetime | None
    names: int
    without_meaning: tuple[str, ...]
    people: int
    reachable: int
    refusing: int


@dataclass(frozen=True)
class Run:
    """A play that runs for the account, and what it does next."""

    enrolment: Any
    step: str
    number: int
    steps: int
    held_out: bool


@dataclass(frozen=True)
class Record:
    account: Any
    renews_in: int | None
    risk: RiskView | None
    health: HealthView | None
    meaning: str
    history: Spark | None
    use: Spark | None
    data: DataHealth
    runs: list[Run]
    ended: list[Any]
    startable: list[Any]
    tasks: list[Any]
    alerts: list[Any]
    people: PeopleMap
    promises: list[Any]
    parent: Any
    children: list[Any]
    more_children: bool


def record(user: Any, account_id: int, *, now: datetime, past: bool = False) -> Record:
    """As of `now`; `past` where that moment is over. Raises Account.DoesNotExist alike for an account that is missing and for one in another book."""
    account = Account.objects.for_user(user).select_related("risk", "owner").get(pk=account_id)
    if past:
        then.taken_back([account], now)
    enrolments = [
        as_it_stood(run, now) for run in account.enrolments.filter(entered_at__lte=now).select_related("play", "contact").order_by("-id")[:12]
    ]
    running = [enrolment for enrolment in enrolments if not enrolment.ended_at]
    taken = {enrolment.play_id for enrolment in running}
    people = people_of.people_map(account, now=now, past=past)
    view = then.risks([account.pk], now).get(account.pk) if past else risk.of(account)
    horizon = ChurnDefinition.objects.filter(is_default=True).values_list("horizon_days", flat=True).first() or 90
    may_start = not past and account.stage != Stage.CHURNED
    book = Account.objects.for_user(user)
    children = list(book.filter(parent=account).order_by("-arr", "id")[: _CHILDREN + 1])
    return Record(
        account=account,
        renews_in=(account.renews_on - now.date()).days if account.renews_on else None,
        risk=view,
        health=(health.at([account.pk], now) if past else health.present([account.pk])).get(account.pk),
        meaning=risk.meaning(view, horizon) if view else "",
        history=risk.history(account, until=now),
        use=sparks.weekly([account.pk], today=now.date()).get(account.pk),
        data=_data_health(account, people, now),
        runs=[_run(enrolment, past=past) for enrolment in running],
        ended=[enrolment for enrolment in enrolments if enrolment.ended_at][:3],
        startable=list(Play.objects.filter(state=PlayState.LIVE).exclude(pk__in=taken).order_by("name")) if may_start else [],
        tasks=_tasks(account, now),
        alerts=_alerts(account, now),
        people=people,
        promises=_promises(account, now),
        parent=book.filter(pk=account.parent_id).first() if account.parent_id else None,
        children=children[:_CHILDREN],
        more_children=len(children) > _CHILDREN,
    )


def as_it_stood(run: Any, now: datetime) -> Any:
    """A run that ended later still ran."""
    if run.ended_at is not None and run.ended_at > now:
        run.ended_at, run.exit_reason, run.goal_met_at, run.replied_at = None, "", None, None
    return run


def _tasks(account: Account, now: datetime) -> list[Any]:
    open_then = Q(closed_at__isnull=True) | Q(closed_at__gt=now)
    return list(Task.objects.filter(open_then, account=account, created_at__lte=now).select_related("owner").order_by("due_at")[:_TASKS])


def _alerts(account: Account, now: datetime) -> list[Any]:
    open_then = Q(resolved_at__isnull=True) | Q(resolved_at__gt=now)
    found = list(Alert.objects.filter(open_then, account=account, opened_at__lte=now).order_by("-opened_at")[:_TASKS])
    for alert in found:
        seen = alert.acknowledged_at is not None and alert.acknowledged_at <= now
        alert.state = AlertState.ACKNOWLEDGED if seen else AlertState.OPEN
    return found


def _promises(account: Account, now: datetime) -> list[Any]:
    """Open ones, the soonest first."""
    open_then = Q(settled_at__isnull=True) | Q(settled_at__gt=now)
    return list(Promise.objects.filter(open_then, account=account, created_at__lte=now).select_related("owner").order_by("due_on", "id")[:_TASKS])


def _data_health(account: Account, people: PeopleMap, now: datetime) -> DataHealth:
    newest = ActivityEvent.objects.filter(account=account, at__lte=now).order_by("-at").values_list("received_at", flat=True).first()
    names = list(DailyRollup.objects.filter(account=account, day__lte=now.date()).values_list("name", flat=True).distinct())
    waiting = EventName.objects.filter(name__in=names, meaning=Meaning.OTHER).order_by("name").values_list("name", flat=True)
    # History that was brought in later than the moment one looks at was received by then, as far as its story goes.
    received = min(newest, now) if newest else None
    return DataHealth(received, len(names), tuple(waiting), people.here, people.reachable, people.refusing)


def _run(enrolment: Enrolment, *, past: bool) -> Run:
    """Where a run stood on a day in the past is told by the story; its place of today is not."""
    steps = enrolment.steps
    if past:
        return Run(enrolment, "", 0, len(steps), enrolment.arm == Arm.HELD_OUT)
    step = _step_in_words(steps[enrolment.position]) if enrolment.position < len(steps) else "Watch for the goal until the window ends"
    return Run(enrolment, step, min(enrolment.position + 1, len(steps)), len(steps), enrolment.arm == Arm.HELD_OUT)


def _step_in_words(step: dict[str, Any]) -> str:
    kind = step.get("kind")
    if kind == StepKind.MESSAGE:
        return f"{'Email' if step.get('channel') == 'email' else 'In-app message'} “{str(step.get('template', '')).replace('-', ' ')}”"
    if kind == StepKind.TASK:
        return f"Task for the success manager: {step.get('title', 'follow up')}"
    if kind == StepKind.WAIT:
        return "Wait for an answer"
    return "Watch whether activity recovers"
