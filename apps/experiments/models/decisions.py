from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet

from ..types import How


class DecisionQuerySet(OfAccountQuerySet):
    def overdue(self, now: datetime) -> Any:
        """Read by the job that settles: no success within the window."""
        return self.filter(settled_at__isnull=True, window_until__lte=now).order_by("window_until", "pk")


class PolicyDecision(models.Model):
    """One choice that a learning policy made: what it could have taken, what it took with which chance, and what came of it."""

    policy = models.CharField(max_length=40, help_text="What is chosen, such as: channel.")
    version = models.CharField(max_length=60, help_text="The rule of choice and its settings.")
    key = models.CharField(max_length=120, help_text="What the decision is for; asked again, the first answer stands.")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    segment = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=80, blank=True)
    how = models.CharField(max_length=8, choices=How)
    candidates = models.JSONField(help_text="Of every arm: allowed or why not, expected rate, value, cost, fatigue, chance.")
    chosen = models.CharField(max_length=40)
    propensity = models.FloatField(help_text="The chance that the chosen arm had.")
    floor = models.FloatField(help_text="The share of decisions taken at random.")
    seed = models.BigIntegerField()
    context_hash = models.CharField(
        max_length=64, help_text="Of segment, action, candidates and counts: the same hash and seed give the same choice."
    )
    reason = models.CharField(max_length=250)
    at = models.DateTimeField()
    window_until = models.DateTimeField(help_text="Without a success by then it is settled as a failure.")
    settled_at = models.DateTimeField(null=True, blank=True)
    success = models.BooleanField(null=True, blank=True)
    success_at = models.DateTimeField(null=True, blank=True)
    reward = models.FloatField(null=True, blank=True, help_text="Value of a success, less cost.")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            # A worker that died after it decided finds its decision again.
            models.UniqueConstraint(fields=["policy", "key"], name="one_choice_per_key"),
            models.CheckConstraint(condition=Q(propensity__gt=0, propensity__lte=1), name="propensity_is_a_chance"),
            # Settled says what came of it, pending says nothing.
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, success__isnull=True, reward__isnull=True)
                | Q(settled_at__isnull=False, success__isnull=False, reward__isnull=False),
                name="settled_has_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["window_until", "id"], condition=Q(settled_at__isnull=True), name="choice_pending"),
            models.Index(fields=["account", "-id"], name="choice_by_account"),
            # Read by the comparison with other rules.
            models.Index(fields=["policy", "at"], name="choice_by_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.chosen}: {self.reason}"


class ArmCount(models.Model):
    """What came of an arm so far in a segment. Older outcomes weigh less: half after the policy's half-life; the counts are as of `as_of`."""

    policy = models.CharField(max_length=40)
    segment = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=80, blank=True)
    arm = models.CharField(max_length=40)
    successes = models.FloatField(default=0)
    failures = models.FloatField(default=0)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "action", "segment", "arm"], name="one_count_per_arm"),
            models.CheckConstraint(condition=Q(successes__gte=0, failures__gte=0), name="counts_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.arm} in {self.segment or 'all'}: {self.successes:.1f} of {self.successes + self.failures:.1f}"
