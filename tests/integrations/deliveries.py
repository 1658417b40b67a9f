"""An event that is told, and what became of it."""

from datetime import timedelta

from django.db import transaction

from apps.core import clock
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import RiskRaised
from apps.integrations.models import WebhookDelivery
from apps.integrations.webhooks import dispatch
from tests import make

ACTOR = make.ACTOR


def raised(account, now, *, before="low", after="high", kind=RiskRaised) -> Event:
    """The change of risk, announced and handled."""
    scored = make.prediction(account, now=now, probability=0.62)
    with transaction.atomic():
        said = kind(account_id=account.pk, prediction_id=scored.pk, from_band=before, to_band=after, probability=0.62)
        row = events.publish(said, actor=ACTOR, now=now)
    events.sweep(now=clock.now() + timedelta(days=9))
    return row


def pump(now=None) -> int:
    """Until nothing is due; the limit is patience only."""
    return dispatch.pump(clock=lambda: now or clock.now(), seconds=120)


def state(delivery: WebhookDelivery | None = None) -> tuple[str, int, int | None]:
    row = WebhookDelivery.objects.get(pk=delivery.pk) if delivery else WebhookDelivery.objects.get()
    return row.state, row.attempt, row.status
