from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet

from ..types import TouchKind
from .campaigns import Campaign


class OutsideTouch(models.Model):
    """Something that an outside marketing tool did to one of our customers, or what they did there, as that tool told it."""

    source = models.CharField(max_length=60, help_text="Who told it: the name of the API key.")
    external_id = models.CharField(max_length=120, help_text="Its id in the tool.")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=12, choices=TouchKind)
    at = models.DateTimeField(help_text="When it happened.")
    channel = models.CharField(max_length=20, blank=True)
    # As the tool calls it; `campaign` is ours, where the link that was followed names one of ours.
    campaign_name = models.CharField(max_length=120, blank=True)
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    utm_source = models.CharField(max_length=80, blank=True)
    utm_medium = models.CharField(max_length=80, blank=True)
    utm_campaign = models.CharField(max_length=120, blank=True)
    utm_content = models.CharField(max_length=120, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True, help_text="What a conversion was worth to the tool.")
    currency = models.CharField(max_length=3, blank=True)
    told_at = models.DateTimeField(help_text="When we were told last.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outside touches"
        constraints = [
            # Told twice, it counts once.
            models.UniqueConstraint(fields=["source", "external_id"], name="one_touch_per_id"),
            models.CheckConstraint(
                condition=Q(value=None, currency="") | (Q(value__isnull=False) & ~Q(currency="")), name="touch_value_in_a_currency"
            ),
        ]
        indexes = [
            # Read by the attribution of an account.
            models.Index(fields=["account", "at"], name="touch_by_account"),
            # Read by the results of a campaign of ours.
            models.Index(fields=["campaign", "at"], condition=Q(campaign__isnull=False), name="touch_by_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"
