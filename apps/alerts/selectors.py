"""What is known of alerts, for other apps and the pages."""

from collections.abc import Collection, Iterator
from datetime import datetime

from apps.accounts.models import User

from .models import Alert, AlertSubscription
from .precision import NOTHING, Precision, of_rules
from .subscribing import Choice, Listener, chosen, circle, helpers_of, told, usual

__all__ = ["NOTHING", "Choice", "Listener", "Precision", "choice_of", "listeners", "precision", "usual_choice", "would_have_reached"]

# A week of a large house; beyond it the picture of what reaches somebody does not change.
MOST_LOOKED_BACK = 2_000


def listeners(alert: Alert) -> list[Listener]:
    """Who is told of the alert: (user, channel, at once or in a digest). In the product always; nobody who may not see it."""
    full = Alert.objects.select_related("account__owner", "rule").get(pk=alert.pk)
    helpers = helpers_of([full.account_id]) if full.account_id else {}
    return told(full, circle(), helpers.get(full.account_id or 0, set()))


def precision(rule_ids: Collection[int] | None = None, *, now: datetime) -> dict[int, Precision]:
    """Rule -> how many of its alerts of the last 90 days were useful, of those judged or acted on; rules without alerts are left out."""
    return of_rules(rule_ids, now=now)


def usual_choice(user: User, severity: str) -> Choice:
    """What somebody hears who chose nothing."""
    return usual(user, severity)


def choice_of(row: AlertSubscription) -> Choice:
    return chosen(row)


def would_have_reached(user: User, *, since: datetime, until: datetime) -> Iterator[tuple[Alert, list[Listener]]]:
    """The newest alerts opened meanwhile, with what the person's present choice makes of each; those that do not reach them are left out."""
    rows = Alert.objects.for_user(user).filter(opened_at__gt=since, opened_at__lte=until).select_related("account__owner", "rule")
    found = list(rows.order_by("-opened_at")[:MOST_LOOKED_BACK])
    people, helpers = circle([user]), helpers_of({alert.account_id for alert in found if alert.account_id})
    for alert in found:
        if reached := told(alert, people, helpers.get(alert.account_id or 0, set())):
            yield alert, reached
