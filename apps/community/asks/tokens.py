"""The signed link of an ask: it opens the page where that one ask is answered."""

from django.core import signing

from ..models import Ask

_ASK = signing.Signer(salt="community.ask")


def ask_token(ask: Ask) -> str:
    return _ASK.sign(str(ask.pk))


def ask_of(token: str) -> Ask | None:
    """None for a token that is not ours, and where the person has left."""
    try:
        key = int(_ASK.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Ask.objects.select_related("contact__account").filter(pk=key, contact__departed_on=None).first()
