"""What is known of alerts, for other apps and the pages."""

from collections.abc import Collection
from datetime import datetime

from .models import Alert
from .precision import NOTHING, Precision, of_rules
from .subscribing import Listener, circle, helpers_of, told

__all__ = ["NOTHING", "Listener", "Precision", "listeners", "precision"]


def listeners(alert: Alert) -> list[Listener]:
    """Who is told of the alert: (user, channel, at once or in a digest). In the product always; nobody who may not see it."""
    full = Alert.objects.select_related("account__owner", "rule").get(pk=alert.pk)
    helpers = helpers_of([full.account_id]) if full.account_id else {}
    return told(full, circle(), helpers.get(full.account_id or 0, set()))


def precision(rule_ids: Collection[int] | None = None, *, now: datetime) -> dict[int, Precision]:
    """Rule -> how many of its alerts of the last 90 days were useful, of those judged or acted on; rules without alerts are left out."""
    return of_rules(rule_ids, now=now)
