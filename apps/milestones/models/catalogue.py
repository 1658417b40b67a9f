"""What points and credits can be turned into."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.core.models import Versioned

from ..types import ItemState, RedemptionState, Unit


class CatalogueItem(Versioned):
    """Something a customer can ask for, what it costs and how many there are."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    words = models.JSONField(default=dict, blank=True, help_text='By language: {"en": {"name": "…", "text": "…"}}.')
    unit = models.CharField(max_length=8, choices=Unit, default=Unit.POINTS)
    currency = models.CharField(max_length=40, blank=True, default="")
    cost = models.DecimalField(max_digits=12, decimal_places=2)
    stock = models.PositiveIntegerField(null=True, blank=True, help_text="How many are left. Empty: as many as are asked for.")
    tier = models.CharField(max_length=40, blank=True, default="", help_text="Only from this tier on.")
    needs_approval = models.BooleanField(default=True, help_text="A person says yes before it is handed over.")
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.OFFERED)

    class Meta:
        ordering = ["cost", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(cost__gt=0), name="item_costs_something"),
            # PositiveIntegerField says so too; this name is what an oversold item would break.
            models.CheckConstraint(condition=Q(stock__isnull=True) | Q(stock__gte=0), name="never_oversold"),
        ]

    def __str__(self) -> str:
        return self.name


class Redemption(models.Model):
    """An account asks for something of the catalogue; what it costs is set aside until it is handed over or given back."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="redemptions", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    item = models.ForeignKey(CatalogueItem, on_delete=models.PROTECT, related_name="redemptions")
    unit = models.CharField(max_length=8, choices=Unit)
    currency = models.CharField(max_length=40, blank=True, default="")
    cost = models.DecimalField(max_digits=12, decimal_places=2, help_text="What it cost when it was asked for.")
    state = models.CharField(max_length=12, choices=RedemptionState, default=RedemptionState.ASKED)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    note = models.CharField(max_length=250, blank=True, default="")
    idem_key = models.CharField(max_length=160, unique=True, help_text="The same key asks once.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="redemption_by_account"),
            # Read by the list of what waits for a person.
            models.Index(fields=["asked_at"], condition=Q(state__in=["asked", "approved"]), name="redemption_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.item} for {self.account_id}"
