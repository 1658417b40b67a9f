"""Plays: who enters, when a run ends, and what the customer's answer does to it. The steps themselves are in steps.py."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.types import Stage
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event

from . import choice, entering, machine, tasks_for_people, waking
from .ending import end, end_all

from .choice import POLICY as CHANNEL_POLICY, choose_many as choose_channels  # noqa: F401  isort:skip
from .models import Enrolment, Play, StepRecord, Task
from .types import EnrolmentState, ExitReason, NotEntered, PlayState, TaskState

from . import audiences, checked, conditions, definition, differences, facts, foretold, play_files, play_tests, rehearsals, sentences, sizing  # noqa: F401  isort:skip  (part of this module's face)
from .written import create_play, note_share, rename, save_version, turn  # noqa: F401  isort:skip
from .entering import enter  # noqa: F401  isort:skip
from .goals import check as check_goals, judge_windows  # noqa: F401  isort:skip

# Parts of this module's face: what people do with tasks, and the ladder.
from .tasks_for_people import acknowledge as acknowledge_task, assign as assign_task, close as close_task  # noqa: F401  isort:skip
from .tasks_for_people import ask_the_next, open_task, reopen as reopen_task, settle as settle_task, snooze as snooze_task  # noqa: F401  isort:skip
from .escalation import write as write_ladder  # noqa: F401  isort:skip
from .capacity import set_capacity  # noqa: F401  isort:skip
from .capture import capture, close_settled  # noqa: F401  isort:skip


def enrol(
    play: Play, *, account_id: int, prediction_id: int | None = None, key: str = "", actor: Actor, now: datetime, cause: Event | None = None
) -> Enrolment | None:
    """Let an account into a play, or into its holdout. None where it may not enter now; the reason is kept."""
    found = enter(play, {account_id: key}, actor=actor, now=now, cause=cause, prediction_id=prediction_id)
    return Enrolment.objects.get(pk=found.runs[account_id]) if account_id in found.runs else None


def start_by_hand(play: Play, *, account_id: int, actor: Actor, now: datetime) -> Enrolment:
    """A person starts a play; a refusal says why it cannot start."""
    return _started(play, {account_id: ""}, actor=actor, now=now)[account_id]


def start_by_api(play: Play, *, account_id: int, key: str, actor: Actor, now: datetime) -> Enrolment:
    """A program starts a play; the same `key` again gives the first run. A refusal says why it cannot start."""
    named = f"api:{key}"[:160] if key else ""
    if named and (before := Enrolment.objects.filter(play=play, trigger_key=named).first()):
        if before.account_id != account_id:
            raise Refused("key_used", f"The key {key!r} has started “{play.name}” for another account.")
        return before
    return _started(play, {account_id: named}, actor=actor, now=now)[account_id]


def _started(play: Play, keys: Mapping[int, str], *, actor: Actor, now: datetime) -> dict[int, Enrolment]:
    found = entering.enter(play, keys, actor=actor, now=now, by_hand=True)
    for account in keys:
        if account not in found.runs:
            # Nobody is passed over and none came in: another worker let it in at this moment.
            reason = found.passed_over.get(account, NotEntered.RUNNING)
            raise Refused("cannot_enter", f"“{play.name}” did not start: the account {_as_predicate(reason, play)}.")
    return {account: Enrolment.objects.get(pk=key) for account, key in found.runs.items()}


def _as_predicate(reason: NotEntered, play: Play) -> str:
    if reason == NotEntered.NOT_LIVE:
        return "cannot enter while the play is not live"
    if reason == NotEntered.COOLDOWN:
        return f"{reason.label} (the play waits {play.says.entry.cooldown_days} days)"
    return str(reason.label) if reason not in (NotEntered.BUDGET,) else f"cannot enter: {reason.label}"


def let_in(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """The success manager lets a candidate in: its run begins now."""
    with transaction.atomic():
        row = _candidate(enrolment)
        if row.play.state not in (PlayState.LIVE, PlayState.TESTING):
            raise Refused("not_live", f"“{row.play.name}” is {row.play.get_state_display()}: nobody enters.")
        if row.account.stage == Stage.CHURNED and not entering.for_leavers(row.says):
            raise Refused("left", f"{row.account} has left.")
        window = now + timedelta(days=row.says.goal.window_days)
        due_at = window if row.arm == "held_out" else now
        Enrolment.objects.filter(pk=row.pk).update(state=EnrolmentState.WAITING, entered_at=now, window_ends_at=window, due_at=due_at)
        _answered(row, "let in", actor=actor, now=now)
        entering.keep_promotions(row.play.name, row.says, [(row.pk, row.account_id, row.arm)], now=now)
        entering.announce(row.play.key, [(row.pk, row.account_id, row.arm)], actor=actor, now=now, cause=row.cause)
    enrolment.refresh_from_db()


def refuse_entry(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """The success manager does not let a candidate in."""
    with transaction.atomic():
        row = _candidate(enrolment)
        _answered(row, "refused", actor=actor, now=now)
        end(row, ExitReason.REFUSED, actor=actor, now=now)
    enrolment.refresh_from_db()


def _candidate(enrolment: Enrolment) -> Enrolment:
    row = Enrolment.objects.select_for_update(of=("self",)).select_related("play", "version", "account", "cause").get(pk=enrolment.pk)
    if row.state != EnrolmentState.CANDIDATE:
        raise Refused("no_candidate", f"{row.account} does not wait to be let in: its run is {row.get_state_display()}.")
    return row


def _answered(enrolment: Enrolment, outcome: str, *, actor: Actor, now: datetime) -> None:
    """The question is answered, so nobody needs to see it any more."""
    for task in Task.objects.filter(enrolment=enrolment, state=TaskState.OPEN, reason="let_in"):
        tasks_for_people.close(task, outcome=outcome, actor=actor, now=now)


def stop(enrolment: Enrolment, *, actor: Actor, now: datetime) -> None:
    """A person stops a run; what it had queued is not sent."""
    if not end(enrolment, ExitReason.MANUAL, actor=actor, now=now):
        raise Refused("not_running", "This run has ended already.")


def note_reply(*, message_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> None:
    """The customer answered a play's message: outreach stops, and a person answers; where the play says so it goes on."""
    record = StepRecord.objects.select_related("enrolment__account", "enrolment__contact").filter(message_id=message_id).first()
    if record is None:
        return
    with transaction.atomic():
        run = Enrolment.objects.select_for_update(of=("self",)).select_related("version").get(pk=record.enrolment_id)
        choice.note_answer([record.decision_id] if record.decision_id else [], at=now)
        if not Enrolment.objects.filter(pk=run.pk, replied_at__isnull=True).update(replied_at=now):
            return
        tasks_for_people.open_task(
            account=record.enrolment.account,
            enrolment=record.enrolment,
            title=f"Answer {record.enrolment.contact or 'the customer'}",
            why="They replied to the play's message.",
            minutes=10,
            kind="reply",
            due_at=now + timedelta(hours=4),
            actor=actor,
            now=now,
            cause=cause,
        )
        if run.state != EnrolmentState.WAITING:
            return
        if not machine.goes_on_after_reply(run.says, waking.standing(run)):
            end(run, ExitReason.REPLIED, actor=actor, now=now, cause=cause)
        elif run.waits_for == "reply":
            waking.wake([run], because="they replied", now=now)


def note_not_sent(*, message_id: int) -> None:
    """A play's message reached nobody: nothing is learned from its channel."""
    decisions = StepRecord.objects.filter(message_id=message_id, decision__isnull=False).values_list("decision_id", flat=True)
    choice.drop([key for key in decisions if key is not None])


def note_task_closed(*, task_id: int, outcome: str, now: datetime) -> None:
    """A run that waits for its task goes on."""
    task = Task.objects.filter(pk=task_id, enrolment__isnull=False).first()
    if task is None or task.enrolment_id is None:
        return
    because = f"the task was closed: {outcome}" if outcome else "the task was closed"
    waking.wake_waiting([task.account_id], waits_for=["task_closed"], because=because, now=now, of=[task.enrolment_id])


def stop_for_leavers(*, account_id: int | None = None, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Whoever has left (`account_id`: only this one) gets nothing more: runs end, open tasks are dropped. Returns how many runs ended.

    Plays for leavers go on.
    """
    with transaction.atomic():
        runs = Enrolment.objects.exclude(state=EnrolmentState.ENDED).filter(account__stage=Stage.CHURNED).select_related("version")
        if account_id is not None:
            runs = runs.filter(account=account_id)
        ending = {run.pk: ExitReason.CHURNED for run in runs if not entering.for_leavers(run.says)}
        ended = end_all(ending, actor=actor, now=now, cause=cause)
        tasks_for_people.drop_for_leavers(account_id=account_id, because="the customer left", actor=actor, now=now, cause=cause)
    return len(ended)
