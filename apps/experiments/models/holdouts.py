from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, OfAccountQuerySet

from ..types import HoldoutState


class HoldoutQuerySet(models.QuerySet["Holdout"]):
    def covering(self, at: datetime) -> "HoldoutQuerySet":
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def ended(self, now: datetime) -> "HoldoutQuerySet":
        """Read by the job that draws the next period."""
        return self.filter(state=HoldoutState.RUNNING, ends_at__lte=now).order_by("pk")


class Holdout(models.Model):
    """Accounts that get nothing of a kind for a fixed time, so that its effect can be told: of one thing (`play:KEY`) or of all (`global`)."""

    key = models.CharField(max_length=80, help_text="global, or the name of one thing such as play:save-fading.")
    share_percent = models.FloatField(validators=[MinValueValidator(0), MaxValueValidator(50)])
    salt = models.CharField(max_length=120, unique=True, help_text="The seed of its own shuffle, which no experiment has.")
    state = models.CharField(max_length=8, choices=HoldoutState, default=HoldoutState.RUNNING)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    renews = models.BooleanField(default=True, help_text="At the end other accounts are drawn for as long again.")
    everybody = models.BooleanField(default=True, help_text="Drawn from all customers; new ones join by themselves.")
    reason = models.CharField(max_length=250, blank=True)
    actor = models.CharField(max_length=80)

    objects = HoldoutQuerySet.as_manager()

    class Meta:
        constraints = [
            # One draw at a time for one thing.
            models.UniqueConstraint(fields=["key"], condition=Q(state="running"), name="one_running_holdout"),
            models.CheckConstraint(condition=Q(share_percent__gte=0, share_percent__lte=50), name="holdout_share_at_most_half"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="holdout_has_a_length"),
        ]
        indexes = [models.Index(fields=["key", "starts_at"], name="holdout_by_key")]

    def __str__(self) -> str:
        return f"{self.key} from {self.starts_at:%Y-%m-%d}"


class MemberQuerySet(OfAccountQuerySet):
    def at(self, moment: datetime) -> Any:
        return self.filter(Q(until__isnull=True) | Q(until__gt=moment), since__lte=moment)


class HoldoutMember(models.Model):
    """Who was drawn, also those that were not held out: they are whom the held-out are compared with. Never changed but for its end."""

    holdout = models.ForeignKey(Holdout, on_delete=models.PROTECT, related_name="members", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    held_out = models.BooleanField()
    stratum = models.CharField(max_length=60, help_text="Tier and band of revenue when it was drawn.")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: to the end of the period.")

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            # Membership stays for the period.
            models.UniqueConstraint(fields=["holdout", "account"], name="one_place_per_period"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="holdout_by_account")]

    def __str__(self) -> str:
        return f"account {self.account_id} {'held out' if self.held_out else 'treated'}"
