from django.contrib import admin

from apps.core.admin import FactAdmin, ModelAdmin

from ..models import ArrMovement, Invoice, Subscription
from .customers import OwnBook
from .edited import Edited
from .told import Told


@admin.register(Subscription)
class SubscriptionAdmin(Told, OwnBook, Edited, ModelAdmin):
    what = "contract"
    list_display = ["external_id", "account", "plan", "state", "arr", "currency", "started_on", "renews_on", "ended_on"]
    list_filter = ["state"]
    list_select_related = ["account"]
    search_fields = ["external_id", "account__name"]
    autocomplete_fields = ["account"]
    ordering = ["-id"]


@admin.register(Invoice)
class InvoiceAdmin(Told, OwnBook, Edited, ModelAdmin):
    what = "invoice"
    list_display = ["external_id", "number", "account", "state", "amount", "currency", "issued_on", "due_on", "paid_on"]
    list_filter = ["state"]
    list_select_related = ["account"]
    search_fields = ["external_id", "number", "account__name"]
    autocomplete_fields = ["account"]
    ordering = ["-id"]


@admin.register(ArrMovement)
class ArrMovementAdmin(OwnBook, FactAdmin):
    list_display = ["id", "account", "kind", "amount", "currency", "effective_on", "recorded_at", "reason", "source", "actor"]
    list_filter = ["kind", "source"]
    list_select_related = ["account"]
    search_fields = ["account__name", "idem_key"]
    ordering = ["-id"]
