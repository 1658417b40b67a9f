from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet

from ..types import OrderRule
from .definitions import Milestone
from .progress import Progress


class OrderReading(models.Model):
    """One reading of what reaching milestones early is worth, from accounts that could be followed long enough; `refused` says why there is none."""

    as_of = models.DateTimeField()
    accounts = models.PositiveIntegerField(help_text="Followed from their start to the end of the time of staying.")
    stayed = models.PositiveIntegerField(help_text="Of these: active at its end.")
    early_days = models.PositiveSmallIntegerField(help_text="A milestone counts as early within so many days of the start.")
    stay_days = models.PositiveSmallIntegerField(help_text="Staying is being active so many days after that.")
    refused = models.CharField(max_length=250, blank=True, default="")

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [models.CheckConstraint(condition=Q(stayed__lte=models.F("accounts")), name="stayed_of_all")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}: {self.accounts:,} accounts"


class MilestoneValue(models.Model):
    """What one milestone seems to be worth for staying, by one reading. An observation until an experiment confirms the order."""

    reading = models.ForeignKey(OrderReading, on_delete=models.CASCADE, related_name="values", db_index=False)
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="+")
    points = models.FloatField(help_text="By how much those who reached it early stayed more often, others like them held equal; 0.12 is 12 points.")
    low = models.FloatField(help_text="95 % interval.")
    high = models.FloatField()
    shrunk = models.FloatField(help_text="Drawn to nought by as much as the interval is wide: what choosing uses.")
    reached = models.PositiveIntegerField(help_text="Accounts that reached it early.")
    usual_week = models.PositiveSmallIntegerField(help_text="The week after the start in which half of those had it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading", "milestone"], name="one_value_per_reading"),
            models.CheckConstraint(condition=Q(low__lte=models.F("points"), high__gte=models.F("points")), name="value_within_its_interval"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id}: {100 * self.points:+.0f} points"


class PathChoice(models.Model):
    """Which milestone was made the next one of an account, among which, and why. Never changed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="path_choices", db_index=False)
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="+")
    progress = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="path_choices", db_index=False)
    at = models.DateTimeField()
    rule = models.CharField(max_length=10, choices=OrderRule)
    arm = models.CharField(max_length=40, blank=True, default="", help_text="Of the experiment, where it decided the rule.")
    reading = models.ForeignKey(OrderReading, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chance = models.FloatField()
    value = models.FloatField(null=True, blank=True)
    score = models.FloatField()
    ahead = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="What it opens and was also chosen for."
    )
    candidates = models.JSONField(help_text="Every open milestone in the order found: chance, value, score, what it opens.")
    reasons = models.JSONField(help_text="In words, the strongest first.")
    actor = models.CharField(max_length=80)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["progress", "at"], name="one_path_choice_per_offer"),
            models.CheckConstraint(condition=Q(chance__gt=0, chance__lt=1), name="path_chance_is_a_chance"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="path_choice_by_account")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.milestone_id} ({self.get_rule_display()})"
