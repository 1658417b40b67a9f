from collections import defaultdict
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, ModelAdmin, each, told

from . import services
from .models import ApiCall, ApiKey, Rejection, Source
from .types import SCOPES
from .webhooks.admin import WebhookAdmin, WebhookDeliveryAdmin  # noqa: F401  (registers them)


@admin.register(Source)
class SourceAdmin(ModelAdmin):
    """Places activity comes from. The key is made with the source and told once, in the message after saving."""

    list_display = ["name", "key_start", "is_open", "requests_per_minute", "last_used_at", "created_at"]
    list_filter = ["is_open"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["name", "requests_per_minute", "is_open", "key_start", "last_used_at", "created_at"]
    actions = ["open", "close", "renew_key"]

    def get_fields(self, request: HttpRequest, obj: Source | None = None) -> list[str]:
        return self.fields if obj else ["name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> list[str]:
        # The name is part of every stored event's identity.
        return ["name", "is_open", "key_start", "last_used_at", "created_at"] if obj else []

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        if change:
            services.limit(obj, requests_per_minute=obj.requests_per_minute)
            return
        made, key = services.create_source(name=obj.name, now=clock.now())
        obj.pk = made.pk
        messages.warning(request, f"The write key of {made.name}, shown only now: {key}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Close it instead: its activity stays and keeps its source."""
        return False

    @admin.action(description="Open", permissions=["change"])
    def open(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        each(request, queryset, lambda row, actor: services.set_open(row, is_open=True), "opened")

    @admin.action(description="Close", permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        each(request, queryset, lambda row, actor: services.set_open(row, is_open=False), "closed")

    @admin.action(description="Renew the write key", permissions=["change"])
    def renew_key(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        for source in queryset:
            messages.warning(request, f"The new write key of {source.name}, shown only now: {services.renew_key(source)}")


class WaitingFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "waiting"), ("replayed", "replayed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rejection]) -> QuerySet[Rejection]:
        return queryset if self.value() is None else queryset.filter(replayed_at__isnull=self.value() == "waiting")


@admin.register(Rejection)
class RejectionAdmin(FactAdmin):
    list_display = ["source", "received_at", "field", "reason", "message_id", "replayed_at"]
    list_filter = [WaitingFilter, "source"]
    list_select_related = ["source"]
    search_fields = ["message_id", "waits_for"]
    ordering = ["-id"]
    actions = ["replay"]

    @admin.action(description="Replay", permissions=["work"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Rejection]) -> None:
        by_source = defaultdict(list)
        for row in queryset:
            by_source[row.source_id].append(row)
        for rows in by_source.values():
            with told(request) as actor:
                verdict = services.replay(rows, actor=actor, now=clock.now())
                messages.success(request, f"{verdict.accepted + verdict.duplicate} stored, {len(verdict.refused)} still refused.")


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{scope}: {words}") for scope, words in SCOPES.items()], required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean_expires_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment is not None and "expires_at" in self.changed_data and moment <= clock.now():
            raise forms.ValidationError("Choose a moment to come.")
        return moment


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    """Keys for programs. The secret is made with the key and told once, in the message after saving."""

    form = ApiKeyForm
    list_display = ["name", "scopes_in_words", "owner", "state", "last_used_at", "expires_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "prefix"]
    ordering = ["name"]
    autocomplete_fields = ["owner"]
    actions = ["rotate", "revoke"]

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        asked = ["name", "scopes", "owner", "requests_per_minute", "expires_at"]
        return [*asked, "prefix", "old_until", "created_at", "last_used_at", "revoked_at"] if obj else asked

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        # The name signs what was done with the key.
        return ["name", "prefix", "old_until", "created_at", "last_used_at", "revoked_at"] if obj else []

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, secret = services.create_key(
            name=obj.name,
            scopes=obj.scopes,
            owner=obj.owner,
            expires_at=obj.expires_at,
            requests_per_minute=obj.requests_per_minute,
            actor=Actor.user(request.user),
            now=clock.now(),
        )
        obj.pk = made.pk
        messages.warning(request, f"The API key {made.name}, shown only now: {secret}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Revoke it instead: what was done with it stays signed."""
        return False

    @admin.display(description="Scopes")
    def scopes_in_words(self, key: ApiKey) -> str:
        return ", ".join(key.scopes) or "none"

    @admin.display(description="State")
    def state(self, key: ApiKey) -> str:
        if key.revoked_at is not None:
            return "revoked"
        return "expired" if key.expires_at is not None and key.expires_at <= clock.now() else "live"

    @admin.action(description="Rotate (the old secret works for 24 hours more)", permissions=["change"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            with told(request) as actor:
                secret = services.rotate_key(key, actor=actor, now=clock.now())
                messages.warning(request, f"The new secret of {key.name}, shown only now: {secret}")

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        each(request, queryset, lambda row, actor: services.revoke_key(row, actor=actor, now=clock.now()), "revoked")


@admin.register(ApiCall)
class ApiCallAdmin(FactAdmin):
    """Answers kept for programs that send a call again; the bodies are not shown, they hold customers' data."""

    list_display = ["at", "caller", "key", "status"]
    search_fields = ["key"]
    list_filter = ["status"]
    ordering = ["-at"]
    fields = ["at", "caller", "key", "status", "fingerprint"]
