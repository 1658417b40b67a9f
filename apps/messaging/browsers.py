"""Browsers that agreed to be pushed to: which push services we call at all, and who may be told of a message where."""

import base64
import binascii
import os
from datetime import datetime
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from apps.accounts.models import Contact
from apps.core.errors import Refused

from .models import PushSubscription

# One person has a few browsers; more would be somebody who plays with us. The oldest go first.
MOST = 10


def public_key() -> str:
    """The public half of our VAPID key, as browsers want it; empty where push is not set up."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from py_vapid import Vapid

    if not settings.VAPID_PRIVATE_KEY:
        return ""
    given = settings.VAPID_PRIVATE_KEY
    key = Vapid.from_file(given) if os.path.isfile(given) else Vapid.from_string(given)
    return base64.urlsafe_b64encode(key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).rstrip(b"=").decode()


def check(*, endpoint: str, p256dh: str, auth: str) -> None:
    """Raises Refused for what no browser gives."""
    if not _is_a_push_service(endpoint):
        raise Refused("unknown_push_service", "This address belongs to no push service that is called from here. WEB_PUSH_SERVICES names them.")
    if _bytes_in(p256dh) != 65 or _bytes_in(auth) != 16:
        raise Refused("bad_keys", "The keys are not those of a browser. Send what PushSubscription.toJSON() gives.")


def subscribe(contact: Contact, *, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushSubscription:
    """Keep a browser's subscription. A browser belongs to whoever signed in there last; the same one again changes nothing."""
    check(endpoint=endpoint, p256dh=p256dh, auth=auth)
    values = {"contact": contact, "p256dh": p256dh, "auth": auth, "ended_at": None}
    with transaction.atomic():
        # One contact's browsers are counted and ended one subscription at a time.
        Contact.objects.select_for_update(no_key=True, of=("self",)).get(pk=contact.pk)
        kept, _ = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=values, create_defaults={**values, "created_at": now})
        others = PushSubscription.objects.filter(contact=contact, ended_at=None).exclude(pk=kept.pk).order_by("-id")
        PushSubscription.objects.filter(pk__in=list(others.values_list("pk", flat=True)[MOST - 1 :])).update(ended_at=now)
    return kept


def unsubscribe(contact: Contact, *, endpoint: str, now: datetime) -> bool:
    """This browser of the contact gets nothing any more; False when it got nothing before."""
    return bool(PushSubscription.objects.filter(contact=contact, endpoint=endpoint, ended_at=None).update(ended_at=now))


def _is_a_push_service(endpoint: str) -> bool:
    """Whoever holds a token tells us where to POST, so only known services count, by https unless the setting says otherwise."""
    try:
        parts = urlsplit(endpoint)
        origin = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}".lower()
    except ValueError:
        return False
    if parts.username or parts.password or len(endpoint) > 500:
        return False
    return any(fnmatchcase(origin, known if "://" in known else f"https://{known}") for known in settings.WEB_PUSH_SERVICES)


def _bytes_in(word: str) -> int:
    try:
        return len(base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return 0
