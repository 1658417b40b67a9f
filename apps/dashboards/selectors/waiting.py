"""What waits for this person and for nobody else: the counts beside the sidebar's entries."""

from datetime import datetime
from typing import Any

from django.db.models import F, Func, IntegerField, Q, QuerySet, Subquery

from apps.accounts.models import Account, User
from apps.alerts.models import Alert, Notice
from apps.alerts.types import AlertState
from apps.core.reading import Reading
from apps.interventions.models import Task


def _mine(user: Any) -> Q:
    """Own accounts; those without an owner wait for whoever sees everything and may act."""
    nobodys = Q(account__owner__isnull=True) if user.sees_everything and user.may_act else Q(pk__in=[])
    return Q(account__owner=user) | nobodys


def counts(user: Any, now: datetime) -> Reading[dict[str, int]]:
    """Open alerts of own accounts, own open tasks that are due (a snoozed one waits until its day), and notices one has not read."""
    mine = User.objects.filter(pk=user.pk).values_list(
        _count(Alert.objects.filter(_mine(user), state=AlertState.OPEN)),
        _count(Task.objects.waiting().of(user).filter(due_at__lte=now)),
        _count(Notice.objects.for_user(user).unread().filter(in_app=True)),
    )
    yield mine
    ((alerts, tasks, notices),) = mine or [(0, 0, 0)]
    return {"alerts": alerts, "tasks": tasks, "notices": notices}


def _count(rows: QuerySet[Any]) -> Subquery:
    # An aggregate without a group is one row, whatever there is.
    return Subquery(rows.order_by().annotate(rows=Func(F("pk"), function="count")).values("rows"), output_field=IntegerField())


def anything_at_all() -> bool:
    """False while the company is still empty, so that a first page can offer the first step."""
    return Account.objects.exists()
