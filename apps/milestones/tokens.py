"""The signed link that opens one person's own path, for three months: the way to a page that needs no sign-in."""

from datetime import datetime, timedelta

from django.core import signing

from apps.accounts.models import Contact
from apps.messaging import selectors as messaging

_PATH = signing.Signer(salt="milestones.path")
LIFE = timedelta(days=90)


def path_token(contact: Contact, *, now: datetime, only_look: bool = False) -> str:
    """Opens this person's page and nothing else; a product that embeds the page asks for a fresh one when it shows it.

    With `only_look` it changes nothing there: for staff who want to see what the person sees.
    """
    return _PATH.sign_object([contact.pk, int(now.timestamp()), only_look])


def contact_of_path(token: str, *, now: datetime, to_act: bool = False) -> Contact | None:
    """Whose page it is: None for a token that is not ours or older than LIFE, and for somebody who left their company."""
    try:
        contact_id, made, only_look = _PATH.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if to_act and only_look:
        return None
    if not now.timestamp() - LIFE.total_seconds() <= made:
        return None
    contact = Contact.objects.select_related("account").filter(pk=contact_id).first()
    return contact if contact and not (contact.departed_on and contact.departed_on <= now.date()) else None


def contact_of(token: str, *, now: datetime, to_act: bool = False) -> Contact | None:
    """By a token of the path, or by one of the inbox, which stands for the same person."""
    return contact_of_path(token, now=now, to_act=to_act) or messaging.contact_of_inbox(token, now=now)
