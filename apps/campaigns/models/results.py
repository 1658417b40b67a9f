from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet

from ..types import CampaignVerdict
from .campaigns import Campaign, Occurrence


class WeightsVersion(models.Model):
    """By which shares a campaign's variants are drawn from some moment on; never changed, so that every recipient's chance stays known."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="weights_versions", db_index=False)
    number = models.PositiveIntegerField()
    weights = models.JSONField(help_text="Share of each variant, of 1; the control's never moves.")
    figures = models.JSONField(default=dict, help_text="What each variant had shown by then.")
    why = models.CharField(max_length=250)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_weights_version_per_number"),
            # Version 0 is what the definition says.
            models.CheckConstraint(condition=Q(number__gte=1), name="weights_versions_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"shares {self.number} of {self.campaign_id}"


class FrozenReadout(models.Model):
    """What a campaign's read-out said on a day; never rewritten, so that a figure that moved later is seen to have moved."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="frozen_readouts", db_index=False)
    on = models.DateField()
    as_of = models.DateTimeField()
    verdict = models.CharField(max_length=14, choices=CampaignVerdict)
    words = models.CharField(max_length=500)
    figures = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "on"], name="one_readout_per_day")]

    def __str__(self) -> str:
        return f"{self.campaign_id} on {self.on}"


class GoalReached(models.Model):
    """When an account of an occurrence, treated or held out, came to fulfil a goal that only its state tells; what they do is read from activity."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="goals_reached", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["occurrence", "account"], name="goal_reached_once")]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.occurrence_id}"
