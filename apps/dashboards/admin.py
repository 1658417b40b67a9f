from django.contrib import admin
from django.http import HttpRequest

from apps.core.admin import FactAdmin, ModelAdmin

from .models import AccountVisit, Dashboard, DashboardDraft, DashboardVersion, PathDraft, SavedView, ShareLink


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


@admin.register(Dashboard)
class DashboardAdmin(ModelAdmin):
    """Who sees and changes it; what stands on it is arranged on its page, where every save is a version."""

    list_display = ["name", "key", "owner", "sees", "edits", "team", "changed_at", "archived_at"]
    list_filter = ["sees", "edits"]
    list_select_related = ["owner", "team"]
    search_fields = ["name"]
    raw_id_fields = ["owner"]
    fields = ["name", "why", "key", "owner", "team", "sees", "edits", "current", "created_at", "changed_at", "archived_at"]
    readonly_fields = ["name", "why", "key", "current", "created_at", "changed_at"]
    ordering = ["name", "id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(DashboardVersion)
class DashboardVersionAdmin(FactAdmin):
    list_display = ["dashboard", "number", "note", "created_by", "created_at"]
    list_select_related = ["dashboard", "created_by"]
    ordering = ["-id"]


@admin.register(DashboardDraft)
class DashboardDraftAdmin(FactAdmin):
    list_display = ["dashboard", "user", "seen", "changed_at"]
    list_select_related = ["dashboard", "user"]
    ordering = ["-id"]


@admin.register(ShareLink)
class ShareLinkAdmin(ModelAdmin):
    """A link is closed by giving it a moment of closing."""

    list_display = ["dashboard", "made_by", "made_at", "expires_at", "revoked_at", "opened", "opened_at"]
    list_select_related = ["dashboard", "made_by"]
    fields = ["dashboard", "made_by", "made_at", "expires_at", "revoked_at", "opened", "opened_at"]
    readonly_fields = ["dashboard", "made_by", "made_at", "opened", "opened_at"]
    ordering = ["-id"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
