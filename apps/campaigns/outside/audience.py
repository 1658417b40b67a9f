"""Whom an outside tool may write to: people of accounts that are in a segment now, with their word for this channel and topic."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.accounts.models import Contact
from apps.events.vocabulary import SegmentEntered, SegmentLeft
from apps.messaging import selectors as messaging

from ..models import Membership


def people_of(stays: Sequence[Membership], *, channel: str, topic: str, now: datetime) -> dict[int, list[dict[str, str]]]:
    """By stay: outside id, name, language, and only the address that this channel needs. Nobody of an account that has left the segment."""
    accounts = {stay.account_id: stay.pk for stay in stays if stay.left_at is None}
    people = Contact.objects.filter(account__in=accounts).order_by("pk")
    found = [person for person in people if _address(person, channel) is not None and not (person.departed_on and person.departed_on <= now.date())]
    may = messaging.may_be_written_to([person.pk for person in found], channel=channel, topic=topic)
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for person in found:
        if person.pk in may:
            address = _address(person, channel) or {}
            told[accounts[person.account_id]].append(
                {"id": person.pk, "external_id": person.external_id, "name": person.name, "locale": person.locale, **address}
            )
    return dict(told)


def _address(person: Contact, channel: str) -> dict[str, str] | None:
    """None where nothing reaches them there."""
    if channel == "email":
        return {"email": person.email} if person.email else None
    if channel in ("sms", "whatsapp", "voice"):
        return {"phone": person.phone} if person.phone else None
    return {}


def membership_told(event: SegmentEntered | SegmentLeft) -> dict[str, Any]:
    """What a webhook is told of an entering or leaving; whom to write to is asked for by REST, where each time their present word counts."""
    stay = Membership.objects.select_related("segment").get(pk=event.membership_id)
    return {
        "segment": stay.segment.key,
        "segment_name": stay.segment.name,
        "membership_id": stay.pk,
        "entered_at": stay.entered_at.isoformat(),
        "left_at": stay.left_at.isoformat() if stay.left_at else None,
    }
