"""What campaigns have shown: versions of the shares, read-outs as they were, goals that only a state tells."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.admin import FactAdmin

from ..models import FrozenReadout, GoalReached, WeightsVersion


@admin.register(WeightsVersion)
class WeightsVersionAdmin(FactAdmin):
    list_display = ["campaign", "number", "weights", "why", "created_at", "created_by"]
    list_filter = ["campaign"]
    list_select_related = ["campaign"]
    raw_id_fields = ["campaign"]
    ordering = ["-id"]


@admin.register(FrozenReadout)
class FrozenReadoutAdmin(FactAdmin):
    """Of all customers together, so only for those who see everything."""

    list_display = ["campaign", "on", "verdict", "words"]
    list_filter = ["verdict", "campaign"]
    list_select_related = ["campaign"]
    raw_id_fields = ["campaign"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if getattr(request.user, "sees_everything", False) else rows.none()


@admin.register(GoalReached)
class GoalReachedAdmin(FactAdmin):
    list_display = ["account", "occurrence", "at"]
    list_select_related = ["account", "occurrence"]
    search_fields = ["account__name"]
    raw_id_fields = ["account", "occurrence"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)
