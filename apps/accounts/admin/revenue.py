from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, FactInline, GrowingAdmin, told
from apps.core.errors import Refused

from .. import rates, subscriptions
from ..models import ArrMovement, ExchangeRate, Invoice, Renewal, RenewalCall, Subscription
from ..types import Stage, SubscriptionState
from .customers import OwnBook
from .edited import Edited, EditedForm
from .told import Told


class SubscriptionForm(EditedForm):
    """What the ledger would refuse is said beside its field."""

    class Meta:
        model = Subscription
        fields = ["account", "external_id", "plan", "state", "started_on", "renews_on", "ended_on", "seats", "currency", "arr"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        account = said.get("account", self.instance.account if self.instance.pk else None)
        if account is not None and account.stage == Stage.CHURNED:
            raise forms.ValidationError(f"{account.name} has left: say first that it is back.")
        if not self.instance.pk and said.get("started_on") and said["started_on"] > clock.now().date():
            self.add_error("started_on", "A contract counts from its first day: enter it then.")
        if said.get("ended_on") and said.get("state") != SubscriptionState.ENDED:
            self.add_error("ended_on", "A last day belongs to an ended contract: set the state too.")
        return said


@admin.register(Subscription)
class SubscriptionAdmin(Told, OwnBook, Edited, GrowingAdmin):
    """Every change is a movement of the ledger from today on; contracts end, they are not deleted."""

    what = "contract"
    form = SubscriptionForm
    list_display = ["external_id", "account", "plan", "state", "arr", "currency", "started_on", "renews_on", "ended_on"]
    list_filter = ["state"]
    list_select_related = ["account"]
    search_fields = ["external_id", "account__name"]
    autocomplete_fields = ["account"]
    ordering = ["-id"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["account", "external_id", "started_on", "currency"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        with told(request) as actor:
            details = {name: value for name, value in form.cleaned_data.items() if name != "ended_on"}
            obj.pk = subscriptions.start(**details, actor=actor, now=clock.now()).pk

    def edit_row(self, row: Any, *, changes: dict[str, Any], seen: dict[str, Any], actor: Actor) -> None:
        now = clock.now()
        on = changes.get("ended_on") or now.date()
        if changes.get("state") == SubscriptionState.ENDED:
            changes["ended_on"] = on
        subscriptions.change(row, on=on, actor=actor, now=now, seen=seen, **changes)


@admin.register(Invoice)
class InvoiceAdmin(Told, OwnBook, Edited, GrowingAdmin):
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


class RatesForm(forms.ModelForm):
    """Rates are entered as lines, one or a whole table, and never edited: a correction is a newer row."""

    lines = forms.CharField(
        label="Rates",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12}),
        help_text="One per line: currency, first day, worth in the workspace's currency. Paste from a sheet or a CSV file: EUR 2026-01-01 1.0832",
    )

    class Meta:
        model = ExchangeRate
        fields: list[str] = []

    def clean_lines(self) -> list[rates.Rate]:
        try:
            return rates.read(self.cleaned_data["lines"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from refusal


@admin.register(ExchangeRate)
class ExchangeRateAdmin(FactAdmin):
    list_display = ["currency", "into", "valid_from", "rate", "recorded_at", "source", "actor"]
    list_filter = ["currency"]
    search_fields = ["currency"]
    ordering = ["-valid_from", "currency", "-recorded_at"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm("accounts.add_exchangerate"))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else RatesForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ["lines"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = form.cleaned_data["lines"]
        entered = rates.enter(said, source="staff", actor=Actor.user(request.user), now=clock.now())
        first = entered[0] if entered else ExchangeRate.objects.filter(currency=said[0].currency, valid_from=said[0].valid_from).latest("recorded_at")
        obj.__dict__.update(first.__dict__)
        messages.info(request, f"{len(entered)} of {len(said)} rates were new.")


class CallInline(FactInline):
    model = RenewalCall
    ordering = ["-at"]


@admin.register(Renewal)
class RenewalAdmin(OwnBook, FactAdmin):
    """Calls and outcomes are given on the Renewals page."""

    list_display = ["id", "account", "due_on", "arr", "currency", "booking_type", "state", "outcome_arr", "decided_on", "decided_by"]
    list_filter = ["state", "booking_type"]
    list_select_related = ["account"]
    search_fields = ["account__name", "subscription__external_id"]
    ordering = ["-id"]
    inlines = [CallInline]
