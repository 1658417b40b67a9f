"""Admin bases on django-unfold: facts are read-only, every button is one service call with its actor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.contrib.admin import SimpleListFilter  # noqa: F401  (re-exported for the apps' admins)
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline

from .actor import Actor
from .errors import Refused


class ModelAdmin(UnfoldModelAdmin):
    """What staff may edit."""

    list_filter_submit = False
    warn_unsaved_form = True
    show_full_result_count = False
    list_per_page = 50

    def has_work_permission(self, request: HttpRequest) -> bool:
        """For buttons (`permissions=["work"]`): viewers look, everyone else in a role may act."""
        return bool(getattr(request.user, "may_act", False))


class FactAdmin(ModelAdmin):
    """What happened: readable, filterable, never typed over. Deleting goes through a service, so there is no delete either."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FactInline(TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@contextmanager
def told(request: HttpRequest) -> Iterator[Actor]:
    """The actor for a service call; a refusal becomes a message instead of an error page."""
    try:
        yield Actor.user(request.user)
    except Refused as refusal:
        messages.error(request, refusal.message)


def each(request: HttpRequest, rows: Any, call: Callable[[Any, Actor], object], done: str) -> None:
    """Call a service for every chosen row; refusals are told one by one, the rest is counted."""
    count = 0
    for row in rows:
        with told(request) as actor:
            call(row, actor)
            count += 1
    if count:
        messages.success(request, f"{count} {done}.")
