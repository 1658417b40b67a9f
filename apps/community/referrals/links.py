"""Codes that people can say aloud, and signed links that cannot be made up: who recommends, by which invite, and who came in by it."""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse

# Without 0 O 1 I L and vowels, which make words.
_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
_LINK = signing.Signer(salt="community.referral.link", sep="~")
_TOUCH = signing.Signer(salt="community.referral.touch", sep="~")


@dataclass(frozen=True)
class Meaning:
    """What a code, a link or the token of a click says."""

    code: str = ""
    invite_id: int | None = None
    click_id: int | None = None


def new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


def link_token(code: str, invite_id: int | None = None) -> str:
    return _LINK.sign(f"{code}.{invite_id}" if invite_id else code)


def link(code: str, invite_id: int | None = None) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{reverse('referral', args=[link_token(code, invite_id)])}"


def meaning_of_link(token: str) -> Meaning | None:
    """None for a link that is not ours."""
    try:
        code, _, invite = _LINK.unsign(token).partition(".")
    except signing.BadSignature:
        return None
    return Meaning(code, int(invite) if invite else None)


def touch_token(code: str, click_id: int) -> str:
    """What the product is told when somebody came by the page's button, and what the page's own cookie holds."""
    return _TOUCH.sign(f"{code}.{click_id}")


def meaning_of_touch(token: str) -> Meaning | None:
    try:
        code, _, click = _TOUCH.unsign(token).partition(".")
    except signing.BadSignature:
        return None
    return Meaning(code, click_id=int(click))


def meaning(said: str) -> Meaning:
    """Of whatever a sign-up brings along. A bare code is what people typed; what looks signed and is not by us means nothing."""
    if "~" in said:
        return meaning_of_touch(said) or meaning_of_link(said) or Meaning()
    return Meaning(said.strip().upper()[:12])
