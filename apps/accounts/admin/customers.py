from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, FactInline, GrowingAdmin, ModelAdmin, TabularInline, each, told

from .. import services
from ..models import (
    Account,
    AccountRole,
    ActivityEvent,
    Contact,
    DailyRollup,
    EventName,
    Field,
    Identity,
    ImportMapping,
    ImportProblem,
    ImportRun,
    Team,
    User,
)
from ..types import FieldKind, Meaning
from .edited import Edited
from .told import Told

admin.site.unregister(Group)


class OwnBook:
    """Lists and pages show what the person may see, and only that."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)  # type: ignore[misc]


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Roles. Their rights come from apps/accounts/roles.py at every upgrade."""


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "full_name", "team", "in_groups", "is_active", "last_visit_at"]
    list_filter = ["is_active", "groups", "team"]
    list_select_related = ["team"]
    search_fields = ["email", "full_name"]
    ordering = ["email"]
    autocomplete_fields = ["team"]
    filter_horizontal = ["groups"]
    readonly_fields = ["last_login", "last_visit_at"]
    fieldsets = [
        (None, {"fields": ["email", "password", "full_name", "team", "time_zone"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Seen", {"fields": ["last_login", "last_visit_at"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "full_name", "team", "groups", "password1", "password2"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Only a superuser makes superusers: an administrator could otherwise raise the own rights."""
        return [*self.readonly_fields, *([] if request.user.is_superuser else ["is_superuser"])]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        above = isinstance(obj, User) and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not above

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People who left are made inactive; their decisions stay signed."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and services.RIGHTS & set(form.changed_data):
            services.note_rights(form.instance, actor=Actor.user(request.user), now=clock.now())

    @admin.display(description="Role")
    def in_groups(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())


class ContactInline(FactInline):
    model = Contact
    fields = ["name", "email", "role", "external_id", "departed_on"]
    readonly_fields = fields
    ordering = ["id"]
    show_change_link = True


class AccountRoleInline(TabularInline):
    """Staff beside the owner: they see the account in their book."""

    model = AccountRole
    extra = 0
    autocomplete_fields = ["user"]
    verbose_name_plural = "team"


@admin.register(Account)
class AccountAdmin(OwnBook, Edited, GrowingAdmin):
    list_display = ["name", "external_id", "plan", "stage", "arr", "currency", "owner", "renews_on"]
    list_filter = ["stage", "plan", "synthetic"]
    list_select_related = ["owner"]
    search_fields = ["name", "external_id", "domain"]
    ordering = ["name", "id"]
    autocomplete_fields = ["owner", "parent"]
    # Leaving is a service call (the button), because what runs for the account must hear of it.
    readonly_fields = ["stage", "churned_on", "synthetic", "created_at"]
    fieldsets = [
        (None, {"fields": ["name", "external_id", "parent", "owner"]}),
        ("Company", {"fields": ["domain", "domains", "tier", "segment", "tags", "time_zone", "locale"]}),
        ("Contract", {"fields": ["plan", "arr", "currency", "seats", "seats_used", "started_on", "renews_on"]}),
        ("State", {"fields": ["stage", "churned_on", "synthetic", "created_at"]}),
        ("Traits", {"fields": ["traits"]}),
    ]
    inlines = [AccountRoleInline, ContactInline]
    actions = ["mark_churned"]

    def edit_row(self, row: Account, *, changes: dict[str, Any], seen: dict[str, Any], actor: Actor) -> None:
        services.edit(row, changes=changes, seen=seen, actor=actor, now=clock.now())

    @admin.action(description="Mark as left today", permissions=["work"])
    def mark_churned(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        now = clock.now()
        each(request, queryset, lambda row, actor: services.mark_churned(row, on=now.date(), actor=actor, now=now), "marked as left")


@admin.register(Contact)
class ContactAdmin(Told, OwnBook, Edited, GrowingAdmin):
    what = "contact"
    list_display = ["name", "email", "role", "account", "external_id", "departed_on"]
    list_filter = ["role"]
    list_select_related = ["account"]
    search_fields = ["name", "email", "external_id", "account__name"]
    autocomplete_fields = ["account", "reports_to"]
    actions = ["merge"]

    @admin.action(description="Merge two into the older row", permissions=["work"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        two = list(queryset.order_by("pk")[:3])
        if len(two) != 2:
            messages.error(request, "Choose exactly two people to merge.")
            return
        with told(request) as actor:
            services.identities.merge(two[0], two[1], source="staff", actor=actor, now=clock.now())
            messages.success(request, f"{two[1]} is now {two[0]}. It can be taken back under Identities.")


@admin.register(Identity)
class IdentityAdmin(FactAdmin):
    """Other names of people. One click takes a merge back."""

    list_display = ["external_id", "contact", "merged", "source", "at", "undone_at"]
    list_filter = ["source"]
    list_select_related = ["contact", "merged"]
    search_fields = ["external_id", "contact__name", "contact__external_id"]
    ordering = ["-id"]
    actions = ["undo"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Identity]:
        return super().get_queryset(request).for_user(request.user)

    @admin.action(description="Take back", permissions=["work"])
    def undo(self, request: HttpRequest, queryset: QuerySet[Identity]) -> None:
        each(request, queryset, lambda row, actor: services.identities.undo(row, actor=actor, now=clock.now()), "taken back")


@admin.register(EventName)
class EventNameAdmin(ModelAdmin):
    list_display = ["name", "meaning", "events_28", "accounts_28", "last_seen_on", "first_seen_at"]
    list_filter = ["meaning"]
    search_fields = ["name"]
    ordering = ["-events_28", "name"]
    readonly_fields = ["name", "events_28", "accounts_28", "last_seen_on", "first_seen_at"]

    def save_model(self, request: HttpRequest, obj: EventName, form: Any, change: bool) -> None:
        with told(request) as actor:
            services.give_meaning(obj, meaning=Meaning(obj.meaning), actor=actor, now=clock.now())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Names appear by themselves with the first activity."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if not self.has_change_permission(request):
            return {}
        return {f"mean_{meaning}": (_give_meaning(meaning), f"mean_{meaning}", f"Means: {label}") for meaning, label in Meaning.choices}


def _give_meaning(meaning: str) -> Any:
    def action(modeladmin: EventNameAdmin, request: HttpRequest, queryset: QuerySet[EventName]) -> None:
        now = clock.now()
        each(request, queryset, lambda row, actor: services.give_meaning(row, meaning=Meaning(meaning), actor=actor, now=now), "given a meaning")

    return action


@admin.register(Field)
class FieldAdmin(ModelAdmin):
    """Traits register themselves with the first value; staff say whose word counts. One of our own fields is added by its name: account.arr."""

    list_display = ["name", "kind", "truth", "words", "first_source", "first_seen_at"]
    list_filter = ["kind"]
    search_fields = ["name", "words"]
    readonly_fields = ["first_source", "first_seen_at"]
    fields = ["name", "kind", "truth", "words", "first_source", "first_seen_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*self.readonly_fields, "name"] if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Field, form: Any, change: bool) -> None:
        if change:
            services.set_field(obj, kind=FieldKind(obj.kind), truth=obj.truth, words=obj.words)
        else:
            super().save_model(request, obj, form, change)


@admin.register(ActivityEvent)
class ActivityEventAdmin(OwnBook, FactAdmin):
    list_display = ["name", "account", "contact", "at", "value", "source"]
    list_select_related = ["account", "contact"]
    search_fields = ["account__external_id", "name"]
    ordering = ["-id"]


@admin.register(DailyRollup)
class DailyRollupAdmin(OwnBook, FactAdmin):
    list_display = ["account", "day", "name", "count", "value"]
    list_select_related = ["account"]
    search_fields = ["account__external_id", "name"]
    ordering = ["-id"]


class OwnImports:
    """A file may speak of every account: who may not bring files in sees only what they brought in themselves."""

    actor_of = "actor"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return found if request.user.has_perm("accounts.add_account") else found.filter(**{self.actor_of: str(Actor.user(request.user))})


class ImportProblemInline(FactInline):
    model = ImportProblem
    fields = ["row", "column", "problem", "raw"]
    readonly_fields = fields
    per_page = 50
    ordering = ["id"]
    verbose_name_plural = "problems"


@admin.register(ImportRun)
class ImportRunAdmin(OwnImports, FactAdmin):
    list_display = [
        "file_name",
        "kind",
        "state",
        "rows_read",
        "rows_created",
        "rows_changed",
        "rows_same",
        "rows_refused",
        "started_at",
        "finished_at",
    ]
    list_filter = ["kind", "state"]
    search_fields = ["file_name"]
    ordering = ["-started_at"]
    inlines = [ImportProblemInline]


@admin.register(ImportMapping)
class ImportMappingAdmin(ModelAdmin):
    list_display = ["kind", "signature", "used_at"]
    list_filter = ["kind"]
    readonly_fields = ["kind", "signature", "options", "used_at"]
    ordering = ["-used_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A mapping is what somebody chose on the import page; forgetting it is all there is to do here."""
        return False


@admin.register(ImportProblem)
class ImportProblemAdmin(OwnImports, FactAdmin):
    actor_of = "run__actor"
    list_display = ["run", "row", "column", "problem", "raw"]
    list_select_related = ["run"]
    search_fields = ["run__file_name", "column"]
    ordering = ["-run", "row"]
