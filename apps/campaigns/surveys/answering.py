"""What becomes of an answer: it stands with the account, may be changed for a day, and where it hurts somebody gets a task."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import SurveyResponse
from apps.accounts.types import RecordFacts, SurveyKind
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import SurveyAnswered
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import RECALLABLE

from ..models import Invitation
from ..types import SCALES, InvitationState
from . import definition, looping

# So long an answer may be changed by the person.
CHANGEABLE = timedelta(hours=24)
SOURCE = "surveys"
LONGEST = 5_000


@dataclass(frozen=True)
class Standing:
    """What the person can do on their page now: answer, change the answer, or only read it."""

    may_answer: bool
    answered: bool
    until: datetime


def standing(invitation: Invitation, now: datetime) -> Standing:
    if invitation.answered_at is not None:
        until = invitation.answered_at + CHANGEABLE
        return Standing(now < until, True, until)
    return Standing(invitation.state == InvitationState.ASKED and now < invitation.expires_at, False, invitation.expires_at)


def answer(invitation: Invitation, *, score: int, comment: str = "", language: str = "", now: datetime) -> SurveyResponse:
    """Take the person's answer, or the change of it; the same again changes nothing. Refused off the scale and when it is too late."""
    survey = definition.read(invitation.version.definition.get("survey"))
    low, high = SCALES[SurveyKind(survey.kind)]
    if not low <= score <= high:
        raise Refused("off_scale", f"A score of this survey runs from {low} to {high}. Nothing was changed.")
    with transaction.atomic():
        row = Invitation.objects.select_for_update(of=("self",)).select_related("account", "contact", "campaign", "response").get(pk=invitation.pk)
        if not standing(row, now).may_answer:
            raise Refused("closed", "This survey is closed, or the answer stands for more than a day. Nothing was changed.")
        before = row.response.score if row.response else None
        response = _keep(row, survey, score=score, comment=comment, language=language, now=now)
        if before is None:
            row.state, row.answered_at, row.response = InvitationState.ANSWERED, now, response
            row.save(update_fields=["state", "answered_at", "response"])
            _take_back_reminder(row, now)
        if score != before:
            actor = Actor.contact(row.contact_id)
            told = SurveyAnswered(account_id=row.account_id, response_id=response.pk, kind=survey.kind, score=score, campaign=row.campaign.key)
            event = events.publish(told, actor=actor, now=now)
            looping.judge(row, survey, response, now=now, cause=event)
    return response


def _keep(row: Invitation, survey: definition.Survey, *, score: int, comment: str, language: str, now: datetime) -> SurveyResponse:
    """Through the gate, as an answer from anywhere: history, freshness and scores follow by themselves."""
    said = "".join(letter for letter in comment.replace("\r\n", "\n") if letter in "\n\t" or letter.isprintable()).strip()[:LONGEST]
    values = {
        "account_id": row.account_id,
        "contact_id": row.contact_id,
        "kind": survey.kind,
        "score": score,
        "comment": said,
        "topic": survey.topic,
        "language": language,
        "at": row.answered_at or now,
    }
    facts = RecordFacts(external_id=f"invitation:{row.pk}", account="", values=values)
    accounts.bring_records(SurveyResponse, [facts], source=SOURCE, actor=Actor.contact(row.contact_id), now=now)
    return SurveyResponse.objects.get(source=SOURCE, external_id=facts.external_id)


def _take_back_reminder(row: Invitation, now: datetime) -> None:
    waiting = Message.objects.filter(idem_key=f"survey:{row.pk}:reminder", state__in=RECALLABLE).values_list("pk", flat=True)
    messaging.cancel_waiting(message_ids=list(waiting), reason="They have answered the survey.", actor=Actor.contact(row.contact_id), now=now)
