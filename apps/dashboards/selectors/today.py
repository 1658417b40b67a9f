"""Who needs this person today, ranked by what a minute of theirs is likely to save, and what of it fits into their day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from apps.accounts.models import Account
from apps.accounts.types import Role
from apps.alerts.models import Alert
from apps.alerts.types import AlertState
from apps.churn.types import Band
from apps.core.reading import asked as asked_of
from apps.core.reading import gather, read
from apps.interventions import selectors as interventions
from apps.interventions.models import Enrolment, Play, Task, TaskAssignee
from apps.interventions.types import Level, PlayState, Priority, TaskType
from apps.messaging.models import Message
from apps.messaging.types import MessageState

from ..types import WorkRow
from . import day, risk, sparks

# So many accounts are shown: what fits into the day, filled up with what does not, of which a few are always told.
LIMIT, MOST, LEFT_OUT = 15, 30, 3
# So many accounts are weighed against each other; what is worth less per minute than all of them waits behind.
WEIGHED = 60
# Minutes that work takes for which no task says it: looking into an alert, and starting something for an account that nobody works on.
ALERT_MINUTES, UNATTENDED_MINUTES = 10, 15


@dataclass
class Worklist:
    """`rows` are what is shown: first what fits into the day, then what does not. `minutes` are those of all due tasks shown."""

    rows: list[WorkRow]
    total: int
    handled: int
    minutes: int
    day: day.Day

    @property
    def fitting(self) -> list[WorkRow]:
        return [row for row in self.rows if row.fits]

    @property
    def left_out(self) -> list[WorkRow]:
        return [row for row in self.rows if not row.fits]

    @property
    def planned(self) -> int:
        return sum(row.minutes for row in self.fitting)

    @property
    def used(self) -> int:
        """Minutes of the capacity that are done or planned."""
        return min(self.day.capacity, self.day.done + self.planned)

    @property
    def used_share(self) -> int:
        return round(100 * self.used / self.day.capacity) if self.day.capacity else 100

    @property
    def saved(self) -> tuple[float, str] | None:
        """What the plan is expected to save, in the currency of most rows; None where nothing of it can be told."""
        known = [row for row in self.fitting if row.saved is not None and row.saved.value >= 1]
        if not known:
            return None
        currencies = [row.account.currency for row in known]
        currency = max(sorted(set(currencies)), key=currencies.count)
        return sum(row.saved.value for row in known if row.saved and row.account.currency == currency), currency


def end_of_day(now: datetime) -> datetime:
    """Midnight after `now`, in the zone that `now` is told in."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def tasks_of(user: Any, *, now: datetime) -> QuerySet[Task]:
    """Awake tasks that this person should see to: whoever leads looks after all of their book, others after their own and nobody's."""
    tasks = Task.objects.awake(now)
    if user.sees_everything or Role.TEAM_LEAD in user.roles:
        return tasks
    return tasks.filter(Q(owner=user) | Q(owner__isnull=True) | Q(pk__in=TaskAssignee.objects.filter(user=user).values("task")))


def worklist(user: Any, *, now: datetime) -> Worklist:
    """Accounts with an unacknowledged alert, a task that is due today, urgent or handed up, or a high risk that nobody works on.

    Ranked by expected saved ARR per minute (interventions.ranking); urgent tasks and what a ladder brought come first.
    `now` is told in the reader's zone.
    """
    handed = TaskAssignee.objects.filter(user=user.pk).exclude(level=Level.OWNER)
    waits_for_nobody = Q(priority=Priority.URGENT) | Q(pk__in=handed.values("task"))
    due = tasks_of(user, now=now).filter(Q(due_at__lt=end_of_day(now)) | waits_for_nobody)
    open_alert = Alert.objects.filter(account=OuterRef("pk"), state=AlertState.OPEN)
    # What somebody took on or put to sleep asks for nobody else.
    seen_alert = Alert.objects.filter(account=OuterRef("pk"), state__in=(AlertState.ACKNOWLEDGED, AlertState.SNOOZED))
    due_task = due.filter(account=OuterRef("pk"))
    any_task = Task.objects.waiting().filter(account=OuterRef("pk"))
    running = Enrolment.objects.running().filter(account=OuterRef("pk"))
    book = Account.objects.for_user(user).at_risk()
    at_high_risk = Q(risk__band=Band.HIGH, risk__probability__isnull=False)
    needs = Exists(open_alert) | Exists(due_task) | (at_high_risk & ~Exists(any_task) & ~Exists(running) & ~Exists(seen_alert))
    asked = book.filter(needs)
    asked_minutes = due_task.order_by().values("account").annotate(all=Sum("minutes")).values("all")
    weighed = asked.select_related("risk", "owner").annotate(
        stake=Coalesce(risk.at_stake(), Value(0.0)),
        task_minutes=Coalesce(Subquery(asked_minutes), Value(0), output_field=IntegerField()),
        alert_minutes=Case(When(Exists(open_alert), then=Value(ALERT_MINUTES)), default=Value(0), output_field=IntegerField()),
        is_first=Exists(due_task.filter(waits_for_nobody)),
    )
    per_minute = F("stake") / Cast(F("task_minutes") + F("alert_minutes") + Value(1), FloatField())
    found = list(weighed.order_by("-is_first", per_minute.desc(), "-stake", "id")[:WEIGHED])
    total = asked.count() if len(found) == WEIGHED else len(found)
    high = book.filter(at_high_risk).count()
    keys = [account.pk for account in found]
    tasks, reached = due.filter(account__in=keys).order_by("due_at", "id"), handed.filter(task__account__in=keys).order_by("-at")
    *_, rates, today = read(gather(asked_of(tasks, reached), interventions.worth.rates(now=now), day.day(user, now=now)))
    by_account: dict[int, list[Task]] = defaultdict(list)
    for task in tasks:
        by_account[task.account_id].append(task)
    why_mine = {row.task_id: row.why for row in reached}
    rows = [_row(account, by_account[account.pk], why_mine, rates, now.date()) for account in found]
    planned = _planned(rows, today.free)
    fitting = [row for row in planned if row.fits][:MOST]
    shown = fitting + [row for row in planned if not row.fits][: max(LIMIT - len(fitting), LEFT_OUT)]
    _fill(shown, now)
    shown_high = sum(1 for row in shown if row.risk is not None and row.risk.band == Band.HIGH)
    return Worklist(
        rows=shown,
        total=total,
        handled=max(0, high - shown_high - (total - len(shown))),
        minutes=sum(task.minutes for row in shown for task in row.tasks),
        day=today,
    )


def _row(account: Any, tasks: list[Task], why_mine: dict[int, str], rates: Any, today: date) -> WorkRow:
    known = risk.of(account)
    kinds = [TaskType(task.type) for task in tasks] or [TaskType.RISK]
    # What the account is kept by is counted once, by the kind of work that is believed to keep most.
    rate = max((rates.of(kind, account.segment) for kind in dict.fromkeys(kinds)), key=lambda one: one.mean)
    saved = None
    if known is not None:
        saved = interventions.ranking.expected_saved(
            chance=known.chance, low=account.risk.low, high=account.risk.high, arr=float(account.arr), rate=rate
        )
    return WorkRow(
        rank=0,
        account=account,
        risk=known,
        stake=account.stake,
        renews_in=(account.renews_on - today).days if account.renews_on else None,
        tasks=tasks,
        minutes=account.task_minutes + account.alert_minutes or UNATTENDED_MINUTES,
        saved=saved,
        rate=rate,
        first=account.is_first,
        handed=next((why_mine[task.pk] for task in tasks if task.pk in why_mine), ""),
    )


def _planned(rows: list[WorkRow], free: int) -> list[WorkRow]:
    """What fits into the day in its rank, then what does not, each with the reason. The same rows give the same plan."""
    ranking = interventions.ranking
    items = [ranking.Item(row.account.pk, row.minutes, row.saved.value if row.saved else 0.0, row.first) for row in rows]
    chosen = ranking.fitted(items, free)
    by_key = {row.account.pk: row for row in rows}
    left = max(0, free - sum(item.minutes for item in items if item.key in chosen))
    for item in ranking.ranked(items):
        row = by_key[item.key]
        if item.key not in chosen and item.value <= 0 and item.minutes <= left:
            # Worth nothing that we can tell, but there is room for it.
            chosen |= {item.key}
            left -= item.minutes
        row.fits = item.key in chosen
        row.left_out = (
            "" if row.fits else f"needs {item.minutes} min; {left} min are left after what is worth more" if free else "no minutes are left"
        )
    order = [by_key[item.key] for item in ranking.ranked(items)]
    planned = [row for row in order if row.fits] + [row for row in order if not row.fits]
    for place, row in enumerate(planned, start=1):
        row.rank = place
    return planned


def _fill(rows: list[WorkRow], now: datetime) -> None:
    ids = [row.account.pk for row in rows]
    alerts = Alert.objects.filter(account__in=ids, state=AlertState.OPEN).order_by("-opened_at")
    runs = Enrolment.objects.running().filter(account__in=ids).select_related("play")
    # What is offered to somebody at risk: plays for a risk, then those that only people start.
    plays = Play.objects.filter(state=PlayState.LIVE, starts_on__in=("event:risk.raised", "manual")).order_by("starts_on", "name")
    _, lines = read(gather(asked_of(alerts, runs, plays), sparks.weekly(ids, today=now.date())))
    for row in rows:
        row.spark = lines.get(row.account.pk)
        row.alerts = [alert for alert in alerts if alert.account_id == row.account.pk]
        row.running = [run for run in runs if run.account_id == row.account.pk]
        taken = {run.play_id for run in row.running}
        row.startable = [play for play in plays if play.pk not in taken]


@dataclass
class Aside:
    """What else waits today, beside the ranked list."""

    held: list[Any]
    held_total: int
    replies: list[Any]
    promises: list[Any]
    changes: list[day.Change]
    strip: list[day.Ahead]


# What leaves unless somebody stops it stands first.
_waits_for_a_word = ExpressionWrapper(Q(approver__isnull=False, approved_at=None), output_field=BooleanField())


def aside(user: Any, *, now: datetime) -> Aside:
    waiting = Message.objects.for_user(user).filter(state=MessageState.HELD)
    held = waiting.select_related("account", "contact").order_by(_waits_for_a_word.desc(), "due_at")[:5]
    replies = (
        Message.objects.for_user(user)
        .filter(state=MessageState.REPLIED, replied_at__gte=now - timedelta(days=3))
        .select_related("account", "contact")
        .order_by("-replied_at")[:5]
    )
    _, promises, changes, strip = read(
        gather(asked_of(held, replies), day.promises(user, now=now), day.since_yesterday(user, now=now), day.strip(user, now=now))
    )
    return Aside(held=list(held), held_total=waiting.count(), replies=list(replies), promises=promises, changes=changes, strip=strip)
