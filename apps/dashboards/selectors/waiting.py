"""What waits for this person and for nobody else: the counts beside the sidebar's entries."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.accounts.models import Account
from apps.alerts.models import Alert
from apps.alerts.types import AlertState
from apps.interventions.models import Task


def nothing(user: Any, now: datetime) -> int:
    return 0


def _mine(user: Any) -> Q:
    """Own accounts; those without an owner wait for whoever sees everything and may act."""
    nobodys = Q(account__owner__isnull=True) if user.sees_everything and user.may_act else Q(pk__in=[])
    return Q(account__owner=user) | nobodys


def alerts(user: Any, now: datetime) -> int:
    return Alert.objects.filter(_mine(user), state=AlertState.OPEN).count()


def tasks(user: Any, now: datetime) -> int:
    """Own open tasks that are due; a snoozed one waits until its day."""
    return Task.objects.waiting().filter(owner=user, due_at__lte=now).count()


def anything_at_all() -> bool:
    """False while the company is still empty, so that a first page can offer the first step."""
    return Account.objects.exists()
