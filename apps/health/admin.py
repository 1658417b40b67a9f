from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, each

from . import services
from .models import AccountHealth, Feed, HealthModel, HealthScore


@admin.register(HealthModel)
class HealthModelAdmin(FactAdmin):
    """Versions are made, tried and published on the Health model page; here they can be read, put to work and taken from it."""

    list_display = ["__str__", "state", "whom_in_words", "note", "created_at", "published_at", "published_by"]
    list_filter = ["state", "name"]
    search_fields = ["name", "note"]
    ordering = ["name", "-number"]
    actions = ["publish", "retire"]

    @admin.action(description="Put to work", permissions=["work"])
    def publish(self, request: HttpRequest, queryset: QuerySet[HealthModel]) -> None:
        each(request, queryset, lambda row, actor: services.publish(row, actor=actor, now=clock.now()), "put to work")

    @admin.action(description="Take from work", permissions=["work"])
    def retire(self, request: HttpRequest, queryset: QuerySet[HealthModel]) -> None:
        each(request, queryset, lambda row, actor: services.retire(row, actor=actor, now=clock.now()), "taken from work")

    def has_work_permission(self, request: HttpRequest) -> bool:
        """How everybody's health is judged is set by those who may change models, not by everybody who may act."""
        return bool(request.user.has_perm("health.change_healthmodel"))


class OwnBook:
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)  # type: ignore[misc]


@admin.register(HealthScore)
class HealthScoreAdmin(OwnBook, FactAdmin):
    list_display = ["account", "score", "band", "coverage", "model", "as_of"]
    list_filter = ["band"]
    list_select_related = ["account", "model"]
    search_fields = ["account__name"]
    raw_id_fields = ["account", "model", "cause"]
    ordering = ["-id"]


@admin.register(AccountHealth)
class AccountHealthAdmin(OwnBook, FactAdmin):
    list_display = ["account", "score", "band", "coverage", "momentum", "pulse", "model", "as_of", "stale_since"]
    list_filter = ["band"]
    list_select_related = ["account", "model"]
    search_fields = ["account__name"]
    raw_id_fields = ["account", "model", "latest", "stale_cause"]
    ordering = ["-id"]


@admin.register(Feed)
class FeedAdmin(FactAdmin):
    list_display = ["name", "value", "since"]
    ordering = ["name"]
