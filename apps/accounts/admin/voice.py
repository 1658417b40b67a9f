from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import GrowingAdmin

from ..models import Note, Promise, Pulse, SurveyResponse, Ticket
from .customers import OwnBook
from .edited import Edited
from .told import Told


@admin.register(Ticket)
class TicketAdmin(Told, OwnBook, Edited, GrowingAdmin):
    what = "ticket"
    list_display = ["subject", "account", "priority", "state", "opened_at", "answered_at", "solved_at"]
    list_filter = ["state", "priority"]
    list_select_related = ["account"]
    search_fields = ["subject", "external_id", "account__name"]
    autocomplete_fields = ["account", "contact"]
    ordering = ["-id"]


@admin.register(SurveyResponse)
class SurveyResponseAdmin(Told, OwnBook, Edited, GrowingAdmin):
    what = "survey"
    list_display = ["account", "contact", "kind", "score", "comment", "at", "loop_closed_at"]
    list_filter = ["kind"]
    list_select_related = ["account", "contact"]
    search_fields = ["comment", "account__name"]
    autocomplete_fields = ["account", "contact", "loop_closed_by"]
    ordering = ["-id"]


@admin.register(Note)
class NoteAdmin(Told, OwnBook, Edited, GrowingAdmin):
    what = "note"
    list_display = ["__str__", "account", "kind", "author", "at"]
    list_filter = ["kind"]
    list_select_related = ["account", "author"]
    search_fields = ["body", "account__name"]
    autocomplete_fields = ["account", "contacts"]
    exclude = ["author", "created_at"]
    ordering = ["-id"]

    def save_model(self, request: HttpRequest, obj: Note, form: Any, change: bool) -> None:
        if not change:
            obj.author_id, obj.created_at = request.user.pk, clock.now()
        super().save_model(request, obj, form, change)


@admin.register(Promise)
class PromiseAdmin(Told, OwnBook, Edited, GrowingAdmin):
    what = "promise"
    list_display = ["text", "account", "by_customer", "owner", "due_on", "state"]
    list_filter = ["state", "by_customer"]
    list_select_related = ["account", "owner"]
    search_fields = ["text", "account__name"]
    autocomplete_fields = ["account", "note", "owner"]
    exclude = ["created_at"]
    ordering = ["-id"]

    def save_model(self, request: HttpRequest, obj: Promise, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = clock.now()
        super().save_model(request, obj, form, change)


@admin.register(Pulse)
class PulseAdmin(Told, OwnBook, GrowingAdmin):
    """Said once and kept: a new feeling is a new row."""

    what = "pulse"
    list_display = ["account", "value", "reason", "author", "at"]
    list_select_related = ["account", "author"]
    search_fields = ["reason", "account__name"]
    autocomplete_fields = ["account"]
    exclude = ["author", "at"]
    ordering = ["-id"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Pulse, form: Any, change: bool) -> None:
        obj.author_id, obj.at = request.user.pk, clock.now()
        super().save_model(request, obj, form, change)
