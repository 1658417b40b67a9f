"""The ladder: a task that nobody takes on goes to the backup, the lead, the head, in working time, until somebody acknowledges or closes it.

Rows before tasks: the next rung is a row with `due_at`. Taking it, handing the task over and writing the rung after it commit together, so a rung is
taken once whoever dies. A climb keeps the ladder as it was when it began; who stands on a rung is looked up in its time, because people leave.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from apps.accounts import services as accounts
from apps.accounts.models import Account, User
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import TaskEscalated

from . import calendars, turns, worktime
from .models import Escalation, EscalationStep, Ladder, Task, TaskAssignee
from .models.ladders import problem_with_levels, usual_levels
from .types import LadderState, Level, Silence, TaskState

_ACTOR = Actor.job("interventions.escalate")


def in_force(*, now: datetime) -> Ladder:
    """The newest ladder; the usual one where nobody has written any."""
    return (
        Ladder.objects.select_related("head").order_by("-number").first()
        or Ladder.objects.get_or_create(number=1, defaults={"levels": usual_levels(), "created_at": now, "created_by": str(_ACTOR)})[0]
    )


def write(*, levels: list[dict[str, Any]], large_arr: Any, repeat: int, head: User | None, actor: Actor, now: datetime) -> Ladder:
    """Put a new ladder in force; climbs that began keep theirs. Raises Refused for levels that make none."""
    if problem := problem_with_levels(levels):
        raise Refused("no_ladder", f"{problem} Nothing was changed.")
    with transaction.atomic():
        last = in_force(now=now)
        Ladder.objects.select_for_update().get(pk=last.pk)
        number = (Ladder.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        return Ladder.objects.create(
            number=number, levels=levels, large_arr=large_arr, repeat=repeat, head=head, created_at=now, created_by=str(actor)
        )


def begin(task: Task, *, silence: Silence, start: datetime, now: datetime, cause: Event | None = None) -> Escalation | None:
    """Set the first rung: due at once where the customer is silent, else when the owner has had their working time from `start` on.

    None where the task climbs already or somebody has taken it on.
    """
    if task.acknowledged_at is not None:
        return None
    ladder = in_force(now=now)
    large = task.account.arr >= ladder.large_arr
    try:
        with transaction.atomic():
            climb = Escalation.objects.create(
                task=task,
                ladder=ladder,
                levels=ladder.levels,
                repeat=ladder.repeat,
                large=large,
                silence=silence,
                started_at=now,
                cause=cause,
            )
    except IntegrityError:
        return None
    due_at = start if silence == Silence.CUSTOMER else _due(climb, 0, task.owner, start)
    EscalationStep.objects.create(escalation=climb, position=0, level=climb.levels[0]["level"], due_at=due_at)
    return climb


def advance(*, now: datetime, limit: int = 200) -> int:
    """Take every rung that is due, at most `limit`; returns how many were taken."""
    taken = 0
    while taken < limit:
        with transaction.atomic():
            step = (
                EscalationStep.objects.filter(done_at__isnull=True, due_at__lte=now, escalation__state=LadderState.RUNNING)
                .order_by("due_at", "id")
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("escalation__ladder__head")
                .first()
            )
            if step is None:
                return taken
            _take(step, now)
            taken += 1
    return taken


def _take(step: EscalationStep, now: datetime) -> None:
    climb = step.escalation
    # Everybody locks in this order: rung, task, climb. Closing and acknowledging hold the task's row, so afterwards its state is the truth.
    task = Task.objects.select_for_update(of=("self",)).select_related("account", "owner").get(pk=climb.task_id)
    if task.state != TaskState.OPEN or task.acknowledged_at is not None:
        _end(climb, LadderState.CLOSED if task.state != TaskState.OPEN else LadderState.ACKNOWLEDGED, _ACTOR, now)
        return
    again = step.position >= len(climb.levels)
    having = {task.owner_id, *TaskAssignee.objects.filter(task=task).exclude(level=Level.OWNER).values_list("user", flat=True)}
    if again:
        # Told again: whoever stood on this rung the first time.
        person = EscalationStep.objects.select_related("person").get(escalation=climb, position=step.position - len(climb.levels)).person
    else:
        person = turns.on_level(task, step.level, ladder=climb.ladder, without={key for key in having if key})
    label = Level(step.level).label
    if person is None:
        what = f"Nobody else is there as {label}; it goes on."
    else:
        what = f"{'Again to' if again else 'To'} {person} as {label}: {_why(climb, task, step)}"[:250]
        _hand_over(task, person, step.level, what, now, climb)
    EscalationStep.objects.filter(pk=step.pk).update(done_at=now, person=person, what=what)
    _set_next(climb, step, person, now)


def _why(climb: Escalation, task: Task, step: EscalationStep) -> str:
    if climb.silence == Silence.CUSTOMER and step.position == 0:
        return "the customer did not answer in time."
    level = climb.levels[step.position % len(climb.levels)]
    minutes = level["minutes_large" if climb.large else "minutes"]
    whom = str(task.owner) if step.position == 0 and task.owner else "nobody"
    did = "did not take it on" if whom != "nobody" else "took it on"
    large = (
        f" (large account, ARR {task.account.arr:,.0f} {task.account.currency})" if climb.large and level["minutes_large"] != level["minutes"] else ""
    )
    return f"{whom} {did} within {_in_hours(minutes)} of working time{large}."


def _in_hours(minutes: int) -> str:
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes} min"


def _hand_over(task: Task, person: User, level: str, why: str, now: datetime, climb: Escalation) -> None:
    if not Account.objects.for_user(person).filter(pk=task.account_id).exists():
        accounts.stand_in(task.account, user=person, actor=_ACTOR, now=now, cause=climb.cause)
    TaskAssignee.objects.update_or_create(task=task, user=person, defaults={"level": level, "why": why, "at": now})
    Task.objects.filter(pk=task.pk).update(level=level)
    said = TaskEscalated(account_id=task.account_id, task_id=task.pk, escalation_id=climb.pk, level=level, user_id=person.pk, why=why)
    events.publish(said, actor=_ACTOR, now=now, cause=climb.cause)


def _set_next(climb: Escalation, step: EscalationStep, person: User | None, now: datetime) -> None:
    rungs, position = len(climb.levels), step.position + 1
    if position >= rungs * (climb.repeat + 1):
        _end(climb, LadderState.EXHAUSTED, _ACTOR, now)
        return
    # A rung on which nobody stands takes no time.
    due_at = now if person is None and position < rungs else _due(climb, position, person, now)
    EscalationStep.objects.create(escalation=climb, position=position, level=climb.levels[position % rungs]["level"], due_at=due_at)


def _due(climb: Escalation, position: int, holder: User | None, start: datetime) -> datetime:
    """When the one who has it now has had their time, by their own calendar."""
    level = climb.levels[position % len(climb.levels)]
    return worktime.after(start, level["minutes_large" if climb.large else "minutes"], calendars.hours_of(holder, now=start))


def put_off(task: Task, *, until: datetime) -> None:
    """A snoozed task waits on the ladder too: its next rung gets its time from the end of the snooze on. Call it before the task's row is locked."""
    waiting = EscalationStep.objects.filter(escalation__task=task, escalation__state=LadderState.RUNNING, done_at__isnull=True)
    for step in waiting.select_for_update(of=("self",)).select_related("escalation"):
        due_at = _due(step.escalation, step.position, task.owner, until)
        EscalationStep.objects.filter(pk=step.pk, due_at__lt=due_at).update(due_at=due_at)


def stop(task_ids: Sequence[int], state: LadderState, *, actor: Actor, now: datetime) -> None:
    """Somebody acknowledged or closed these tasks."""
    Escalation.objects.filter(task__in=task_ids, state=LadderState.RUNNING).update(state=state, ended_at=now, ended_by=str(actor))


def resume(task: Task) -> None:
    """A closing was taken back: the climb that it stopped goes on where it was."""
    last = Escalation.objects.filter(task=task).order_by("-id").first()
    if last is not None and last.state == LadderState.CLOSED:
        Escalation.objects.filter(pk=last.pk).update(state=LadderState.RUNNING, ended_at=None, ended_by="")


def _end(climb: Escalation, state: LadderState, actor: Actor, now: datetime) -> None:
    Escalation.objects.filter(pk=climb.pk, state=LadderState.RUNNING).update(state=state, ended_at=now, ended_by=str(actor))
