"""Who needs this person today, ranked by what is at stake."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from apps.accounts.models import Account
from apps.alerts.models import Alert
from apps.alerts.types import AlertState
from apps.churn.types import Band
from apps.core.reading import read
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import PlayState
from apps.messaging.models import Message
from apps.messaging.types import MessageState

from ..types import WorkRow
from . import risk, sparks

LIMIT = 15


@dataclass
class Worklist:
    rows: list[WorkRow]
    total: int
    handled: int
    minutes: int


def end_of_day(now: datetime) -> datetime:
    """Midnight after `now`, in the zone that `now` is told in."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def worklist(user: Any, *, now: datetime) -> Worklist:
    """Accounts with an unacknowledged alert, a task due today, or a high risk that nobody works on.

    Ranked by ARR x risk: what is likely to be lost if nothing is done. `now` is told in the reader's zone.
    """
    tonight = end_of_day(now)
    open_alert = Alert.objects.filter(account=OuterRef("pk"), state=AlertState.OPEN)
    seen_alert = Alert.objects.filter(account=OuterRef("pk"), state=AlertState.ACKNOWLEDGED)
    due_task = Task.objects.waiting().filter(account=OuterRef("pk"), due_at__lt=tonight)
    any_task = Task.objects.waiting().filter(account=OuterRef("pk"))
    running = Enrolment.objects.running().filter(account=OuterRef("pk"))
    book = Account.objects.for_user(user).at_risk()
    at_high_risk = Q(risk__band=Band.HIGH, risk__probability__isnull=False)
    needs = Exists(open_alert) | Exists(due_task) | (at_high_risk & ~Exists(any_task) & ~Exists(running) & ~Exists(seen_alert))
    asked = book.filter(needs)
    chosen = list(asked.select_related("risk", "owner").annotate(stake=Coalesce(risk.at_stake(), Value(0.0))).order_by("-stake", "id")[:LIMIT])
    total = asked.count() if len(chosen) == LIMIT else len(chosen)
    high = book.filter(at_high_risk).count()
    rows = [_row(rank, account, now.date()) for rank, account in enumerate(chosen, start=1)]
    _fill(rows, user, now, tonight)
    shown_high = sum(1 for row in rows if row.risk is not None and row.risk.band == Band.HIGH)
    return Worklist(
        rows=rows, total=total, handled=max(0, high - shown_high - (total - len(rows))), minutes=sum(t.minutes for row in rows for t in row.tasks)
    )


def _row(rank: int, account: Any, today: date) -> WorkRow:
    renews_in = (account.renews_on - today).days if account.renews_on else None
    return WorkRow(rank=rank, account=account, risk=risk.of(account), stake=account.stake, renews_in=renews_in)


def _fill(rows: list[WorkRow], user: Any, now: datetime, tonight: datetime) -> None:
    ids = [row.account.pk for row in rows]
    lines = read(sparks.weekly(ids, today=now.date()))
    alerts: dict[int, list[Alert]] = defaultdict(list)
    for alert in Alert.objects.filter(account__in=ids, state=AlertState.OPEN).order_by("-opened_at"):
        alerts[alert.account_id].append(alert)
    tasks: dict[int, list[Task]] = defaultdict(list)
    for task in Task.objects.waiting().filter(account__in=ids, due_at__lt=tonight).order_by("due_at"):
        tasks[task.account_id].append(task)
    running: dict[int, list[Enrolment]] = defaultdict(list)
    for enrolment in Enrolment.objects.running().filter(account__in=ids).select_related("play"):
        running[enrolment.account_id].append(enrolment)
    plays = list(Play.objects.filter(state=PlayState.LIVE).order_by("name"))
    for row in rows:
        row.spark = lines.get(row.account.pk)
        row.alerts, row.tasks, row.running = alerts[row.account.pk], tasks[row.account.pk], running[row.account.pk]
        taken = {enrolment.play_id for enrolment in row.running}
        row.startable = [play for play in plays if play.pk not in taken]


@dataclass
class Aside:
    """What else waits today, beside the ranked list."""

    tasks: list[Any]
    held: list[Any]
    held_total: int
    replies: list[Any]


# What leaves unless somebody stops it stands first.
_waits_for_a_word = ExpressionWrapper(Q(approver__isnull=False, approved_at=None), output_field=BooleanField())


def aside(user: Any, *, now: datetime) -> Aside:
    held = Message.objects.for_user(user).filter(state=MessageState.HELD)
    return Aside(
        tasks=list(
            Task.objects.waiting().for_user(user).filter(owner=user, due_at__lt=end_of_day(now)).select_related("account").order_by("due_at")[:6]
        ),
        held=list(held.select_related("account", "contact").order_by(_waits_for_a_word.desc(), "due_at")[:5]),
        held_total=held.count(),
        replies=list(
            Message.objects.for_user(user)
            .filter(state=MessageState.REPLIED, replied_at__gte=now - timedelta(days=3))
            .select_related("account", "contact")
            .order_by("-replied_at")[:5]
        ),
    )
