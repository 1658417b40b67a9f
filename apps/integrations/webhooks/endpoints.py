"""Webhooks: made, changed, rotated, switched off and on, tried, and sent to again. A secret is told once, when it is made."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused
from apps.events import services as events
from apps.events.vocabulary import WebhookChanged
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.types import RISK_BANDS, WebhookState

from . import address, offers, signing

DEFAULT_OVERLAP = timedelta(hours=24)
TEST = "webhook.test"
_EDITABLE = ("url", "description", "events", "bands", "definitions", "segments")
_SWITCHED_OFF = "The webhook was switched off."


def create(
    *,
    url: str,
    events: Sequence[str],
    actor: Actor,
    now: datetime,
    description: str = "",
    bands: Sequence[str] = (),
    definitions: Sequence[str] = (),
    segments: Sequence[str] = (),
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is readable only here and now."""
    said = {"url": url, "description": description, "events": events, "bands": bands, "definitions": definitions, "segments": segments}
    wanted = _checked(said)
    fresh = signing.fresh()
    with transaction.atomic():
        webhook = Webhook.objects.create(**wanted, salt=fresh.salt, secret_hash=fresh.hash, created_at=now, created_by=str(actor))
        _announce(webhook, "made", actor, now)
    return webhook, fresh.secret


def change(webhook: Webhook, *, changes: Mapping[str, Any], actor: Actor, now: datetime, version: int | None = None) -> Webhook:
    """Change what is told where. Raises Refused, or Conflict when the row is no longer in this version."""
    wanted = _checked(changes)
    with transaction.atomic():
        row = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        if version is not None and row.version != version:
            raise Conflict(f"{row} was changed meanwhile.", fields={}, version=row.version)
        if any(getattr(row, name) != value for name, value in wanted.items()):
            # Another address has not failed yet.
            fresh = {"failures": 0, "failing_since": None, "rest_until": None} if wanted.get("url", row.url) != row.url else {}
            Webhook.objects.filter(pk=row.pk).update(**wanted, **fresh, version=F("version") + 1)
            row.refresh_from_db()
            _announce(row, "changed", actor, now)
    return row


def rotate(webhook: Webhook, *, actor: Actor, now: datetime, overlap: timedelta = DEFAULT_OVERLAP) -> str:
    """A fresh secret; what is sent during the overlap is signed with the one before too. Returns the new one."""
    fresh = signing.fresh()
    with transaction.atomic():
        row = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        old = {"old_salt": row.salt, "old_hash": row.secret_hash, "old_until": now + overlap}
        Webhook.objects.filter(pk=row.pk).update(salt=fresh.salt, secret_hash=fresh.hash, **old, version=F("version") + 1)
        _announce(row, "rotated", actor, now)
    return fresh.secret


def switch_off(webhook: Webhook, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Nothing more is sent or queued; what waits is given up, and can be sent again by hand."""
    with transaction.atomic():
        if not _turned_off(webhook, reason or _SWITCHED_OFF, now):
            raise Refused("webhook_off", f"{webhook} is off already.")
        _announce(webhook, "switched off", actor, now)


def give_up(webhook: Webhook, *, reason: str, actor: Actor, now: datetime) -> None:
    """The platform itself switches off what nobody answers any more, and says so. Within the caller's transaction."""
    if _turned_off(webhook, reason, now):
        _announce(webhook, "given up", actor, now, reason=reason)


def switch_on(webhook: Webhook, *, actor: Actor, now: datetime) -> None:
    fresh = {"failures": 0, "failing_since": None, "rest_until": None, "off_reason": ""}
    with transaction.atomic():
        if not Webhook.objects.filter(pk=webhook.pk, is_active=False).update(is_active=True, **fresh, version=F("version") + 1):
            raise Refused("webhook_on", f"{webhook} is on already.")
        _announce(webhook, "switched on", actor, now)


def test(webhook: Webhook, *, now: datetime) -> WebhookDelivery:
    """Queue a delivery that tells nothing, to see whether it arrives; it is tried once, also while the receiver is left alone."""
    with transaction.atomic():
        if not Webhook.objects.filter(pk=webhook.pk, is_active=True).update(rest_until=None):
            raise Refused("webhook_off", f"{webhook} is off. Switch it on first.")
        words = f"A test of {webhook.host}. Nothing happened."
        delivery = offers.queued(webhook, type=TEST, data={"words": words}, at=now, now=now)
        delivery.save()
    return delivery


def send_again(delivery: WebhookDelivery, *, now: datetime) -> None:
    """Queue a delivery once more, under the same message id: a receiver that had it already can tell."""
    done = [WebhookState.DELIVERED, WebhookState.FAILED]
    with transaction.atomic():
        row = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("webhook").get(pk=delivery.pk)
        if not row.webhook.is_active:
            raise Refused("webhook_off", f"{row.webhook} is off. Switch it on first.")
        if not row.data:
            raise Refused("nothing_to_send", "The account was erased, so there is nothing to tell any more.")
        if row.state not in done:
            raise Refused("still_under_way", "It is under way already.")
        WebhookDelivery.objects.filter(pk=row.pk).update(state=WebhookState.WAITING, tries=0, due_at=now, queued_at=now, done_at=None)


def _checked(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The same, known and in order. Raises Refused."""
    found: dict[str, Any] = {name: value if isinstance(value, str) else sorted(set(value)) for name, value in wanted.items() if name in _EDITABLE}
    if "url" in found:
        try:
            address.read(found["url"])
        except address.Unreachable as error:
            raise Refused("bad_address", str(error)) from error
    if "events" in found:
        if not found["events"]:
            raise Refused("no_events", "Choose at least one event.")
        offers.refuse_unknown(found["events"])
    if unknown := sorted(set(found.get("bands", ())) - set(RISK_BANDS)):
        raise Refused("unknown_band", f"There is no band {unknown[0]!r}. Use some of {', '.join(RISK_BANDS)}.")
    return found


def _turned_off(webhook: Webhook, reason: str, now: datetime) -> bool:
    off = {"is_active": False, "off_reason": reason[:250], "rest_until": None}
    if not Webhook.objects.filter(pk=webhook.pk, is_active=True).update(**off, version=F("version") + 1):
        return False
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=WebhookState.WAITING)
    waiting.update(state=WebhookState.FAILED, done_at=now, answer=f"Not sent: {reason}"[:250])
    return True


def _announce(webhook: Webhook, change: str, actor: Actor, now: datetime, *, reason: str = "") -> None:
    events.publish(WebhookChanged(webhook_id=webhook.pk, name=str(webhook), change=change, reason=reason), actor=actor, now=now)
