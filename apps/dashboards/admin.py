from django.contrib import admin

from apps.core.admin import ModelAdmin

from .models import SavedView


@admin.register(SavedView)
class SavedViewAdmin(ModelAdmin):
    list_display = ["name", "owner", "shared", "is_home", "changed_at"]
    list_filter = ["shared", "is_home"]
    list_select_related = ["owner"]
    search_fields = ["name"]
    raw_id_fields = ["owner"]
    ordering = ["name", "id"]
