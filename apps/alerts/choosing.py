"""What people choose to hear of."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import Refused

from .models import AlertRule, AlertSubscription
from .subscribing import OUTSIDE
from .types import How, Severity, Whose


def choose(user: User, *, severity: str = "", rule: AlertRule | None = None, whose: str, how: Mapping[str, str], now: datetime) -> AlertSubscription:
    """What somebody hears of alerts of a severity, or of one rule, in each channel; a channel that is not named is off."""
    if (severity in Severity.values) == (rule is not None):
        raise Refused("of_what", "Name a severity or a rule. Nothing was changed.")
    if whose not in Whose.values:
        raise Refused("whose", f"Choose whose accounts: {', '.join(Whose.values)}. Nothing was changed.")
    names = {str(channel.value) for channel in OUTSIDE}
    if unknown := set(how) - names:
        raise Refused("no_channel", f"There is no channel {sorted(unknown)[0]}. In the product everybody is told. Nothing was changed.")
    if wrong := [word for word in how.values() if word not in How.values]:
        raise Refused("how", f"“{wrong[0]}” is no way to be told: use {', '.join(How.values)}. Nothing was changed.")
    values = {**{name: how.get(name, How.OFF) for name in names}, "whose": whose, "changed_at": now}
    with transaction.atomic():
        row, _ = AlertSubscription.objects.update_or_create(user=user, severity=severity if rule is None else "", rule=rule, defaults=values)
    return row


def forget_choice(user: User, *, severity: str = "", rule: AlertRule | None = None) -> None:
    """Back to the usual."""
    AlertSubscription.objects.filter(user=user, severity=severity, rule=rule).delete()
