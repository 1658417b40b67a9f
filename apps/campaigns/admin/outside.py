"""What outside marketing tools told us."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.admin import FactAdmin

from ..models import OutsideTouch


@admin.register(OutsideTouch)
class OutsideTouchAdmin(FactAdmin):
    list_display = ["at", "kind", "account", "contact", "campaign_name", "campaign", "channel", "source", "told_at"]
    list_filter = ["kind", "source"]
    list_select_related = ["account", "contact", "campaign"]
    search_fields = ["account__name", "external_id"]
    raw_id_fields = ["account", "contact", "campaign"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)
