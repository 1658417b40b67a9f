"""Tiers, streaks and badges: what an account has come to."""

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.core.models import Versioned

from ..types import BadgeFor, Step
from .definitions import Milestone


class Tier(Versioned):
    """A tier is reached at its threshold of points earned within a year, and kept until less than 80 % of it are left."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    threshold = models.DecimalField(max_digits=12, decimal_places=2, unique=True, help_text="Points earned within the last 365 days.")
    words = models.JSONField(default=dict, blank=True, help_text='By language: {"en": "What it brings"}.')

    class Meta:
        ordering = ["threshold"]
        constraints = [models.CheckConstraint(condition=Q(threshold__gt=0), name="tier_asks_something")]

    def __str__(self) -> str:
        return self.name


class TierStanding(models.Model):
    """The tier of an account now, and the points behind it."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="tier_standing")
    tier = models.CharField(max_length=40, blank=True, default="", help_text="Empty: none yet.")
    points = models.DecimalField(max_digits=14, decimal_places=2, default=0, help_text="Earned within the last 365 days.")
    since = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        # Read by who stands in a tier.
        indexes = [models.Index(fields=["tier", "-points"], name="standing_by_tier")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.tier or 'no tier'}"


class Streak(models.Model):
    """How many working days or weeks in a row a team was there. Pauses are passed over; one miss a week (of days) or in four weeks is forgiven."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="streaks", db_index=False)
    step = models.CharField(max_length=4, choices=Step)
    length = models.PositiveIntegerField(default=0)
    best = models.PositiveIntegerField(default=0)
    through = models.DateField(null=True, blank=True, help_text="The first day of the last step that counts.")
    judged_on = models.DateField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "step"], name="one_streak_per_step"),
            models.CheckConstraint(condition=Q(best__gte=F("length")), name="best_is_the_longest"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.length} {self.get_step_display()}"


class StreakPause(models.Model):
    """Days on which a rhythm rests, such as holidays: nothing is counted and nothing is broken."""

    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="streak_pauses", help_text="Empty: everybody.")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day of it.")
    reason = models.CharField(max_length=160)
    actor = models.CharField(max_length=120)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="pause_has_days")]
        ordering = ["-starts_on"]

    def __str__(self) -> str:
        return f"{self.reason}: {self.starts_on} to {self.ends_on}"


class Badge(Versioned):
    """Something to show, earned once and for good."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    words = models.JSONField(default=dict, blank=True, help_text='By language: {"en": "What it is given for"}.')
    given_for = models.CharField(max_length=10, choices=BadgeFor)
    at_least = models.PositiveIntegerField(default=1, help_text="How many milestones, or weeks in a row.")
    milestone = models.ForeignKey(Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=40, blank=True, default="")
    live = models.BooleanField(default=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=~Q(given_for=BadgeFor.MILESTONE) | Q(milestone__isnull=False), name="badge_names_its_milestone"),
            models.CheckConstraint(condition=~Q(given_for=BadgeFor.TIER) | ~Q(tier=""), name="badge_names_its_tier"),
        ]

    def __str__(self) -> str:
        return self.name


class BadgeAward(models.Model):
    """An account has a badge."""

    badge = models.ForeignKey(Badge, on_delete=models.PROTECT, related_name="awards")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="badges", db_index=False)
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "badge"], name="one_award_per_badge")]

    def __str__(self) -> str:
        return f"{self.badge_id} of {self.account_id}"
