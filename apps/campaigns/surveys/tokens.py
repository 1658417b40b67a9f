"""The signed link of one invitation: it opens this person's page in this survey and nothing else."""

from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import reverse

from ..models import Invitation

_SURVEY = signing.Signer(salt="campaigns.survey")


def token_of(invitation: Invitation) -> str:
    return _SURVEY.sign_object([invitation.pk, invitation.contact_id])


def invitation_of(token: str) -> Invitation | None:
    """Whose page it is: None for a token that is not ours, and where the person is gone."""
    try:
        invitation_id, contact_id = _SURVEY.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = Invitation.objects.select_related("account", "contact__account", "campaign", "version", "response")
    return found.filter(pk=invitation_id, contact_id=contact_id).first()


def link(invitation: Invitation, score: int | None = None) -> str:
    """The address of the page; with a score it only stands chosen there, since whatever follows links (scanners, previews) answers nothing."""
    address = f"{settings.BASE_URL.rstrip('/')}{reverse('survey', args=[token_of(invitation)])}"
    return address if score is None else f"{address}?{urlencode({'score': score})}"
