"""Waking runs that wait for something: an event moves them on, nobody polls."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.core.jobs import after_commit

from . import machine
from .machine import Standing
from .models import Enrolment, StepRecord
from .types import Arm, EnrolmentState


def standing(run: Enrolment) -> Standing:
    """A row as the machine sees it."""
    return Standing(
        held_out=run.arm == Arm.HELD_OUT,
        position=run.position,
        waits_for=run.waits_for,
        window_ends_at=run.window_ends_at,
        goal_met=run.goal_met_at is not None,
        replied=run.replied_at is not None,
    )


def wake(runs: Collection[Enrolment], *, because: str, now: datetime) -> int:
    """Let these runs, whose rows are locked and whose versions are loaded, go on from what they waited for. Returns how many did.

    A paused run keeps its place; it goes on when its play does.
    """
    for run in runs:
        move = machine.arrive(run.version.says, standing(run), because, now)
        StepRecord.objects.filter(enrolment=run, position=run.position).update(went=move.went, because=move.because)
        Enrolment.objects.filter(pk=run.pk).update(position=move.next, due_at=move.due_at, waits_for="")
    if runs:
        after_commit("interventions.advance")
    return len(runs)


def wake_waiting(account_ids: Collection[int], *, waits_for: Collection[str], because: str, now: datetime, of: Collection[int] | None = None) -> int:
    """Wake the runs of these accounts (`of`: only these runs) that wait for one of these. Returns how many went on."""
    waiting = Enrolment.objects.filter(account__in=account_ids, state=EnrolmentState.WAITING, waits_for__in=waits_for)
    if of is not None:
        waiting = waiting.filter(pk__in=of)
    with transaction.atomic():
        return wake(list(waiting.order_by("pk").select_for_update(of=("self",)).select_related("version")), because=because, now=now)
