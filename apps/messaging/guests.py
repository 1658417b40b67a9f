"""People who are no contacts and are written to in the name of one: known by a keyed hash of their address, until they act (docs/adr/0024)."""

import re
from hmac import compare_digest

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

_SALT = "messaging.guest"
_NEVER = signing.Signer(salt="messaging.never")
_PREFIX = "guest:"
_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
# Where everybody has a mailbox and points in a name mean nothing.
_POINTLESS = {"gmail.com", "googlemail.com"}
_PROVIDERS_OF_ONE = {"googlemail.com": "gmail.com"}


def plain(address: str) -> str:
    """The mailbox behind an address: whoever adds +anything to a name, or points at Gmail, is still the same person."""
    name, _, domain = address.strip().lower().rpartition("@")
    name = name.partition("+")[0]
    if domain in _POINTLESS:
        name = name.replace(".", "")
    return f"{name}@{_PROVIDERS_OF_ONE.get(domain, domain)}"


def key_of(address: str) -> str:
    """By which an address is known without being kept: HMAC-SHA-256 under our own secret. Nobody without it can try addresses out."""
    return _keyed(plain(address), settings.SECRET_KEY)


def keys_of(address: str) -> list[str]:
    """The present key first, then those under secrets of a while ago (SECRET_KEY_FALLBACKS)."""
    return [_keyed(plain(address), secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def earlier_keys(address: str) -> list[tuple[str, str]]:
    """(present key, earlier key) of an address."""
    present, *earlier = keys_of(address)
    return [(present, key) for key in earlier]


def is_key(word: str) -> bool:
    return word.startswith(_PREFIX)


def knows(key: str, address: str) -> bool:
    """Whether a key is of this address."""
    return any(compare_digest(key, one) for one in keys_of(address))


def _keyed(words: str, secret: str) -> str:
    return f"{_PREFIX}{salted_hmac(_SALT, words, secret=secret, algorithm='sha256').hexdigest()}"


def never_token(key: str) -> str:
    """What stands in the mail to a stranger: never again, from anybody. Without an end."""
    return _NEVER.sign_object([key])


def key_of_never(token: str) -> str | None:
    """Whose it is; None when it is not ours."""
    try:
        [key] = _NEVER.unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(key)


def without_addresses(text: str) -> str:
    """What a mail server said, without the address that it repeats."""
    return _ADDRESS.sub("(their address)", text)
