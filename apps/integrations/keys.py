"""API keys: made, rotated and revoked; told once, kept as SHA-256 (random keys need no slow hash)."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import ApiKeyChanged

from .models import ApiKey
from .types import SCOPES

_START = "csk_"
_USE_NOTED_EVERY = timedelta(minutes=1)
DEFAULT_OVERLAP = timedelta(hours=24)


def create_key(
    *,
    name: str,
    scopes: Sequence[str],
    actor: Actor,
    now: datetime,
    owner: User | None = None,
    expires_at: datetime | None = None,
    requests_per_minute: int = 600,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is readable only here and now."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise Refused("unknown_scope", f"There is no scope {unknown[0]!r}. Use some of {', '.join(SCOPES)}.")
    if expires_at is not None and expires_at <= now:
        raise Refused("expired", "The key would have expired already.")
    if ApiKey.objects.filter(name=name).exists():
        raise Refused("key_exists", f"There is a key {name} already. Choose another name, or rotate it.")
    prefix, secret = _fresh()
    with transaction.atomic():
        key = ApiKey.objects.create(
            name=name,
            scopes=sorted(set(scopes)),
            owner=owner,
            prefix=prefix,
            secret_hash=_hash(secret),
            requests_per_minute=requests_per_minute,
            created_at=now,
            expires_at=expires_at,
        )
        events.publish(ApiKeyChanged(key=name, change="made", scopes=key.scopes), actor=actor, now=now)
    return key, secret


def rotate_key(key: ApiKey, *, actor: Actor, now: datetime, overlap: timedelta = DEFAULT_OVERLAP) -> str:
    """A fresh secret; the one before works for the overlap, so that a program can be changed without a gap. Returns the new one."""
    prefix, secret = _fresh()
    with transaction.atomic():
        row = ApiKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
        if row.revoked_at is not None:
            raise Refused("key_revoked", f"{row.name} is revoked. Make a new key.")
        ApiKey.objects.filter(pk=row.pk).update(
            prefix=prefix, secret_hash=_hash(secret), old_prefix=row.prefix, old_hash=row.secret_hash, old_until=now + overlap
        )
        events.publish(ApiKeyChanged(key=row.name, change="rotated", scopes=row.scopes), actor=actor, now=now)
    return secret


def revoke_key(key: ApiKey, *, actor: Actor, now: datetime) -> None:
    """The key and its older secret stop at once."""
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, old_prefix="", old_hash="", old_until=None):
            raise Refused("key_revoked", f"{key.name} is revoked already.")
        events.publish(ApiKeyChanged(key=key.name, change="revoked", scopes=key.scopes), actor=actor, now=now)


def key_of(secret: str, *, now: datetime) -> ApiKey | None:
    """The key that a secret opens now, with its owner; none for a secret that is wrong, replaced, revoked or expired."""
    start, _, rest = secret.partition("_")
    prefix = rest.partition("_")[0]
    if f"{start}_" != _START or len(prefix) != 8 or "\0" in secret:
        return None
    found = ApiKey.objects.filter(Q(prefix=prefix) | Q(old_prefix=prefix, old_until__gt=now)).select_related("owner").first()
    if found is None or found.revoked_at is not None or (found.expires_at is not None and found.expires_at <= now):
        return None
    kept = found.secret_hash if found.prefix == prefix else found.old_hash
    if not secrets.compare_digest(kept, _hash(secret)) or (found.owner is not None and not found.owner.is_active):
        return None
    return found


def note_use(key: ApiKey, *, now: datetime) -> None:
    """At most once a minute, so that a busy key is not one hot row."""
    if key.last_used_at is None or now - key.last_used_at > _USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def _fresh() -> tuple[str, str]:
    prefix = secrets.token_hex(4)
    return prefix, f"{_START}{prefix}_{secrets.token_urlsafe(32)}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
