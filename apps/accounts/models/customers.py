from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper

from apps.core.models import Versioned

from ..types import ContactRole, Role, Stage, TeamRole
from .staff import User

# Statements that do not name the column, also those of an older release, write an empty list.
_NONE = models.Value("{}")


class AccountQuerySet(models.QuerySet["Account"]):
    def for_user(self, user: "User | AnonymousUser") -> "AccountQuerySet":
        """The book of accounts this person may see: own, the team's, or all."""
        if isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        if user.sees_everything:
            return self
        if Role.TEAM_LEAD in user.roles and user.team_id:
            return self.filter(owner__team=user.team_id)
        # Two indexed look-ups whose union is the book; an OR over a subquery would read the whole table.
        own = Account.objects.filter(owner=user).order_by().values("pk")
        return self.filter(pk__in=own.union(AccountRole.objects.filter(user=user).values("account")))

    def at_risk(self) -> "AccountQuerySet":
        """Customers who can still leave."""
        return self.exclude(stage=Stage.CHURNED)


class Account(Versioned):
    """A customer: the company that pays."""

    external_id = models.CharField(max_length=120, unique=True, help_text="The id your own systems use.")
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    domain = models.CharField(max_length=120, blank=True, help_text="The main web domain.")
    domains = ArrayField(models.CharField(max_length=120), default=list, db_default=_NONE, blank=True, help_text="Other domains of the same company.")
    tier = models.CharField(max_length=40, blank=True, db_default="", help_text="The service it is promised, in your own words: enterprise.")
    segment = models.CharField(max_length=60, blank=True, db_default="", help_text="Market segment, in your own words.")
    tags = ArrayField(models.CharField(max_length=60), default=list, db_default=_NONE, blank=True)
    plan = models.CharField(max_length=80, blank=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.ACTIVE)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="accounts", db_index=False)
    time_zone = models.CharField(max_length=60, default="UTC")
    locale = models.CharField(max_length=12, blank=True, db_default="")
    currency = models.CharField(max_length=3, default="USD", help_text="The currency of ARR; ISO 4217.")
    arr = models.DecimalField("ARR", max_digits=14, decimal_places=2, default=0, help_text="Yearly recurring revenue today.")
    seats = models.PositiveIntegerField("seats bought", null=True, blank=True)
    seats_used = models.PositiveIntegerField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    renews_on = models.DateField(null=True, blank=True)
    churned_on = models.DateField(null=True, blank=True)
    traits = models.JSONField(default=dict, blank=True, help_text="Everything else that is known, by name.")
    synthetic = models.BooleanField(default=False, help_text="Made by the demo's generator; labelled wherever it is shown.")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(arr__gte=0), name="arr_not_negative"),
            # A company cannot own itself; longer circles are refused by the service.
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="not_its_own_parent"),
            # A date of leaving and a stage that says "still here" cannot both be true.
            models.CheckConstraint(condition=Q(churned_on__isnull=True) | Q(stage=Stage.CHURNED), name="churned_on_needs_stage"),
        ]
        indexes = [
            # Read by for_user of success managers.
            models.Index(fields=["owner", "stage"], name="account_by_owner"),
            models.Index(fields=["name", "id"], name="account_by_name"),
            # Read by the portfolio, which pages by row value: (arr, id) < (..., ...). Accounts without a renewal follow by id.
            models.Index(Lower("name"), "id", name="account_by_lower_name"),
            # Read by Ctrl-K and by searches for a beginning.
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), "id", name="account_by_beginning"),
            models.Index(fields=["arr", "id"], name="account_by_arr"),
            models.Index(fields=["renews_on", "id"], condition=Q(renews_on__isnull=False), name="account_by_renewal"),
            models.Index(fields=["id"], condition=Q(renews_on__isnull=True), name="account_without_renewal"),
            # Read by the portfolio's filters and by the lists of words they offer.
            models.Index(fields=["tier", "id"], name="account_by_tier"),
            models.Index(fields=["segment", "id"], name="account_by_segment"),
            # Read by searches for a part of a word; a list of words that wait to be sorted in would make them slower after every change.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="account_name_parts", fastupdate=False),
            GinIndex(OpClass(Upper("domain"), name="gin_trgm_ops"), name="account_domain_parts", fastupdate=False),
            GinIndex(OpClass(Upper("external_id"), name="gin_trgm_ops"), name="account_id_parts", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.name


class AccountRole(models.Model):
    """Someone beside the owner who looks after an account: stands in, sells, builds. They see the account in their book."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="team_roles", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="account_roles")
    role = models.CharField(max_length=12, choices=TeamRole)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user", "role"], name="one_row_per_role")]

    def __str__(self) -> str:
        return f"{self.user_id} as {self.role} of account {self.account_id}"


class OfAccountQuerySet(models.QuerySet[Any]):
    """Rows that belong to an account are seen by whoever sees the account."""

    def for_user(self, user: "User | AnonymousUser") -> "OfAccountQuerySet":
        if not isinstance(user, AnonymousUser) and user.is_active and user.sees_everything:
            return self
        return self.filter(account__in=Account.objects.for_user(user))


class Contact(Versioned):
    """A person at an account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contacts")
    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=160, blank=True)
    title = models.CharField(max_length=120, blank=True, db_default="")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True, db_default="")
    role = models.CharField(max_length=12, choices=ContactRole, default=ContactRole.USER)
    time_zone = models.CharField(max_length=60, blank=True, help_text="Empty: the account's.")
    locale = models.CharField(max_length=12, blank=True)
    influence = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)], help_text="1 little to 5 decides."
    )
    reports_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports")
    departed_on = models.DateField(null=True, blank=True)
    last_two_way_at = models.DateTimeField(null=True, blank=True, help_text="The last time they and we exchanged words.")
    traits = models.JSONField(default=dict, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # A person is known by one id; people without an id are told apart by their row.
            models.UniqueConstraint(fields=["external_id"], condition=~Q(external_id=""), name="one_contact_per_external_id"),
            models.CheckConstraint(condition=Q(influence__isnull=True) | Q(influence__range=(1, 5)), name="influence_one_to_five"),
            models.CheckConstraint(condition=Q(reports_to__isnull=True) | ~Q(reports_to=F("id")), name="reports_to_somebody_else"),
        ]
        indexes = [
            # Read by searches for a part of a word; a list of words that wait to be sorted in would make them slower after every change.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="contact_name_parts"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="contact_email_parts"),
            GinIndex(OpClass(Upper("external_id"), name="gin_trgm_ops"), name="contact_id_parts"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.external_id

    @property
    def zone(self) -> str:
        return self.time_zone or self.account.time_zone
