"""One account's page: header, health of its data, plays, tasks and people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Account, ActivityEvent, DailyRollup, EventName
from apps.accounts.types import Meaning, Stage
from apps.alerts.models import Alert
from apps.churn.models import ChurnDefinition
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import Arm, PlayState, StepKind

from ..types import RiskView, Spark
from . import risk, sparks


@dataclass(frozen=True)
class DataHealth:
    """What is known of the account's data, so that a silent source is not mistaken for a silent customer."""

    last_received: datetime | None
    names: int
    without_meaning: tuple[str, ...]
    people: int
    reachable: int


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
    meaning: str
    history: Spark | None
    use: Spark | None
    data: DataHealth
    runs: list[Run]
    ended: list[Any]
    startable: list[Any]
    tasks: list[Any]
    alerts: list[Any]
    people: list[Any]


def record(user: Any, account_id: int, *, now: datetime) -> Record:
    """Raises Account.DoesNotExist alike for an account that is missing and for one in another book."""
    account = Account.objects.for_user(user).select_related("risk", "owner").get(pk=account_id)
    enrolments = list(Enrolment.objects.filter(account=account).select_related("play", "contact").order_by("-id")[:12])
    running = [enrolment for enrolment in enrolments if not enrolment.ended_at]
    taken = {enrolment.play_id for enrolment in running}
    people = list(account.contacts.order_by("departed_on", "role", "name")[:30])
    view = risk.of(account)
    horizon = ChurnDefinition.objects.filter(is_default=True).values_list("horizon_days", flat=True).first() or 90
    return Record(
        account=account,
        renews_in=(account.renews_on - now.date()).days if account.renews_on else None,
        risk=view,
        meaning=risk.meaning(view, horizon) if view else "",
        history=risk.history(account, until=now),
        use=sparks.weekly([account.pk], today=now.date()).get(account.pk),
        data=_data_health(account, people),
        runs=[_run(enrolment) for enrolment in running],
        ended=[enrolment for enrolment in enrolments if enrolment.ended_at][:3],
        startable=[] if account.stage == Stage.CHURNED else list(Play.objects.filter(state=PlayState.LIVE).exclude(pk__in=taken).order_by("name")),
        tasks=list(Task.objects.waiting().filter(account=account).select_related("owner").order_by("due_at")),
        alerts=list(Alert.objects.unresolved().filter(account=account).order_by("-opened_at")),
        people=people,
    )


def _data_health(account: Account, people: list[Any]) -> DataHealth:
    newest = ActivityEvent.objects.filter(account=account).order_by("-at").values_list("received_at", flat=True).first()
    names = list(DailyRollup.objects.filter(account=account).values_list("name", flat=True).distinct())
    waiting = EventName.objects.filter(name__in=names, meaning=Meaning.OTHER).order_by("name").values_list("name", flat=True)
    here = [person for person in people if person.departed_on is None]
    return DataHealth(newest, len(names), tuple(waiting), len(here), sum(1 for person in here if person.email))


def _run(enrolment: Enrolment) -> Run:
    steps = enrolment.steps
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
