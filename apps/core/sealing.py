"""Words that only this installation can read again: encrypted with a key made of SECRET_KEY, older keys of SECRET_KEY_FALLBACKS still open them."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class Sealed(Exception):
    """No key of this installation opens it: SECRET_KEY was changed without keeping the old one as a fallback."""


def seal(words: str, *, purpose: str) -> str:
    return _keys(purpose).encrypt(words.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Raises Sealed."""
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Sealed from error


def _keys(purpose: str) -> MultiFernet:
    made = (salted_hmac(purpose, "sealing", secret=key, algorithm="sha256").digest() for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])
