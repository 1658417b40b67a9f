from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.community import services
from apps.community.models import Challenge, ChallengeEntry, Published, Statement
from apps.core import clock
from apps.core.admin import FactAdmin, ModelAdmin, each, told


class Written(ModelAdmin):
    """What staff write goes through its service."""

    write: Any = None

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        with told(request) as actor:
            fields = {name: value for name, value in form.cleaned_data.items() if name != "key"}
            obj.pk = type(self).write(key=obj.key, fields=fields, actor=actor, now=clock.now()).pk

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # A key is what others hold on to.
        return ["key"] if obj else []


@admin.register(Challenge)
class ChallengeAdmin(Written):
    write = staticmethod(services.write_challenge)
    fields = ["key", *services.fields_of(Challenge)]
    list_display = ["name", "key", "state", "team", "target", "first_day", "last_day", "cohort", "cohort_value", "reached_by"]
    list_filter = ["state", "team"]
    search_fields = ["name", "key"]
    raw_id_fields = ["milestone"]
    actions = ["open_up"]

    @admin.action(description="Open these for everybody comparable", permissions=["change"])
    def open_up(self, request: HttpRequest, queryset: QuerySet[Challenge]) -> None:
        each(request, queryset, lambda row, actor: services.open_challenge(row, actor=actor, now=clock.now()), "open")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ChallengeEntry)
class ChallengeEntryAdmin(FactAdmin):
    list_display = ["challenge", "account", "team", "joined_at", "count", "late", "reached_at"]
    list_filter = ["team"]
    list_select_related = ["challenge", "account"]


@admin.register(Statement)
class StatementAdmin(Written):
    write = staticmethod(services.write_statement)
    fields = ["key", *services.fields_of(Statement)]
    list_display = ["key", "deed", "activity", "milestone", "days", "cohort", "cohort_value", "live"]
    list_filter = ["live", "deed"]
    list_select_related = ["milestone"]
    search_fields = ["key"]
    raw_id_fields = ["milestone"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What was ever shown counts against what may be shown next.
        return False


@admin.register(Published)
class PublishedAdmin(FactAdmin):
    list_display = ["statement", "on", "verdict", "number", "counted", "others", "why"]
    list_filter = ["verdict"]
    list_select_related = ["statement"]
    exclude = ["behind"]
