"""Campaigns with their versions, occurrences and recipients."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, FactInline, ModelAdmin, each

from .. import definition
from ..campaigning import services
from ..models import Campaign, CampaignVersion, Occurrence, Recipient


class CampaignForm(forms.ModelForm):
    """What the campaign says, as JSON; saving it writes the next version."""

    says = forms.JSONField(
        label="Definition", widget=forms.Textarea(attrs={"rows": 24, "cols": 110}), help_text="docs/campaigns.md says how it is written."
    )
    note = forms.CharField(max_length=250, required=False, help_text="What changed and why.")

    class Meta:
        model = Campaign
        fields = ["key", "name", "kind", "why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.current is not None:
            self.fields["says"].initial = self.instance.current.definition

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if "says" in said:
            try:
                definition.read(said["says"], said.get("kind") or self.instance.kind)
            except definition.Flaws as flaws:
                raise ValidationError({"says": flaws.message}) from flaws
        return said


class CampaignVersionInline(FactInline):
    model = CampaignVersion
    fk_name = "campaign"
    fields = ["number", "note", "created_at", "created_by"]
    readonly_fields = fields
    ordering = ["-number"]


class OccurrenceInline(FactInline):
    model = Occurrence
    fields = ["key", "state", "due_at", "frozen_at", "done_at"]
    readonly_fields = fields
    ordering = ["-id"]


@admin.register(Campaign)
class CampaignAdmin(ModelAdmin):
    form = CampaignForm
    list_display = ["name", "key", "kind", "state", "state_why", "current", "next_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["current"]
    search_fields = ["name", "key"]
    inlines = [CampaignVersionInline, OccurrenceInline]
    actions = ["launch", "pause", "resume", "abort", "archive"]

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> list[str]:
        return ["key", "kind", "state", "state_why"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        said, actor, now = form.cleaned_data, Actor.user(request.user), clock.now()
        if not change:
            made = services.create(key=obj.key, name=obj.name, kind=obj.kind, why=obj.why, says=said["says"], note=said["note"], actor=actor, now=now)
            obj.pk = made.pk
            obj.refresh_from_db()
            return
        services.describe(obj, name=obj.name, why=obj.why, actor=actor, now=now)
        version = services.save_version(obj, says=said["says"], note=said["note"], actor=actor, now=now)
        messages.info(request, f"Version {version.number} is what the next occurrence takes.")

    @admin.action(description="Launch", permissions=["work"])
    def launch(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        each(request, queryset, lambda row, actor: services.launch(row, actor=actor, now=clock.now()), "launched")

    @admin.action(description="Pause", permissions=["work"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        each(request, queryset, lambda row, actor: services.pause(row, actor=actor, now=clock.now()), "paused")

    @admin.action(description="Resume", permissions=["work"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        each(request, queryset, lambda row, actor: services.resume(row, actor=actor, now=clock.now()), "resumed")

    @admin.action(description="Abort", permissions=["work"])
    def abort(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        each(request, queryset, lambda row, actor: services.abort(row, actor=actor, now=clock.now()), "aborted")

    @admin.action(description="Archive", permissions=["work"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        each(request, queryset, lambda row, actor: services.archive(row, actor=actor, now=clock.now()), "archived")


@admin.register(CampaignVersion)
class CampaignVersionAdmin(FactAdmin):
    list_display = ["campaign", "number", "note", "created_at", "created_by"]
    list_filter = ["campaign"]
    list_select_related = ["campaign"]
    search_fields = ["campaign__name", "campaign__key", "note"]


@admin.register(Occurrence)
class OccurrenceAdmin(FactAdmin):
    list_display = ["campaign", "key", "state", "version", "due_at", "frozen_at", "done_at"]
    list_filter = ["state", "campaign"]
    list_select_related = ["campaign", "version"]
    search_fields = ["campaign__name", "campaign__key"]
    ordering = ["-id"]


@admin.register(Recipient)
class RecipientAdmin(FactAdmin):
    list_display = ["account", "contact", "occurrence", "state", "left", "variant", "due_at", "settled_at"]
    list_filter = ["state", "left"]
    list_select_related = ["account", "contact", "occurrence"]
    search_fields = ["account__name"]
    raw_id_fields = ["account", "contact", "occurrence", "message", "enrolment"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)
