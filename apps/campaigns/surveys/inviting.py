"""Who is asked: once in the quiet time over all surveys, when the message is written."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.types import SurveyKind

from ..models import Invitation, Recipient
from ..types import SCALES
from . import definition, languages, throttle, tokens


def context_for(recipients: Sequence[Recipient], *, now: datetime) -> dict[int, dict[str, Any]]:
    """Invite these recipients of survey campaigns; what the words of their message may use, by recipient.

    Who is missing in the answer has been asked too short a time ago by some survey and gets nothing (Left.SURVEYED). Asked again for the same
    recipient it gives the same. Call it inside the transaction that writes the message. The value is for templates:
    {"survey": {"link", "question", "kind", "scores": [{"score", "link", "words"}], "reminder": ""}}.
    """
    asked = [recipient for recipient in recipients if recipient.contact_id is not None]
    surveys = {version.pk: definition.read(version.definition.get("survey")) for version in {row.occurrence.version for row in asked}}
    before = set(Invitation.objects.filter(recipient__in=asked).values_list("recipient_id", flat=True))
    fresh = [row for row in asked if row.pk not in before]
    tired: set[int] = set()
    for days in {survey.throttle_days for survey in surveys.values()}:
        of_these = [row.contact_id for row in fresh if surveys[row.occurrence.version_id].throttle_days == days]
        tired |= set(throttle.asked_lately(now=now, days=days).filter(pk__in=of_these).values_list("pk", flat=True))
    rows = []
    for row in sorted(fresh, key=lambda one: one.contact_id or 0):
        survey = surveys[row.occurrence.version_id]
        if row.contact_id not in tired:
            rows.append(_invitation(row, survey, now))
    # Another survey may ask the same person at this moment: the constraint lets one of the two through.
    Invitation.objects.bulk_create(rows, ignore_conflicts=True)
    found = Invitation.objects.filter(recipient__in=asked).select_related("contact__account", "version")
    return {row.recipient_id: {"survey": context_of(row)} for row in found if row.recipient_id}


def _invitation(row: Recipient, survey: definition.Survey, now: datetime) -> Invitation:
    return Invitation(
        campaign_id=row.occurrence.campaign_id,
        version_id=row.occurrence.version_id,
        recipient=row,
        account_id=row.account_id,
        contact_id=row.contact_id,
        kind=survey.kind,
        asked_at=now,
        quiet_until=now + timedelta(days=survey.throttle_days),
        expires_at=now + timedelta(days=survey.open_days),
    )


def context_of(invitation: Invitation, *, reminder: bool = False) -> dict[str, Any]:
    """What a template may say of one invitation, in the reader's language."""
    survey = definition.read(invitation.version.definition.get("survey"))
    language = languages.for_mail(invitation.contact)
    low, high = SCALES[SurveyKind(survey.kind)]
    ends = languages.words(language)["ends"][survey.kind]
    words = {low: str(ends[0]), high: str(ends[1])}
    return {
        "kind": survey.kind,
        "question": survey.asks(language),
        "link": tokens.link(invitation),
        "scores": [{"score": score, "link": tokens.link(invitation, score), "words": words.get(score, "")} for score in range(low, high + 1)],
        "reminder": "yes" if reminder else "",
    }
