from django.contrib import admin

from apps.core.admin import FactAdmin, ModelAdmin

from .models import AccountVisit, PathDraft, SavedView


@admin.register(SavedView)
class SavedViewAdmin(ModelAdmin):
    list_display = ["name", "owner", "shared", "is_home", "changed_at"]
    list_filter = ["shared", "is_home"]
    list_select_related = ["owner"]
    search_fields = ["name"]
    raw_id_fields = ["owner"]
    ordering = ["name", "id"]


@admin.register(AccountVisit)
class AccountVisitAdmin(FactAdmin):
    list_display = ["user", "account", "at", "before"]
    list_select_related = ["user", "account"]
    ordering = ["-id"]


@admin.register(PathDraft)
class PathDraftAdmin(FactAdmin):
    list_display = ["__str__", "milestone", "seen", "changed_by", "changed_at"]
    list_select_related = ["milestone", "changed_by"]
    ordering = ["-id"]
