"""Tasks of success managers: one open task per matter, whoever asks for it; put off with a reason, closed with its outcome."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from apps.accounts.models import Account, User
from apps.accounts.types import Stage
from apps.churn.models import AccountRisk
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import TaskAcknowledged, TaskAssigned, TaskClosed, TaskOpened, TaskSnoozed

from . import escalation, turns
from .models import Enrolment, Task, TaskSource
from .types import EnrolmentState, LadderState, Priority, Silence, SourceKind, TaskResult, TaskState, TaskType, matter

LONGEST_SNOOZE_DAYS = 14
_MOST_EVIDENCE = 12
_RANK = {word: place for place, word in enumerate(Priority.values)}
# Whose priority says that a person waits: the ladder begins when they are opened.
_ON_THE_LADDER = (Priority.HIGH, Priority.URGENT)


def dedup_key(account_id: int, task_type: str, reason: str, name: str = "") -> str:
    """One matter: account, type and reason, with a name where one reason has several (which renewal)."""
    return f"{account_id}:{task_type}:{reason}" + (f":{name}" if name else "")


def open_task(
    *,
    account: Account,
    title: str,
    why: str,
    minutes: int,
    due_at: datetime,
    actor: Actor,
    now: datetime,
    kind: str = "",
    enrolment: Enrolment | None = None,
    cause: Event | None = None,
    task_type: TaskType | None = None,
    reason: str = "",
    name: str = "",
    priority: Priority | None = None,
    evidence: Sequence[dict[str, Any]] = (),
    owner: User | None = None,
    source: tuple[SourceKind, str] | None = None,
    escalate: bool | None = None,
) -> Task:
    """Give the account's owner something to do; the same matter stays one open task, whichever play, alert, campaign or person asks for it.

    Whoever asks second adds its evidence and its name to the open task, may raise its priority and bring its due time forward, and opens nothing;
    that also holds while the task is snoozed. `reason` is a key (`kind` is its older name); type and priority follow from it unless they are given.
    `evidence` are facts such as {"words": "Logins fell by 54 %", "about": "prediction:7"}. `source` is (kind, key); by default it is read off the run
    or the actor. The ladder begins at once for high and urgent tasks; `escalate` says otherwise (False: never, True: from the due time on).
    An account without an owner goes to whose turn it is.
    """
    reason = (reason or kind)[:60]
    known = matter(reason)
    task_type, priority = task_type or known.type, priority or known.priority
    key = dedup_key(account.pk, task_type, reason, name)
    facts = [*evidence, *_behind(enrolment)]
    with transaction.atomic():
        try:
            with transaction.atomic():
                task = Task.objects.create(
                    account=account,
                    owner_id=owner.pk if owner else account.owner_id,
                    enrolment=enrolment,
                    type=task_type,
                    reason=reason,
                    name=name,
                    title=title[:200],
                    why=why,
                    evidence=facts[:_MOST_EVIDENCE],
                    priority=priority,
                    minutes=minutes,
                    dedup_key=key,
                    due_at=due_at,
                    created_at=now,
                    chance=_chance(account),
                    cause=cause,
                )
        except IntegrityError:
            return _join(key, facts, priority, due_at, _asked(source, enrolment, actor), enrolment, why, now, cause)
        _note_source(task, _asked(source, enrolment, actor), enrolment, why, now, cause)
        events.publish(TaskOpened(account_id=account.pk, task_id=task.pk, title=task.title), actor=actor, now=now, cause=cause)
        if task.owner_id is None:
            turns.give(task, actor=actor, now=now, cause=cause)
        if escalate or (escalate is None and priority in _ON_THE_LADDER):
            start = now if priority in _ON_THE_LADDER else max(due_at, now)
            escalation.begin(task, silence=Silence.STAFF, start=start, now=now, cause=cause)
    return task


def ask_the_next(
    *,
    account: Account,
    why: str,
    actor: Actor,
    now: datetime,
    enrolment: Enrolment | None = None,
    cause: Event | None = None,
    title: str = "",
    minutes: int = 15,
    evidence: Sequence[dict[str, Any]] = (),
) -> Task:
    """The customer did not answer in time: the task goes to the next level at once, and climbs on from there until somebody takes it on."""
    with transaction.atomic():
        task = open_task(
            account=account,
            title=title or f"{account.name} does not answer",
            why=why,
            minutes=minutes,
            due_at=now + timedelta(hours=24),
            actor=actor,
            now=now,
            reason="no_answer",
            enrolment=enrolment,
            cause=cause,
            evidence=evidence,
            escalate=False,
        )
        escalation.begin(task, silence=Silence.CUSTOMER, start=now, now=now, cause=cause)
    return task


def _join(
    key: str,
    facts: Sequence[dict[str, Any]],
    priority: str,
    due_at: datetime,
    asked: tuple[str, str],
    enrolment: Enrolment | None,
    why: str,
    now: datetime,
    cause: Event | None,
) -> Task:
    task = Task.objects.select_for_update().get(dedup_key=key, state=TaskState.OPEN)
    told = {fact.get("words") for fact in task.evidence}
    task.evidence = [*task.evidence, *(fact for fact in facts if fact.get("words") not in told)][:_MOST_EVIDENCE]
    task.priority = max(task.priority, priority, key=_RANK.__getitem__)
    if task.snoozed_until is None or task.snoozed_until <= now:
        task.due_at = min(task.due_at, due_at)
    task.save(update_fields=["evidence", "priority", "due_at"])
    _note_source(task, asked, enrolment, why, now, cause)
    return task


def _note_source(task: Task, asked: tuple[str, str], enrolment: Enrolment | None, why: str, now: datetime, cause: Event | None) -> None:
    kind, key = asked
    _, fresh = TaskSource.objects.get_or_create(
        task=task,
        kind=kind,
        key=key[:120],
        defaults={"enrolment": enrolment, "words": why[:250], "first_at": now, "last_at": now, "cause": cause},
    )
    if not fresh:
        TaskSource.objects.filter(task=task, kind=kind, key=key[:120], last_at__lte=now).update(times=F("times") + 1, last_at=now, withdrawn_at=None)


def _asked(source: tuple[SourceKind, str] | None, enrolment: Enrolment | None, actor: Actor) -> tuple[str, str]:
    if source is not None:
        return source
    if enrolment is not None:
        return SourceKind.PLAY, f"enrolment:{enrolment.pk}"
    kinds = {"user": SourceKind.PERSON, "key": SourceKind.API}
    return kinds.get(actor.kind, SourceKind.JOB), str(actor)


def _behind(enrolment: Enrolment | None) -> list[dict[str, Any]]:
    """The three strongest reasons of the risk that opened a run's door."""
    prediction = enrolment.prediction if enrolment else None
    if prediction is None:
        return []
    raising = [one for one in prediction.reasons if one.get("contribution", 0) > 0][:3]
    return [{"words": str(one["words"]), "about": f"prediction:{prediction.pk}"} for one in raising]


def _chance(account: Account) -> float | None:
    """The chance that they leave; a rule's score is none."""
    risk = AccountRisk.objects.filter(account=account).values_list("probability", "source").first()
    return None if risk is None or risk[1].startswith("rule") else risk[0]


def close(task: Task, *, outcome: str, actor: Actor, now: datetime, result: TaskResult = TaskResult.OTHER) -> None:
    """Done, with what came of it: a result that is counted, and words. The ladder stops."""
    with transaction.atomic():
        if not _close(Task.objects.filter(pk=task.pk), TaskState.DONE, outcome, actor, now, None, result):
            raise Refused("task_closed", f"“{task.title}” is closed already.")


def snooze(task: Task, *, days: int, reason: str, actor: Actor, now: datetime) -> None:
    """Put it off with a reason, at most two weeks; until then the ladder waits, and whoever asks for the same matter joins the sleeping task."""
    if not 1 <= days <= LONGEST_SNOOZE_DAYS:
        raise Refused("snooze_too_long", f"A task can be put off by 1 to {LONGEST_SNOOZE_DAYS} days, not {days}.")
    reason = reason.replace("\x00", "").strip()[:200]
    if not reason:
        raise Refused("snooze_needs_reason", "Say why it can wait. Nothing was changed.")
    until = now + timedelta(days=days)
    with transaction.atomic():
        escalation.put_off(task, until=until)
        if not Task.objects.waiting().filter(pk=task.pk).update(due_at=until, snoozed_until=until, snooze_reason=reason):
            raise Refused("task_closed", f"“{task.title}” is closed already.")
        events.publish(TaskSnoozed(account_id=task.account_id, task_id=task.pk, until=until.isoformat(), reason=reason), actor=actor, now=now)


def acknowledge(task: Task, *, actor: Actor, now: datetime) -> None:
    """Somebody says: I have it. The ladder stops."""
    with transaction.atomic():
        if not Task.objects.waiting().filter(pk=task.pk, acknowledged_at__isnull=True).update(acknowledged_at=now, acknowledged_by=str(actor)):
            raise Refused("not_to_acknowledge", f"“{task.title}” is closed, or somebody has it already.")
        escalation.stop([task.pk], LadderState.ACKNOWLEDGED, actor=actor, now=now)
        events.publish(TaskAcknowledged(account_id=task.account_id, task_id=task.pk, by=str(actor)), actor=actor, now=now)


def assign(task: Task, *, to: User, actor: Actor, now: datetime) -> None:
    """Make somebody else its owner. They must be able to see the account."""
    if not to.is_active or not to.may_act or not Account.objects.for_user(to).filter(pk=task.account_id).exists():
        raise Refused("cannot_have_it", f"{to} does not look after this account. Nothing was changed.")
    with transaction.atomic():
        if not Task.objects.waiting().filter(pk=task.pk).update(owner=to):
            raise Refused("task_closed", f"“{task.title}” is closed already.")
        events.publish(TaskAssigned(account_id=task.account_id, task_id=task.pk, user_id=to.pk), actor=actor, now=now)


def reopen(task: Task, *, due_at: datetime, actor: Actor, now: datetime) -> None:
    """Take back a closing or a snooze: open again, due when it was due before; a ladder that the closing stopped goes on."""
    awake = {"snoozed_until": None, "snooze_reason": ""}
    try:
        with transaction.atomic():
            row = Task.objects.select_for_update().get(pk=task.pk)
            if row.state == TaskState.DROPPED:
                raise Refused("task_dropped", f"“{task.title}” was dropped because {row.outcome}; it cannot be taken back.")
            Task.objects.filter(pk=task.pk).update(state=TaskState.OPEN, due_at=due_at, closed_at=None, closed_by="", outcome="", result="", **awake)
            escalation.resume(task)
            events.publish(TaskOpened(account_id=task.account_id, task_id=task.pk, title=task.title), actor=actor, now=now)
    except IntegrityError as error:
        raise Refused("task_opened_again", f"The same matter has a newer open task, so “{task.title}” stays closed.") from error


def drop_for(enrolment_ids: Collection[int], *, because: str, actor: Actor, now: datetime, cause: Event | None) -> None:
    """What these runs asked for is no longer needed by them; a task that others asked for too stays."""
    TaskSource.objects.filter(enrolment__in=enrolment_ids, withdrawn_at__isnull=True).update(withdrawn_at=now)
    mine = TaskSource.objects.filter(enrolment__in=enrolment_ids).values("task")
    asked = Task.objects.filter(enrolment__in=enrolment_ids) | Task.objects.filter(pk__in=mine)
    wanted = TaskSource.objects.filter(withdrawn_at__isnull=True).values("task")
    _close(asked.exclude(pk__in=wanted), TaskState.DROPPED, because, actor, now, cause)


def drop_for_leavers(*, account_id: int | None = None, because: str, actor: Actor, now: datetime, cause: Event | None) -> None:
    """Tasks of runs for leavers stay: they are about winning them back."""
    going = Enrolment.objects.filter(state=EnrolmentState.WAITING).values("pk")
    tasks = Task.objects.filter(account__stage=Stage.CHURNED).exclude(enrolment__in=going)
    if account_id is not None:
        tasks = tasks.filter(account=account_id)
    _close(tasks, TaskState.DROPPED, because, actor, now, cause)


def settle(task: Task, state: TaskState, *, because: str, actor: Actor, now: datetime, cause: Event | None) -> None:
    """What the task was about is over; nothing where the task is closed already."""
    _close(Task.objects.filter(pk=task.pk), state, because, actor, now, cause)


def _close(
    tasks: QuerySet[Task], state: TaskState, outcome: str, actor: Actor, now: datetime, cause: Event | None, result: TaskResult | None = None
) -> int:
    open_ones = list(tasks.filter(state=TaskState.OPEN).select_for_update(of=("self",)))
    if not open_ones:
        return 0
    keys = [task.pk for task in open_ones]
    outcome = outcome[:250]
    closed = {"closed_at": now, "closed_by": str(actor), "snoozed_until": None}
    Task.objects.filter(pk__in=keys).update(state=state, outcome=outcome, result=result or "", **closed)
    escalation.stop(keys, LadderState.CLOSED, actor=actor, now=now)
    events.publish_all(
        [TaskClosed(account_id=task.account_id, task_id=task.pk, outcome=outcome, result=result or "") for task in open_ones],
        actor=actor,
        now=now,
        cause=cause,
    )
    return len(open_ones)
