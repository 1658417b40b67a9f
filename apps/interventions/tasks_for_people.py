"""Tasks of success managers: one open task per matter, closed with its outcome."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.accounts.models import Account
from apps.accounts.types import Stage
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import TaskClosed, TaskOpened

from .models import Enrolment, Task
from .types import EnrolmentState, TaskState

LONGEST_SNOOZE_DAYS = 14


def open_task(
    *,
    account: Account,
    title: str,
    why: str,
    minutes: int,
    kind: str,
    due_at: datetime,
    actor: Actor,
    now: datetime,
    enrolment: Enrolment | None = None,
    cause: Event | None = None,
) -> Task:
    """Give the account's owner something to do; the same matter (account, kind, play) stays one open task."""
    key = f"{account.pk}:{kind}:{enrolment.play_id if enrolment else ''}"
    with transaction.atomic():
        try:
            with transaction.atomic():
                task = Task.objects.create(
                    account=account,
                    owner_id=account.owner_id,
                    enrolment=enrolment,
                    title=title,
                    why=why,
                    minutes=minutes,
                    dedup_key=key,
                    due_at=due_at,
                    created_at=now,
                    cause=cause,
                )
        except IntegrityError:
            return Task.objects.waiting().get(dedup_key=key)
        events.publish(TaskOpened(account_id=account.pk, task_id=task.pk, title=title), actor=actor, now=now, cause=cause)
    return task


def close(task: Task, *, outcome: str, actor: Actor, now: datetime) -> None:
    """Done, with what came of it."""
    with transaction.atomic():
        if not _close(Task.objects.filter(pk=task.pk), TaskState.DONE, outcome, actor, now, None):
            raise Refused("task_closed", f"“{task.title}” is closed already.")


def snooze(task: Task, *, days: int, actor: Actor, now: datetime) -> None:
    """Put it off, at most two weeks."""
    if not 1 <= days <= LONGEST_SNOOZE_DAYS:
        raise Refused("snooze_too_long", f"A task can be put off by 1 to {LONGEST_SNOOZE_DAYS} days, not {days}.")
    if not Task.objects.waiting().filter(pk=task.pk).update(due_at=now + timedelta(days=days)):
        raise Refused("task_closed", f"“{task.title}” is closed already.")


def reopen(task: Task, *, due_at: datetime, actor: Actor, now: datetime) -> None:
    """Take back a closing or a snooze: open again, due when it was due before."""
    try:
        with transaction.atomic():
            row = Task.objects.select_for_update().get(pk=task.pk)
            if row.state == TaskState.DROPPED:
                raise Refused("task_dropped", f"“{task.title}” was dropped because {row.outcome}; it cannot be taken back.")
            Task.objects.filter(pk=task.pk).update(state=TaskState.OPEN, due_at=due_at, closed_at=None, closed_by="", outcome="")
            events.publish(TaskOpened(account_id=task.account_id, task_id=task.pk, title=task.title), actor=actor, now=now)
    except IntegrityError as error:
        raise Refused("task_opened_again", f"The same matter has a newer open task, so “{task.title}” stays closed.") from error


def drop_for(enrolment_ids: Collection[int], *, because: str, actor: Actor, now: datetime, cause: Event | None) -> None:
    """What these runs asked for is no longer needed."""
    _close(Task.objects.filter(enrolment__in=enrolment_ids), TaskState.DROPPED, because, actor, now, cause)


def drop_for_leavers(*, account_id: int | None = None, because: str, actor: Actor, now: datetime, cause: Event | None) -> None:
    """Tasks of runs for leavers stay: they are about winning them back."""
    going = Enrolment.objects.filter(state=EnrolmentState.WAITING).values("pk")
    tasks = Task.objects.filter(account__stage=Stage.CHURNED).exclude(enrolment__in=going)
    if account_id is not None:
        tasks = tasks.filter(account=account_id)
    _close(tasks, TaskState.DROPPED, because, actor, now, cause)


def _close(tasks: QuerySet[Task], state: TaskState, outcome: str, actor: Actor, now: datetime, cause: Event | None) -> int:
    open_ones = list(tasks.filter(state=TaskState.OPEN).select_for_update(of=("self",)))
    Task.objects.filter(pk__in=[task.pk for task in open_ones]).update(state=state, outcome=outcome, closed_at=now, closed_by=str(actor))
    if open_ones:
        events.publish_all(
            [TaskClosed(account_id=task.account_id, task_id=task.pk, outcome=outcome) for task in open_ones], actor=actor, now=now, cause=cause
        )
    return len(open_ones)
