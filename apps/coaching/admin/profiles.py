"""Patterns, fits and profiles: names are staff's, the rest is what was found."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.admin import FactAdmin, ModelAdmin

from ..models import CoachingProfile, Pattern, ProfileFit


@admin.register(Pattern)
class PatternAdmin(ModelAdmin):
    """A pattern may be called something better; what belongs to it is found, not typed."""

    list_display = ["name", "key", "words", "made_at"]
    fields = ["name", "words", "key", "made_at"]
    readonly_fields = ["key", "made_at"]
    search_fields = ["name", "key"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Pattern, form: Any, change: bool) -> None:
        obj.named_by_hand = True
        obj.save(update_fields=["name", "words", "named_by_hand"])


@admin.register(ProfileFit)
class ProfileFitAdmin(FactAdmin):
    list_display = ["made_at", "kind", "accounts", "patterns"]
    list_filter = ["kind"]
    fields = ["kind", "as_of", "made_at", "accounts", "patterns", "stability", "centres", "seed"]
    ordering = ["-id"]


@admin.register(CoachingProfile)
class CoachingProfileAdmin(FactAdmin):
    list_display = ["account", "pattern", "since", "closeness", "as_of"]
    list_filter = ["pattern"]
    list_select_related = ["account", "pattern"]
    search_fields = ["account__name"]
    raw_id_fields = ["account", "fit"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CoachingProfile]:
        return CoachingProfile.objects.for_user(request.user)
