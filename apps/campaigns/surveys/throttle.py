"""One survey per person in the quiet time, over all surveys, ours and those of outside tools."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import Contact, SurveyResponse

from ..models import Invitation

QUIET_DAYS = 90


def asked_lately(*, now: datetime, days: int = QUIET_DAYS) -> QuerySet[Contact]:
    """Whom no survey may ask now: asked in the last `days`, still in the quiet time of another survey, or answered one elsewhere meanwhile."""
    since = now - timedelta(days=max(days, QUIET_DAYS))
    lately = Invitation.objects.counted().filter(Q(asked_at__gt=since) | Q(quiet_until__gt=now))
    asked = lately.filter(contact_id=OuterRef("pk"))
    # Under another row, before both turned out to be one person.
    as_another = lately.filter(contact__merges__contact=OuterRef("pk"), contact__merges__undone_at=None)
    answered = SurveyResponse.objects.filter(contact_id=OuterRef("pk"), at__gt=since, at__lte=now)
    return Contact.objects.filter(Exists(asked) | Exists(as_another) | Exists(answered))
