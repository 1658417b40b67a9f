"""Secrets of webhooks and signatures by Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.

A secret is not kept. It is made of the webhook's salt and SECRET_KEY whenever something is signed; the kept SHA-256 proves that it is still the same.
"""

import base64
import hashlib
import hmac
import secrets as random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from apps.integrations.models import Webhook

_START = "whsec_"
_PURPOSE = "integrations.webhooks"


class SecretLost(Exception):
    """No key of this installation makes the secret that was told: SECRET_KEY was changed without keeping the old one as a fallback."""


@dataclass(frozen=True)
class Fresh:
    """What is kept of a new secret (`salt`, `hash`), and the secret itself, to be told once."""

    salt: str
    hash: str
    secret: str


def fresh() -> Fresh:
    salt = random.token_hex(16)
    secret = _made(salt, settings.SECRET_KEY)
    return Fresh(salt, _hash(secret), secret)


def secrets_of(webhook: Webhook, *, now: datetime) -> list[str]:
    """The secrets that sign now, newest first: two for a while after a rotation. Raises SecretLost."""
    kept = [(webhook.salt, webhook.secret_hash)]
    if webhook.old_until is not None and webhook.old_until > now:
        kept.append((webhook.old_salt, webhook.old_hash))
    found = [secret for salt, kept_hash in kept if (secret := _again(salt, kept_hash))]
    if not found:
        raise SecretLost
    return found


def sign(secrets: Sequence[str], *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers; one signature for each secret, so that a receiver that knows either is content."""
    seconds = str(int(at.timestamp()))
    said = b".".join([message_id.encode(), seconds.encode(), body])
    signatures = [base64.b64encode(hmac.digest(_bytes(secret), said, "sha256")).decode() for secret in secrets]
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": " ".join(f"v1,{one}" for one in signatures)}


def _made(salt: str, key: str) -> str:
    return _START + base64.b64encode(salted_hmac(_PURPOSE, salt, secret=key, algorithm="sha256").digest()).decode()


def _again(salt: str, kept_hash: str) -> str | None:
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(_hash(secret := _made(salt, key)), kept_hash):
            return secret
    return None


def _bytes(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_START))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
