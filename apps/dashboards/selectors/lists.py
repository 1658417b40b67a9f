"""Tasks and imports as lists."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, FloatField, IntegerField, Value, When
from django.db.models.functions import Cast, Coalesce

from apps.accounts.models import ImportRun
from apps.interventions.models import Task
from apps.interventions.types import TaskState

PAGE_SIZE = 25
TASK_VIEWS = {"due": "Due", "later": "Later", "done": "Closed"}


def tasks(user: Any, *, view: str, everyone: bool, now: datetime, page: int) -> Page:
    """Overdue first, then by what is at stake; what is not due yet (snoozed or planned) stands under Later. `now` is told in the reader's zone."""
    rows: Any = Task.objects.for_user(user).select_related("account__risk", "owner", "enrolment__play").prefetch_related("sources")
    if not everyone:
        rows = rows.of(user)
    if view == "done":
        rows = rows.exclude(state=TaskState.OPEN).order_by(F("closed_at").desc(nulls_last=True), "-id")
    elif view == "later":
        rows = rows.filter(state=TaskState.OPEN, due_at__gt=now).order_by("due_at", "id")
    else:
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        late = Case(When(due_at__lt=today, then=Value(0)), default=Value(1), output_field=IntegerField())
        stake = Cast(F("account__arr"), FloatField()) * Coalesce(F("account__risk__probability"), Value(0.0))
        rows = rows.filter(state=TaskState.OPEN, due_at__lte=now).order_by(late, stake.desc(), "due_at", "id")
    return Paginator(rows, PAGE_SIZE).get_page(page)


def imports(*, page: int) -> Page:
    """Newest first."""
    return Paginator(ImportRun.objects.defer("told", "options").order_by("-started_at", "-id"), PAGE_SIZE).get_page(page)
