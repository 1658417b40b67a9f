"""Closing the loop: a bad answer wants one of ours within hours; whoever answers it ends the waiting, and silence is announced."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import SurveyResponse, User
from apps.accounts.types import SurveyKind
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import LoopOverdue
from apps.interventions import services as interventions
from apps.interventions.models import Task
from apps.interventions.types import SourceKind, TaskState

from ..models import Invitation
from ..types import SCALES
from .definition import Survey

REASON = "survey_answer"
_ACTOR = Actor.job("campaigns.watch_loops")
_MINUTES = 20
_MOST = 200


def judge(invitation: Invitation, survey: Survey, response: SurveyResponse, *, now: datetime, cause: Event) -> None:
    """Begin the loop for a low score; end it where the person has changed their answer to a better one."""
    if survey.loop is None:
        return
    if response.score > survey.loop.scores_at_most:
        if invitation.loop_task_id and invitation.loop_due_at:
            Invitation.objects.filter(pk=invitation.pk).update(loop_due_at=None)
            words = f"They have changed their answer to {response.score}."
            interventions.settle_task(invitation.loop_task, TaskState.DROPPED, because=words, actor=_ACTOR, now=now, cause=cause)
        return
    due_at = now + timedelta(hours=survey.loop.hours)
    high = SCALES[SurveyKind(survey.kind)][1]
    said = f"{SurveyKind(survey.kind).value.upper()} {response.score} of {high} from {invitation.contact}"
    task = interventions.open_task(
        account=invitation.account,
        title=f"Answer {invitation.contact}: {survey.kind.upper()} {response.score}",
        why=f"{said} in “{invitation.campaign}”{f': {response.comment[:400]}' if response.comment else '.'}",
        minutes=_MINUTES,
        due_at=due_at,
        reason=REASON,
        name=str(invitation.pk),
        source=(SourceKind.CAMPAIGN, f"campaign:{invitation.campaign_id}"),
        evidence=[{"words": said, "about": f"survey:{response.pk}"}],
        actor=_ACTOR,
        now=now,
        cause=cause,
    )
    Invitation.objects.filter(pk=invitation.pk).update(loop_task=task, loop_due_at=due_at, loop_overdue_at=None)


def close(*, task_id: int, now: datetime, cause: Event | None = None) -> bool:
    """The task of an answer is done: somebody has answered them, which stands with the answer. False where the task is no such task."""
    task = Task.objects.filter(pk=task_id, state=TaskState.DONE).first()
    found = Invitation.objects.select_related("response").filter(loop_task=task_id, response__loop_closed_at=None).first() if task else None
    if task is None or found is None or found.response is None:
        return False
    kind, _, key = task.closed_by.partition(":")
    by = User.objects.filter(pk=key).first() if kind == "user" and key.isdigit() else None
    changes = {"loop_closed_at": task.closed_at or now, "loop_closed_by": by}
    accounts.edit_record(found.response, changes=changes, actor=Actor(kind or "job", key or "campaigns"), now=now)
    return True


def watch(*, now: datetime) -> int:
    """Announce answers that waited too long for one of ours; each is announced once. Returns how many."""
    late = Invitation.objects.filter(loop_due_at__lte=now, loop_overdue_at=None, response__isnull=False, response__loop_closed_at=None)
    with transaction.atomic():
        rows = list(late.select_related("response").select_for_update(of=("self",), skip_locked=True).order_by("loop_due_at", "pk")[:_MOST])
        Invitation.objects.filter(pk__in=[row.pk for row in rows]).update(loop_overdue_at=now)
        told = [
            LoopOverdue(account_id=row.account_id, response_id=row.response.pk, kind=row.kind, score=row.response.score)
            for row in rows
            if row.response
        ]
        events.publish_all(told, actor=_ACTOR, now=now)
    return len(rows)
