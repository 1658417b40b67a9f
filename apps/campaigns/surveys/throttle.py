"""One survey per person in the quiet time, over all surveys, ours and those of outside tools."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import Contact, SurveyResponse

from ..models import Invitation

QUIET_DAYS = 90


def asked_lately(*, now: datetime, days: int = QUIET_DAYS) -> QuerySet[Contact]:
    """Whom no survey may ask now: asked in the last `days`, still in the quiet time of another survey, or answered one elsewhere meanwhile."""
    since = now - timedelta(days=max(days, QUIET_DAYS))
    asked = Invitation.objects.counted().filter(Q(asked_at__gt=since) | Q(quiet_until__gt=now), contact_id=OuterRef("pk"))
    answered = SurveyResponse.objects.filter(contact_id=OuterRef("pk"), at__gt=since, at__lte=now)
    return Contact.objects.filter(Exists(asked) | Exists(answered))
