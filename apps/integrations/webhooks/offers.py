"""What receivers may be told: every event that the wiring gives to `integrations.offer`, in the words of its teller or else as plain facts."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.accounts.models import Account
from apps.core.errors import Refused
from apps.events import selectors as events
from apps.events.models import Event
from apps.events.vocabulary import ALL, DomainEvent
from apps.integrations.models import Webhook, WebhookDelivery

Teller = Callable[[Any], dict[str, Any]]

HANDLER = "integrations.offer"
_tellers: dict[str, Teller] = {}
_account_page = ""


def connect(tellers: Mapping[type[DomainEvent], Teller], *, account_page: str) -> None:
    """Who puts which event into words, and the name of the page of an account; called once at start (cs_platform/wiring.py)."""
    global _account_page
    _tellers.clear()
    _tellers.update({kind.type: teller for kind, teller in tellers.items()})
    _account_page = account_page


def offered() -> dict[str, str]:
    """Type -> meaning of every event that a webhook may want."""
    return {kind: " ".join((ALL[kind].__doc__ or "").split("\n")[0].split()) for kind in events.heard_by(HANDLER)}


def refuse_unknown(wanted: Iterable[str]) -> None:
    if unknown := sorted(set(wanted) - set(offered())):
        raise Refused("unknown_event", f"There is no event {unknown[0]!r}. Use some of {', '.join(offered())}.")


def offer(event: DomainEvent, row: Event, *, now: datetime) -> int:
    """Queue the event for every webhook that wants it; returns how many. Offered again, it is queued once."""
    wanting = list(Webhook.objects.filter(is_active=True, events__contains=[event.type]).order_by("pk"))
    if not wanting:
        return 0
    data = _told(event)
    account_id = getattr(event, "account_id", None)
    deliveries = [
        queued(webhook, type=event.type, data=data, at=row.at, now=now, event=row, account_id=account_id)
        for webhook in wanting
        if _is_wanted(webhook, data)
    ]
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(deliveries)


def queued(
    webhook: Webhook, *, type: str, data: dict[str, Any], at: datetime, now: datetime, event: Event | None = None, account_id: int | None = None
) -> WebhookDelivery:
    """The row, not yet stored."""
    return WebhookDelivery(
        webhook=webhook,
        event=event,
        account_id=account_id,
        message_id=f"msg_{uuid.uuid4().hex}",
        type=type,
        data=data,
        happened_at=at,
        due_at=now,
        queued_at=now,
    )


def _told(event: DomainEvent) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if (account_id := getattr(event, "account_id", None)) is not None:
        account = Account.objects.get(pk=account_id)
        data["account"] = {"id": account.pk, "external_id": account.external_id, "name": account.name}
        data["link"] = f"{settings.BASE_URL.rstrip('/')}{reverse(_account_page, args=[account.pk])}"
    teller = _tellers.get(event.type)
    return data | (teller(event) if teller else {name: value for name, value in vars(event).items() if name != "account_id"})


def _is_wanted(webhook: Webhook, data: Mapping[str, Any]) -> bool:
    """Filters speak of what has a band, a definition or a segment; other events pass."""
    band, definition = data.get("band"), data.get("definition")
    if webhook.bands and isinstance(band, dict) and band.get("after") not in webhook.bands:
        return False
    if webhook.segments and "segment" in data and data["segment"] not in webhook.segments:
        return False
    return not (webhook.definitions and definition and definition not in webhook.definitions)
