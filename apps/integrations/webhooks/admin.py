"""Webhooks in the admin: made, tried, rotated, switched; and every delivery with what came of it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, ModelAdmin, each, told
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.types import RISK_BANDS, WebhookState

from . import address, endpoints, offers

_ASKED = ["url", "description", "events", "bands", "definitions", "segments"]
_TONES = {
    WebhookState.WAITING.value: "info",
    WebhookState.SENDING.value: "info",
    WebhookState.DELIVERED.value: "success",
    WebhookState.FAILED.value: "danger",
}


class WebhookForm(forms.ModelForm):
    events = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    bands = forms.MultipleChoiceField(
        choices=[(band, band) for band in RISK_BANDS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only risks that arrive in one of these. None: all.",
    )
    definitions = SimpleArrayField(
        forms.CharField(max_length=60),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Only risks by these churn definitions: names, separated by commas. None: all.",
    )
    segments = SimpleArrayField(
        forms.CharField(max_length=40),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Only who enters or leaves these segments: keys, separated by commas. None: all.",
    )

    class Meta:
        model = Webhook
        fields = _ASKED
        labels: ClassVar[dict[str, str]] = {
            "off_reason": "Why it is off",
            "failing_since": "Fails since",
            "rest_until": "Left alone until",
            "last_ok_at": "Last delivered",
            "old_until": "Old secret signs until",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields.get("events")
        if choices is not None:
            choices.choices = [(kind, f"{kind}: {words}") for kind, words in offers.offered().items()]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            address.read(url)
        except address.Unreachable as error:
            raise forms.ValidationError(str(error)) from error
        return url


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    """Who is told of what. The secret is made with the webhook and told once, in the message after saving."""

    form = WebhookForm
    list_display = ["__str__", "host", "events_in_words", "is_active", "last_result", "failures", "last_ok_at", "deliveries"]
    list_filter = ["is_active"]
    search_fields = ["url", "description"]
    ordering = ["id"]
    actions = ["send_test", "rotate", "switch_on", "switch_off"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        newest = WebhookDelivery.objects.filter(webhook=OuterRef("pk"), attempt__gt=0).order_by("-id")
        last = {name: Subquery(newest.values(name)[:1]) for name in ("state", "status", "answer")}
        return super().get_queryset(request).annotate(**{f"last_{name}": value for name, value in last.items()})

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> list[str]:
        told = ["is_active", "off_reason", "last_result", "deliveries", "failures", "failing_since", "rest_until", "last_ok_at", "old_until"]
        return [*_ASKED, *told, "created_by", "created_at"] if obj else _ASKED

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> list[str]:
        return [name for name in self.get_fields(request, obj) if name not in _ASKED]

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        actor, now, said = Actor.user(request.user), clock.now(), {name: getattr(obj, name) for name in _ASKED}
        if change:
            endpoints.change(obj, changes=said, actor=actor, now=now)
            return
        made, secret = endpoints.create(**said, actor=actor, now=now)
        obj.pk = made.pk
        messages.warning(request, f"The secret of {made}, shown only now: {secret}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Switch it off instead: what was sent stays known."""
        return False

    @admin.display(description="Address")
    def host(self, webhook: Webhook) -> str:
        return webhook.host

    @admin.display(description="Events")
    def events_in_words(self, webhook: Webhook) -> str:
        return ", ".join(webhook.events)

    @admin.display(description="Last result")
    def last_result(self, webhook: Any) -> str:
        if webhook.last_state is None:
            return "nothing sent yet"
        words = webhook.last_answer if webhook.last_state != WebhookState.DELIVERED else ""
        head = " ".join(part for part in (WebhookState(webhook.last_state).label, str(webhook.last_status or "")) if part)
        return f"{head}: {words}" if words else head

    @admin.display(description="What was sent")
    def deliveries(self, webhook: Webhook) -> str:
        link = '<a class="text-primary-600 dark:text-primary-500 underline" href="{}?webhook__id__exact={}">Deliveries</a>'
        return format_html(link, reverse("admin:integrations_webhookdelivery_changelist"), webhook.pk)

    @admin.action(description="Send a test", permissions=["change"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        each(request, queryset, lambda row, actor: endpoints.test(row, now=clock.now()), "on the way; look at the deliveries in a moment")

    @admin.action(description="Rotate the secret (the old one signs too for 24 hours)", permissions=["change"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            with told(request) as actor:
                secret = endpoints.rotate(webhook, actor=actor, now=clock.now())
                messages.warning(request, f"The new secret of {webhook}, shown only now: {secret}")

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        each(request, queryset, lambda row, actor: endpoints.switch_on(row, actor=actor, now=clock.now()), "switched on")

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        each(request, queryset, lambda row, actor: endpoints.switch_off(row, actor=actor, now=clock.now()), "switched off")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(FactAdmin):
    list_display = ["happened_at", "webhook", "type", "outcome", "status", "answer", "attempt", "tried_at", "due_at"]
    list_filter = ["state", "webhook"]
    list_select_related = ["webhook"]
    search_fields = ["message_id"]
    ordering = ["-id"]
    actions = ["send_again"]

    @display(description="State", ordering="state", label=_TONES)
    def outcome(self, delivery: WebhookDelivery) -> tuple[str, str]:
        return delivery.state, delivery.get_state_display()

    @admin.action(description="Send again", permissions=["work"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        each(request, queryset, lambda row, actor: endpoints.send_again(row, now=clock.now()), "queued again")
