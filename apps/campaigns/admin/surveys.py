"""Who was asked in which survey, and what came of it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.admin import FactAdmin

from ..models import Invitation


@admin.register(Invitation)
class InvitationAdmin(FactAdmin):
    list_display = ["contact", "account", "campaign", "kind", "state", "asked_at", "sent_at", "reminded_at", "answered_at", "loop_due_at"]
    list_filter = ["state", "kind", "campaign"]
    list_select_related = ["contact", "account", "campaign"]
    search_fields = ["account__name"]
    raw_id_fields = ["contact", "account", "recipient", "response", "loop_task", "version"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)
