"""How somebody of ours wants to be told, and the browsers that they agreed in."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.alerts.models import NoticeRoad, StaffBrowser
from apps.alerts.types import Pace, Road
from apps.core.errors import Refused
from apps.messaging import services as messaging

# E.164: a plus sign, no leading zero, at most 15 digits.
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
MOST_BROWSERS = 10


def wish(user: User, *, wishes: Mapping[str, Mapping[str, Any]]) -> None:
    """What they want by each road: {"email": {"is_on": True, "pace": "hourly", "urgent_only": False}, "sms": {..., "number": "+15551234567"}}.

    Raises Refused and changes nothing where one of them cannot be.
    """
    for road, said in wishes.items():
        if road not in Road.values or road == Road.OUTSIDE:
            raise Refused("bad_road", f"There is no road {road!r}.")
        if said.get("pace", Pace.AT_ONCE) not in Pace.values:
            raise Refused("bad_pace", f"Use one of {', '.join(Pace.values)}.")
        if road == Road.SMS and said.get("is_on") and not _NUMBER.fullmatch(said.get("number", "")):
            raise Refused(
                "bad_number", f"{said.get('number', '')!r} is no telephone number in international form, such as +15551234567. Nothing was changed."
            )
    with transaction.atomic():
        for road, said in wishes.items():
            values = {name: said[name] for name in ("is_on", "pace", "urgent_only", "number") if name in said}
            NoticeRoad.objects.update_or_create(user=user, road=road, defaults=values)


def subscribe(user: User, *, endpoint: str, p256dh: str, auth: str, now: datetime) -> StaffBrowser:
    """Push to this browser too. A browser belongs to whoever signed in there last. Raises Refused."""
    messaging.browsers.check(endpoint=endpoint, p256dh=p256dh, auth=auth)
    values = {"user": user, "p256dh": p256dh, "auth": auth, "ended_at": None}
    with transaction.atomic():
        # One person's browsers are counted and ended one subscription at a time.
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
        kept, _ = StaffBrowser.objects.update_or_create(endpoint=endpoint, defaults=values, create_defaults={**values, "created_at": now})
        others = StaffBrowser.objects.filter(user=user, ended_at=None).exclude(pk=kept.pk).order_by("-id")
        StaffBrowser.objects.filter(pk__in=list(others.values_list("pk", flat=True)[MOST_BROWSERS - 1 :])).update(ended_at=now)
    return kept


def unsubscribe(user: User, *, endpoint: str, now: datetime) -> bool:
    """Push to this browser no more; False when it was not pushed to."""
    return bool(StaffBrowser.objects.filter(user=user, endpoint=endpoint, ended_at=None).update(ended_at=now))
