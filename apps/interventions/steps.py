"""Taking the due steps of running plays: rows with `due_at`, claimed one by one, kill-safe.

A step, its record and the next `due_at` commit together, so a step is taken once whoever dies.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import services as messaging
from apps.messaging.types import Channel

from . import selectors, services, tasks_for_people
from .definition import AnyStep, Flaws, MessageStep, TaskStep, WaitStep, WatchStep
from .models import Enrolment, StepRecord
from .types import Arm, ExitReason, StepKind

log = logging.getLogger(__name__)

_ACTOR = Actor.job("interventions.advance")
_MESSAGE_LIFETIME = timedelta(hours=72)


def advance(*, now: datetime, limit: int = 200) -> int:
    """Take every step that is due, at most `limit`; returns how many were taken."""
    taken = 0
    while taken < limit:
        with transaction.atomic():
            enrolment = (
                Enrolment.objects.due_now(now)
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("play", "version", "account", "contact")
                .first()
            )
            if enrolment is None:
                return taken
            _take_or_give_up(enrolment, now)
            taken += 1
    return taken


def _take_or_give_up(enrolment: Enrolment, now: datetime) -> None:
    """A step that cannot be understood ends its own run with the reason; it must not stand in the way of everybody else's."""
    try:
        with transaction.atomic():
            _take(enrolment, now)
    except (Flaws, KeyError, TypeError, ValueError) as error:
        log.exception("step %s of run %s cannot be done", enrolment.position, enrolment.pk)
        what = f"This step cannot be done: {error!r}"[:250]
        StepRecord.objects.create(enrolment=enrolment, position=enrolment.position, step="", kind=StepKind.WATCH, at=now, what=what)
        services.end(enrolment, ExitReason.ERROR, actor=_ACTOR, now=now)


def _take(enrolment: Enrolment, now: datetime) -> None:
    if enrolment.window_ends_at <= now:
        services.end(enrolment, ExitReason.TIMEOUT, actor=_ACTOR, now=now)
        return
    plan = enrolment.says
    if enrolment.arm == Arm.HELD_OUT or enrolment.position >= len(plan.steps):
        # Nothing left to do but to watch for the goal until the window closes.
        Enrolment.objects.filter(pk=enrolment.pk).update(due_at=enrolment.window_ends_at)
        return
    step = plan.steps[enrolment.position]
    kind, do = _DO[type(step)]
    what, message_id, due_at = do(enrolment, step, now)
    StepRecord.objects.create(enrolment=enrolment, position=enrolment.position, step=step.id, kind=kind, at=now, what=what, message_id=message_id)
    Enrolment.objects.filter(pk=enrolment.pk).update(position=enrolment.position + 1, due_at=min(due_at, enrolment.window_ends_at))


# What was done in words, the message it made, and when the next step is due.
_Done = tuple[str, int | None, datetime]


def _message(enrolment: Enrolment, step: MessageStep, now: datetime) -> _Done:
    channel = Channel(step.channel)
    if enrolment.contact is None:
        return f"No {channel.label} message: the account has no reachable contact.", None, now
    owner = enrolment.account.owner
    try:
        message = messaging.compose(
            contact=enrolment.contact,
            channel=channel,
            template_key=step.template,
            lane=enrolment.says.lane,
            idem_key=f"enrolment:{enrolment.pk}:step:{enrolment.position}",
            context={"csm": {"name": str(owner) if owner else "your success team"}, "play": {"name": enrolment.play.name}},
            # With `review_minutes` its owner may stop it before it leaves.
            due_at=now + timedelta(minutes=step.review_minutes if owner else 0),
            expires_at=now + _MESSAGE_LIFETIME,
            actor=_ACTOR,
            now=now,
            cause=enrolment.cause,
            approver=owner,
        )
    except Refused as refusal:
        return f"No {channel.label} message: {refusal.message}"[:250], None, now
    return f"Queued the {channel.label} “{message.subject}” to {enrolment.contact}."[:250], message.pk, now


def _wait(enrolment: Enrolment, step: WaitStep, now: datetime) -> _Done:
    length = timedelta(minutes=step.minutes)
    return f"Waiting {selectors.lasting(length)}.", None, now + length


def _task(enrolment: Enrolment, step: TaskStep, now: datetime) -> _Done:
    reasons = [reason["words"] for reason in (enrolment.prediction.reasons if enrolment.prediction else []) if reason["contribution"] > 0]
    task = tasks_for_people.open_task(
        account=enrolment.account,
        enrolment=enrolment,
        title=step.title,
        why=" · ".join([*reasons[:3], "No reply to our messages."]),
        minutes=step.minutes_needed,
        kind=step.reason,
        due_at=now + timedelta(hours=step.due_in_hours),
        actor=_ACTOR,
        now=now,
        cause=enrolment.cause,
    )
    return f"Gave {task.owner or 'nobody yet'} the task “{task.title}”."[:250], None, now


def _watch(enrolment: Enrolment, step: WatchStep, now: datetime) -> _Done:
    return f"Watching for recovered activity until {enrolment.window_ends_at:%d %b}.", None, enrolment.window_ends_at


_DO: dict[type[AnyStep], tuple[StepKind, Callable[[Enrolment, Any, datetime], _Done]]] = {
    MessageStep: (StepKind.MESSAGE, _message),
    WaitStep: (StepKind.WAIT, _wait),
    TaskStep: (StepKind.TASK, _task),
    WatchStep: (StepKind.WATCH, _watch),
}
