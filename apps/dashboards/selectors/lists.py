"""Alerts and tasks as work lists."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, IntegerField, Value, When

from apps.alerts.models import Alert
from apps.alerts.types import AlertState, Severity
from apps.interventions.models import Task
from apps.interventions.types import TaskState

PAGE_SIZE = 25
ALERT_VIEWS = {"open": "Open", "acknowledged": "Acknowledged", "resolved": "Resolved"}
TASK_VIEWS = {"due": "Due", "later": "Later", "done": "Closed"}


def alerts(user: Any, *, view: str, page: int) -> Page:
    """Most severe first, then the most money, then the newest."""
    state = AlertState(view) if view in ALERT_VIEWS else AlertState.OPEN
    rank = Case(
        When(severity=Severity.URGENT, then=Value(0)), When(severity=Severity.WARNING, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
    rows = Alert.objects.for_user(user).filter(state=state).select_related("account__risk", "account__owner")
    order = ("-resolved_at", "-id") if state == AlertState.RESOLVED else (rank, F("account__arr").desc(), "-opened_at", "-id")
    return Paginator(rows.order_by(*order), PAGE_SIZE).get_page(page)


def tasks(user: Any, *, view: str, everyone: bool, now: datetime, page: int) -> Page:
    """Due first; what is not due yet (snoozed or planned) stands under Later."""
    rows = Task.objects.for_user(user).select_related("account__risk", "owner", "enrolment__play")
    if not everyone:
        rows = rows.filter(owner=user)
    if view == "done":
        rows = rows.exclude(state=TaskState.OPEN).order_by(F("closed_at").desc(nulls_last=True), "-id")
    elif view == "later":
        rows = rows.filter(state=TaskState.OPEN, due_at__gt=now).order_by("due_at", "id")
    else:
        rows = rows.filter(state=TaskState.OPEN, due_at__lte=now).order_by("due_at", "id")
    return Paginator(rows, PAGE_SIZE).get_page(page)
