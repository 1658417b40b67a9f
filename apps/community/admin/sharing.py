from django.contrib import admin

from apps.community.models import NamedConsent, SharingChoice
from apps.core.admin import FactAdmin


@admin.register(SharingChoice)
class SharingChoiceAdmin(FactAdmin):
    list_display = ["contact", "surface", "allowed", "source", "actor", "at"]
    list_filter = ["surface", "allowed"]
    list_select_related = ["contact"]
    search_fields = ["contact__name", "contact__email"]


@admin.register(NamedConsent)
class NamedConsentAdmin(FactAdmin):
    list_display = ["contact", "item", "allowed", "asked_at", "answered_at", "source"]
    list_filter = ["allowed"]
    list_select_related = ["contact"]
    search_fields = ["contact__name", "contact__email", "item"]
