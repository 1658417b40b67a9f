from collections import defaultdict
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, ModelAdmin, each, told

from . import services
from .models import Rejection, Source


@admin.register(Source)
class SourceAdmin(ModelAdmin):
    """Places activity comes from. The key is made with the source and told once, in the message after saving."""

    list_display = ["name", "key_start", "is_open", "requests_per_minute", "last_used_at", "created_at"]
    list_filter = ["is_open"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["name", "requests_per_minute", "is_open", "key_start", "last_used_at", "created_at"]
    actions = ["open", "close", "renew_key"]

    def get_fields(self, request: HttpRequest, obj: Source | None = None) -> list[str]:
        return self.fields if obj else ["name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> list[str]:
        # The name is part of every stored event's identity.
        return ["name", "is_open", "key_start", "last_used_at", "created_at"] if obj else []

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, key = services.create_source(name=obj.name, now=clock.now())
        obj.pk = made.pk
        messages.warning(request, f"The write key of {made.name}, shown only now: {key}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Close it instead: its activity stays and keeps its source."""
        return False

    @admin.action(description="Open", permissions=["change"])
    def open(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        each(request, queryset, lambda row, actor: services.set_open(row, is_open=True), "opened")

    @admin.action(description="Close", permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        each(request, queryset, lambda row, actor: services.set_open(row, is_open=False), "closed")

    @admin.action(description="Renew the write key", permissions=["change"])
    def renew_key(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        for source in queryset:
            messages.warning(request, f"The new write key of {source.name}, shown only now: {services.renew_key(source)}")


class WaitingFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "waiting"), ("replayed", "replayed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rejection]) -> QuerySet[Rejection]:
        return queryset if self.value() is None else queryset.filter(replayed_at__isnull=self.value() == "waiting")


@admin.register(Rejection)
class RejectionAdmin(FactAdmin):
    list_display = ["source", "received_at", "field", "reason", "message_id", "replayed_at"]
    list_filter = [WaitingFilter, "source"]
    list_select_related = ["source"]
    search_fields = ["message_id", "waits_for"]
    ordering = ["-id"]
    actions = ["replay"]

    @admin.action(description="Replay", permissions=["work"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Rejection]) -> None:
        by_source = defaultdict(list)
        for row in queryset:
            by_source[row.source_id].append(row)
        for rows in by_source.values():
            with told(request) as actor:
                verdict = services.replay(rows, actor=actor, now=clock.now())
                messages.success(request, f"{verdict.accepted + verdict.duplicate} stored, {len(verdict.refused)} still refused.")
