"""Admin bases on django-unfold: facts are read-only, every button is one service call with its actor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.contrib.admin import SimpleListFilter  # noqa: F401  (re-exported for the apps' admins)
from django.db.models import CharField, Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline

from .actor import Actor
from .biglists import CountedToALimit, NewestValuesFilter, WalkedList
from .errors import Refused
from .search import find


class ModelAdmin(UnfoldModelAdmin):
    """What staff may edit."""

    list_filter_submit = False
    warn_unsaved_form = True
    show_full_result_count = False
    list_per_page = 50
    paginator: Any = CountedToALimit

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return WalkedList

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        found, request.more_hits = find(queryset, list(self.get_search_fields(request)), search_term)  # type: ignore[attr-defined]
        return found, False

    def get_list_filter(self, request: HttpRequest) -> Any:
        """A column of words is offered by its newest values; reading all of them would read the table."""
        return [self._bounded(entry) for entry in super().get_list_filter(request)]

    def _bounded(self, entry: Any) -> Any:
        if isinstance(entry, str) and "__" not in entry:
            field = self.model._meta.get_field(entry)
            if isinstance(field, CharField) and not field.choices:
                return (entry, NewestValuesFilter)
        return entry

    def has_work_permission(self, request: HttpRequest) -> bool:
        """For buttons (`permissions=["work"]`): viewers look, everyone else in a role may act."""
        return bool(getattr(request.user, "may_act", False))


class GrowingAdmin(ModelAdmin):
    """For tables that grow with the company: sorted only along an index."""

    def get_sortable_by(self, request: HttpRequest) -> list[str]:
        options = self.model._meta
        first = {index.fields[0] for index in options.indexes if index.fields and set(index.fields[1:]) <= {"id"} and index.condition is None}
        unique = {field.name for field in options.concrete_fields if field.unique}
        return [name for name in self.get_list_display(request) if isinstance(name, str) and name in first | unique]


class FactAdmin(GrowingAdmin):
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
