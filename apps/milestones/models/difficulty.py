from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.core.models import Versioned

from ..difficulty import rasch
from ..types import STANDARD, FitReason
from .definitions import Milestone, MilestoneVersion
from .progress import Progress


class WinningRules(Versioned):
    """How hard milestones are made and by which order they come; one row, set by administrators."""

    target_percent = models.PositiveSmallIntegerField(
        "share that should succeed (%)", default=70, help_text="60 to 80: below, too many give up; above, nobody learns."
    )
    fits = models.BooleanField("fit the difficulty", default=True, help_text="Off: everybody gets every milestone as it is written.")
    learned_order = models.BooleanField("learn the order", default=True, help_text="Off: milestones come in the order of the catalogue.")
    least_accounts = models.PositiveIntegerField(
        "accounts before an order is learned", default=500, help_text="At least 500: with fewer, the figures say little more than chance."
    )
    # Written by the job that holds told chances against what came true.
    bias = models.FloatField(default=0.0, editable=False, help_text="Logits by which chances are corrected, from what came of earlier ones.")
    told = models.FloatField(null=True, blank=True, editable=False, help_text="Mean of the told chances among the newest outcomes.")
    realised = models.FloatField(null=True, blank=True, editable=False, help_text="Share of the newest outcomes that were successes.")
    outcomes = models.PositiveIntegerField(default=0, editable=False, help_text="How many outcomes that is from.")
    tuned_at = models.DateTimeField(null=True, blank=True, editable=False)
    relearn = models.BooleanField(default=False, editable=False, help_text="An outcome that was learned from was corrected: all is learned again.")

    class Meta:
        verbose_name = verbose_name_plural = "difficulty and order"
        constraints = [
            # There is one set of rules.
            models.CheckConstraint(condition=Q(id=1), name="one_set_of_winning_rules"),
            models.CheckConstraint(
                condition=Q(target_percent__range=(60, 80)),
                name="target_within_60_and_80",
                violation_error_message="The share that should succeed is between 60 and 80 per cent: below, too many give up; above, nobody learns.",
            ),
            models.CheckConstraint(
                condition=Q(least_accounts__gte=500),
                name="order_needs_500_accounts",
                violation_error_message="An order needs at least 500 accounts; with fewer, the figures say little more than chance.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_percent} % should succeed"


class AccountAbility(models.Model):
    """What an account is thought able to do, in logits: nought is usual, one more triples the odds. Learned from what it reached and what not."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="ability")
    mean = models.FloatField(default=0.0)
    variance = models.FloatField(default=rasch.ABILITY_VARIANCE)
    outcomes = models.PositiveIntegerField(default=0)
    successes = models.PositiveIntegerField(default=0)
    as_written = models.BooleanField("no fitting", default=False, help_text="This account gets every milestone as it is written.")
    at_risk = models.BooleanField(default=False, editable=False, help_text="Its churn risk is in the highest band: nothing gets harder for it.")
    as_of = models.DateTimeField(null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "account abilities"
        constraints = [
            models.CheckConstraint(condition=Q(variance__gt=0), name="ability_is_uncertain"),
            models.CheckConstraint(condition=Q(successes__lte=models.F("outcomes")), name="ability_counts_fit"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.mean:+.2f}"

    @property
    def belief(self) -> rasch.Belief:
        return rasch.Belief(self.mean, self.variance)


class MilestoneDifficulty(models.Model):
    """How hard a milestone is thought to be, in logits; of another variant than the standard: how much harder than that."""

    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="difficulties", db_index=False)
    variant = models.CharField(max_length=40, default=STANDARD)
    mean = models.FloatField()
    variance = models.FloatField()
    outcomes = models.PositiveIntegerField(default=0, help_text="In this variant.")
    successes = models.PositiveIntegerField(default=0)
    version_number = models.PositiveIntegerField(default=1, help_text="The newest version that anybody was judged by.")
    as_of = models.DateTimeField()

    class Meta:
        verbose_name_plural = "milestone difficulties"
        constraints = [
            models.UniqueConstraint(fields=["milestone", "variant"], name="one_difficulty_per_variant"),
            models.CheckConstraint(condition=Q(variance__gt=0), name="difficulty_is_uncertain"),
            models.CheckConstraint(condition=Q(successes__lte=models.F("outcomes")), name="difficulty_counts_fit"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.variant}: {self.mean:+.2f}"

    @property
    def belief(self) -> rasch.Belief:
        return rasch.Belief(self.mean, self.variance)


class DifficultyChoice(models.Model):
    """A variant that was chosen when a milestone was offered, with the chance before and after, and what came of it. The outcome is counted once."""

    progress = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="choices", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(MilestoneVersion, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="When it was offered.")
    variant = models.CharField(max_length=40)
    factor = models.FloatField(help_text="Of the threshold as it is written.")
    target = models.FloatField(help_text="The share that should succeed, 0 to 1.")
    chance_before = models.FloatField(help_text="The chance in the standard variant.")
    chance = models.FloatField(help_text="The chance in the chosen one.")
    reason = models.CharField(max_length=16, choices=FitReason)
    struggles = models.BooleanField(default=False)
    candidates = models.JSONField(help_text="Of every variant: factor, chance, what forbids it.")
    beliefs = models.JSONField(help_text="Mean and variance of the account's ability and of the milestone's difficulty as they were.")
    reached = models.BooleanField(null=True, blank=True, help_text="Whether it was reached in time.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was reached, given up, or its time was over.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="When its time is over: only then is it learned from, success or not.")
    void = models.BooleanField(default=False, help_text="Says nothing: it had been reached before it was offered.")
    learned_at = models.DateTimeField(null=True, blank=True, help_text="When the beliefs took it in.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Offered once is chosen once, so two workers that offer at once agree.
            models.UniqueConstraint(fields=["progress", "at"], name="one_choice_per_offer"),
            # One offer at a time waits for its outcome.
            models.UniqueConstraint(fields=["progress"], condition=Q(ended_at__isnull=True), name="one_choice_waits_per_progress"),
            models.CheckConstraint(condition=Q(factor__gte=0.7, factor__lte=1.3), name="factor_within_30_percent"),
            # An outcome has a moment, and only an outcome is learned from.
            models.CheckConstraint(
                condition=Q(reached__isnull=True, ended_at__isnull=True, due_at__isnull=True, learned_at__isnull=True)
                | Q(reached__isnull=False, ended_at__isnull=False, due_at__isnull=False),
                name="outcome_has_a_moment",
            ),
        ]
        indexes = [
            # Read by the job that learns, in the order in which their times were over.
            models.Index(fields=["due_at", "id"], condition=Q(reached__isnull=False, learned_at__isnull=True), name="choice_to_learn"),
            models.Index(fields=["due_at", "id"], condition=Q(reached__isnull=False), name="choice_by_outcome"),
            models.Index(fields=["account", "-id"], name="milestone_choice_by_account"),
            # Read by the job that finds accounts with nothing to go for.
            models.Index(fields=["account"], condition=Q(ended_at__isnull=True), name="choice_under_way"),
            models.Index(fields=["milestone", "variant"], name="choice_by_milestone"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.milestone_id} {self.variant}"
