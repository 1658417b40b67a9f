from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, FactInline, ModelAdmin, each
from apps.core.errors import Refused

from . import policy, services, templates
from .models import (
    Consent,
    ContactPolicy,
    Decision,
    Digest,
    Hold,
    Message,
    MessageAttempt,
    ProviderEvent,
    ProviderHealth,
    PushSubscription,
    Suppression,
    Template,
)
from .types import Draft


class TemplateForm(forms.ModelForm):
    """Saving makes the next version of the key, channel and language."""

    class Meta:
        model = Template
        fields = ["key", "channel", "locale", "subject", "body", "topic", "content_sid", "content_variables", "examples"]

    def clean(self) -> dict[str, Any] | None:
        given = {name: self.cleaned_data.get(name) for name in self.Meta.fields}
        texts: dict[str, Any] = {name: value or ("" if name not in ("content_variables", "examples") else {}) for name, value in given.items()}
        for trouble in templates.check(Draft(**texts)):
            if trouble.error:
                name = trouble.field.split(".")[0]
                self.add_error(name if name in self.fields else None, ValidationError(trouble.told))
        return self.cleaned_data


@admin.register(Template)
class TemplateAdmin(ModelAdmin):
    """Versions never change their words, so there is adding and no editing."""

    form = TemplateForm
    list_display = ["key", "channel", "locale", "version", "subject", "topic", "created_at", "created_by"]
    list_filter = ["channel", "locale", "key"]
    search_fields = ["key", "subject"]

    def has_change_permission(self, request: HttpRequest, obj: Template | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Template | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Template, form: forms.ModelForm, change: bool) -> None:
        draft = templates.draft_of(obj)
        saved = templates.write(draft, actor=Actor.user(request.user), now=clock.now())
        obj.pk, obj.version = saved.pk, saved.version
        for trouble in templates.check(draft):
            messages.warning(request, f"{trouble.field}: {trouble.told}")


class ContactPolicyForm(forms.ModelForm):
    """Saving makes the next version, which counts from then on."""

    class Meta:
        model = ContactPolicy
        fields = [*ContactPolicy.SAID, "note"]

    def clean(self) -> dict[str, Any] | None:
        if self.errors:
            return self.cleaned_data
        try:
            policy.read(ContactPolicy(version=0, **{name: self.cleaned_data[name] for name in ContactPolicy.SAID}))
        except Refused as refusal:
            named = next((name for name in ContactPolicy.SAID if name in refusal.message), None)
            self.add_error(named, ValidationError(refusal.message))
        return self.cleaned_data


@admin.register(ContactPolicy)
class ContactPolicyAdmin(ModelAdmin):
    """Versions never change, so there is adding, which begins with what counts now, and no editing."""

    form = ContactPolicyForm
    list_display = ["version", "when_capped", "note", "actor", "at"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        newest = ContactPolicy.objects.first() or ContactPolicy()
        return {name: getattr(newest, name) for name in ContactPolicy.SAID}

    def has_change_permission(self, request: HttpRequest, obj: ContactPolicy | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ContactPolicy | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ContactPolicy, form: forms.ModelForm, change: bool) -> None:
        said = {name: getattr(obj, name) for name in ContactPolicy.SAID}
        saved = services.write_policy(**said, note=obj.note, actor=Actor.user(request.user), now=clock.now())
        obj.pk, obj.version = saved.pk, saved.version


@admin.register(Hold)
class HoldAdmin(FactAdmin):
    list_display = ["source", "account", "series", "reason", "since"]
    list_select_related = ["account"]
    search_fields = ["source", "account__name"]
    raw_id_fields = ["account"]


@admin.register(Digest)
class DigestAdmin(FactAdmin):
    list_display = ["contact", "channel", "key", "opened_at", "closes_at", "closed_at"]
    list_select_related = ["contact"]


class AttemptInline(FactInline):
    model = MessageAttempt
    fields = ["number", "provider", "started_at", "ended_at", "outcome", "code", "detail", "owner"]
    readonly_fields = fields


class DecisionInline(FactInline):
    model = Decision
    fields = ["at", "state", "reason", "times", "last_at", "due_at", "actor"]
    readonly_fields = fields


class ProviderEventInline(FactInline):
    model = ProviderEvent
    fields = ["received_at", "provider", "kind", "told", "detail"]
    readonly_fields = fields


@admin.register(Message)
class MessageAdmin(FactAdmin):
    list_display = ["id", "subject", "account", "contact", "channel", "lane", "state", "reason", "due_at", "sent_at"]
    list_filter = ["state", "channel", "lane"]
    list_select_related = ["account", "contact"]
    search_fields = ["subject", "account__name", "address"]
    exclude = ["reply_token"]
    inlines = [DecisionInline, AttemptInline, ProviderEventInline]
    actions = ["mark_as_sent", "send_again", "requeue", "cancel", "send_now"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).filter(pk__in=Message.objects.for_user(request.user).values("pk"))

    def has_act_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.may_act

    @admin.action(description="Mark as sent", permissions=["act"])
    def mark_as_sent(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        now = clock.now()
        each(request, queryset, lambda row, actor: services.settle_unknown(message=row, was_sent=True, actor=actor, now=now), "marked as sent")

    @admin.action(description="Send again", permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        now = clock.now()
        each(request, queryset, lambda row, actor: services.settle_unknown(message=row, was_sent=False, actor=actor, now=now), "queued again")

    @admin.action(description="Requeue what failed or came too late", permissions=["act"])
    def requeue(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        now = clock.now()
        each(request, queryset, lambda row, actor: services.requeue(message=row, actor=actor, now=now), "queued again")

    @admin.action(description="Cancel", permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        def take_back(row: Message, actor: Actor) -> None:
            services.recall(message=row, reason=f"Cancelled by {request.user}.", actor=actor, now=clock.now())

        each(request, queryset, take_back, "cancelled")

    @admin.action(description="Send now instead of at its hour", permissions=["act"])
    def send_now(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        now = clock.now()
        each(request, queryset, lambda row, actor: services.approve(message=row, actor=actor, now=now), "approved")


@admin.register(MessageAttempt)
class MessageAttemptAdmin(FactAdmin):
    list_display = ["message", "number", "provider", "started_at", "ended_at", "outcome", "code"]
    list_filter = ["outcome", "code"]
    list_select_related = ["message"]


@admin.register(Decision)
class DecisionAdmin(FactAdmin):
    list_display = ["at", "message", "state", "reason", "times", "actor"]
    list_filter = ["state"]
    list_select_related = ["message"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).filter(pk__in=Decision.objects.for_user(request.user).values("pk"))


@admin.register(Consent)
class ConsentAdmin(FactAdmin):
    list_display = ["contact", "channel", "topic", "allowed", "source", "at"]
    list_filter = ["channel", "topic", "allowed"]
    list_select_related = ["contact"]
    search_fields = ["contact__name", "contact__email"]


@admin.register(Suppression)
class SuppressionAdmin(FactAdmin):
    list_display = ["address", "channel", "reason", "at"]
    list_filter = ["channel"]
    search_fields = ["address"]


@admin.register(ProviderEvent)
class ProviderEventAdmin(FactAdmin):
    list_display = ["received_at", "provider", "kind", "told", "message", "contact", "detail"]
    list_filter = ["kind", "told"]
    list_select_related = ["message", "contact"]
    search_fields = ["event_id", "detail"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderEvent]:
        mine = Message.objects.for_user(request.user).values("pk")
        return super().get_queryset(request).filter(Q(message__in=mine) | Q(message=None))


@admin.register(ProviderHealth)
class ProviderHealthAdmin(FactAdmin):
    list_display = ["provider", "failures", "rests_until", "last_trouble", "last_trouble_at", "refused_calls", "last_call_at"]


@admin.register(PushSubscription)
class PushSubscriptionAdmin(FactAdmin):
    list_display = ["contact", "created_at", "ended_at"]
    list_select_related = ["contact"]
    exclude = ["p256dh", "auth"]
