"""One note after a call: to the story, to promises and their tasks, and to the task it was about."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts import services as accounts
from apps.accounts.models import Account, Contact, Note, Promise, User
from apps.accounts.types import NoteKind, PromiseState
from apps.core.actor import Actor

from . import calendars, tasks_for_people
from .models import Task
from .types import SourceKind, TaskResult, TaskState

_PROMISE_MINUTES = 15
PROMISE = "promise"


def capture(
    account: Account,
    *,
    author: User,
    body: str,
    actor: Actor,
    now: datetime,
    task: Task | None = None,
    result: TaskResult = TaskResult.REACHED,
    kind: NoteKind = NoteKind.CALL,
    contacts: Sequence[Contact] = (),
    promises: Sequence[Any] = (),
    pulse: int | None = None,
    reason: str = "",
    minutes: int | None = None,
) -> Note:
    """Keep what was said; each promise of ours becomes a task of the author's by its day, and the task that was called about is closed.

    All or nothing: a refusal of any part (`accounts.write_down`, a task that is closed already) keeps nothing.
    """
    with transaction.atomic():
        note = accounts.write_down(
            account,
            author=author,
            kind=kind,
            body=body,
            actor=actor,
            now=now,
            contacts=contacts,
            promises=promises,
            pulse=pulse,
            reason=reason,
            minutes=minutes,
        )
        zone = ZoneInfo(calendars.zone_of(author))
        for promise in note.promises.filter(by_customer=False).order_by("id"):
            tasks_for_people.open_task(
                account=account,
                title=promise.text,
                why=f"We promised it on {now.astimezone(zone):%-d %b}.",
                minutes=_PROMISE_MINUTES,
                due_at=max(datetime.combine(promise.due_on, time(9), zone), now + timedelta(minutes=1)),
                actor=actor,
                now=now,
                reason=PROMISE,
                name=str(promise.pk),
                owner=author,
                source=(SourceKind.PERSON, f"note:{note.pk}"),
            )
        if task is not None:
            tasks_for_people.close(task, outcome=body.strip()[:250], result=result, actor=actor, now=now)
    return note


def close_settled(account_ids: Sequence[int], *, actor: Actor, now: datetime, cause: Any = None) -> int:
    """Tasks of promises that somebody has settled are closed with them. Returns how many."""
    open_ones: QuerySet[Task] = Task.objects.waiting().filter(account__in=account_ids, reason=PROMISE).order_by("id")
    by_promise = {int(task.name): task for task in open_ones if task.name.isdigit()}
    settled = Promise.objects.filter(pk__in=by_promise).exclude(state=PromiseState.OPEN)
    for promise in settled.order_by("pk"):
        task, kept = by_promise[promise.pk], promise.state == PromiseState.KEPT
        tasks_for_people.settle(
            task, TaskState.DONE if kept else TaskState.DROPPED, because=f"the promise was {promise.state}", actor=actor, now=now, cause=cause
        )
    return len(settled)
