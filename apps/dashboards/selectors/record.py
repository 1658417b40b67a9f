"""One account's page: header, health of its data, plays, tasks and people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from apps.accounts.models import Account, ActivityEvent, Promise
from apps.accounts.types import Meaning, Stage
from apps.alerts.models import Alert
from apps.alerts.types import AlertState
from apps.churn.models import ChurnDefinition
from apps.core.reading import Reading, Rows, asked, gather, nothing
from apps.health import selectors as health
from apps.health.types import HealthView
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.selectors import step_in_words
from apps.interventions.types import Arm, PlayState

from ..types import RiskView, Spark
from . import past as then
from . import people as people_of
from . import risk, sparks
from .people import PeopleMap

_TASKS, _CHILDREN = 30, 12

_NAMES = """
select r.name, n.meaning
from (select distinct name from accounts_dailyrollup where account_id = %(account)s and day <= %(today)s) r
left join accounts_eventname n on n.name = r.name
"""


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


def found(user: Any, account_id: int, *, now: datetime, past: bool = False) -> Reading[Account]:
    """As of `now`; `past` where that moment is over. Raises Account.DoesNotExist alike for an account that is missing and for one in another book."""
    accounts = Account.objects.for_user(user).select_related("risk", "owner").filter(pk=account_id)
    yield from then.taken_back(accounts, [account_id], now) if past else asked(accounts)
    if not accounts:
        raise Account.DoesNotExist
    return accounts[0]


def record(user: Any, account: Account, *, now: datetime, past: bool = False) -> Reading[Record]:
    """What stands around the story of an account that was `found`."""
    book = Account.objects.for_user(user)
    enrolments = account.enrolments.filter(entered_at__lte=now).select_related("play", "version", "contact").order_by("-id")[:12]
    live = Play.objects.filter(state=PlayState.LIVE).select_related("current").order_by("name")
    tasks, alerts, promises = _tasks(account, now), _alerts(account, now), _promises(account, now)
    horizons = ChurnDefinition.objects.filter(is_default=True).values_list("horizon_days", flat=True)
    parents = book.filter(pk__in=[account.parent_id] if account.parent_id else [])
    children = book.filter(parent=account).order_by("-arr", "id")[: _CHILDREN + 1]
    _, people, risks, healths, history, use, (received, names, waiting) = yield from gather(
        asked(enrolments, live, tasks, alerts, promises, horizons, parents, children),
        people_of.people_map(account, now=now, past=past),
        then.risks([account.pk], now) if past else nothing({account.pk: risk.of(account)}),
        health.at([account.pk], now) if past else health.present([account.pk]),
        risk.history(account, until=now),
        sparks.weekly([account.pk], today=now.date()),
        _received(account, now),
    )
    runs = [as_it_stood(run, now) for run in enrolments]
    running = [run for run in runs if not run.ended_at]
    taken = {run.play_id for run in running}
    may_start = not past and account.stage != Stage.CHURNED
    known = risks.get(account.pk)
    return Record(
        account=account,
        renews_in=(account.renews_on - now.date()).days if account.renews_on else None,
        risk=known,
        health=healths.get(account.pk),
        meaning=risk.meaning(known, next(iter(horizons), 90)) if known else "",
        history=history,
        use=use.get(account.pk),
        data=DataHealth(received, names, waiting, people.here, people.reachable, people.refusing),
        runs=[_run(run, past=past) for run in running],
        ended=[run for run in runs if run.ended_at][:3],
        startable=[play for play in live if may_start and play.pk not in taken],
        tasks=list(tasks),
        alerts=[_as_it_was_seen(alert, now) for alert in alerts],
        people=people,
        promises=list(promises),
        parent=next(iter(parents), None),
        children=list(children[:_CHILDREN]),
        more_children=len(children) > _CHILDREN,
    )


def as_it_stood(run: Any, now: datetime) -> Any:
    """A run that ended later still ran."""
    if run.ended_at is not None and run.ended_at > now:
        run.ended_at, run.exit_reason, run.goal_met_at, run.replied_at = None, "", None, None
    return run


def _tasks(account: Account, now: datetime) -> QuerySet[Task]:
    open_then = Q(closed_at__isnull=True) | Q(closed_at__gt=now)
    return Task.objects.filter(open_then, account=account, created_at__lte=now).select_related("owner").order_by("due_at")[:_TASKS]


def _alerts(account: Account, now: datetime) -> QuerySet[Alert]:
    open_then = Q(resolved_at__isnull=True) | Q(resolved_at__gt=now)
    return Alert.objects.filter(open_then, account=account, opened_at__lte=now).order_by("-opened_at")[:_TASKS]


def _as_it_was_seen(alert: Alert, now: datetime) -> Alert:
    seen = alert.acknowledged_at is not None and alert.acknowledged_at <= now
    if alert.state != AlertState.SNOOZED or alert.snoozed_until is None or alert.snoozed_until <= now:
        alert.state = AlertState.ACKNOWLEDGED if seen else AlertState.OPEN
    return alert


def _promises(account: Account, now: datetime) -> QuerySet[Promise]:
    """Open ones, the soonest first."""
    open_then = Q(settled_at__isnull=True) | Q(settled_at__gt=now)
    return Promise.objects.filter(open_then, account=account, created_at__lte=now).select_related("owner").order_by("due_on", "id")[:_TASKS]


def _received(account: Account, now: datetime) -> Reading[tuple[datetime | None, int, tuple[str, ...]]]:
    """When activity came last, how many names it has, and those without a meaning."""
    newest = ActivityEvent.objects.filter(account=account, at__lte=now).order_by("-at").values_list("received_at", flat=True)[:1]
    names = Rows(_NAMES, {"account": account.pk, "today": now.date()})
    yield newest, names
    known: dict[str, str | None] = dict(names)
    # History that was brought in later than the moment one looks at was received by then, as far as its story goes.
    received = min((*newest, now)) if newest else None
    return received, len(known), tuple(sorted(name for name, meaning in known.items() if meaning == Meaning.OTHER))


def _run(enrolment: Enrolment, *, past: bool) -> Run:
    """Where a run stood on a day in the past is told by the story; its place of today is not."""
    steps = enrolment.says.steps
    if past:
        return Run(enrolment, "", 0, len(steps), enrolment.arm == Arm.HELD_OUT)
    step = step_in_words(steps[enrolment.position]) if enrolment.position < len(steps) else "Watch for the goal until the window ends"
    return Run(enrolment, step, min(enrolment.position + 1, len(steps)), len(steps), enrolment.arm == Arm.HELD_OUT)
