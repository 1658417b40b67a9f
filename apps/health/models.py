import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.events.models import Event

from .tree import Condition, Tree
from .tree import read as read_tree
from .types import Band, ModelState, Whom


@lru_cache(maxsize=64)
def _read(text: str) -> Tree:
    """Checking a tree costs more than scoring an account by it, and a published one never changes."""
    return read_tree(json.loads(text))


class HealthModel(models.Model):
    """One version of how health is judged: a tree of dimensions, measures and rules, for all accounts or for those a column names."""

    name = models.SlugField(max_length=60, db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ModelState, default=ModelState.DRAFT)
    whom_field = models.CharField("for accounts whose", max_length=10, choices=Whom, blank=True, help_text="Empty: all accounts.")
    whom_value = models.CharField("is", max_length=120, blank=True)
    tree = models.JSONField(help_text="Dimension, measure, rule; checked when saved. Weights sum to 100 on each level.")
    note = models.CharField(max_length=300, blank=True, help_text="Why this version was made.")
    backtest = models.JSONField(default=dict, blank=True, help_text="What it would have said on the own history.")
    backtest_asked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=120, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="one_health_model_number"),
            # Two published versions for the same accounts would give one account two healths.
            models.UniqueConstraint(fields=["whom_field", "whom_value"], condition=Q(state="published"), name="one_published_health_model"),
            models.CheckConstraint(
                condition=Q(whom_field="", whom_value="") | (~Q(whom_field="") & ~Q(whom_value="")), name="health_whom_whole_or_none"
            ),
            models.CheckConstraint(condition=Q(state="draft") | Q(published_at__isnull=False), name="published_health_has_a_time"),
        ]
        indexes = [
            # Read by the job that works off what people asked for.
            models.Index(fields=["backtest_asked_at"], condition=Q(backtest_asked_at__isnull=False), name="health_backtest_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    def read(self) -> Tree:
        return _read(json.dumps(self.tree))

    @property
    def whom(self) -> Condition | None:
        return Condition(self.whom_field, self.whom_value) if self.whom_field else None

    @property
    def whom_in_words(self) -> str:
        return f"{self.get_whom_field_display()} {self.whom_value}" if self.whom_field else "all accounts"


class HealthScore(models.Model):
    """A health as it was told at a moment, with what it was made of; added when something changed, never rewritten."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="health_scores", db_index=False)
    model = models.ForeignKey(HealthModel, on_delete=models.PROTECT, related_name="scores")
    as_of = models.DateTimeField()
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    band = models.CharField(max_length=8, choices=Band)
    coverage = models.PositiveSmallIntegerField(help_text="Share of the weight that was known, in per cent.")
    parts = models.JSONField(default=list, help_text="Per measure: value, tier, points, weight, contribution; the last three in hundredths.")
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__range=(0, 100)), name="health_zero_to_hundred"),
            models.CheckConstraint(condition=Q(coverage__range=(0, 100)), name="health_coverage_per_cent"),
        ]
        indexes = [
            # Read by the account's history, by momentum, and as of a moment.
            models.Index(fields=["account", "-as_of", "-id"], name="health_score_by_account"),
        ]

    def __str__(self) -> str:
        return f"health {self.score} of account {self.account_id}"


class HealthQuerySet(OfAccountQuerySet):
    def stale_now(self, now: datetime) -> "HealthQuerySet":
        """Read by health.score_stale: accounts of which more is known than their score says."""
        return self.filter(stale_since__lte=now).order_by("stale_since", "id")


class AccountHealth(models.Model):
    """The present health of an account: what lists sort by and "Why?" reads. `stale_since` says that something newer waits to be scored."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="health")
    model = models.ForeignKey(HealthModel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    latest = models.ForeignKey(HealthScore, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    band = models.CharField(max_length=8, choices=Band, default=Band.UNKNOWN, db_default=Band.UNKNOWN)
    coverage = models.PositiveSmallIntegerField(default=0, db_default=0)
    momentum = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True, help_text="Points per 28 days, by a robust slope.")
    before = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="The score a week ago, for the arrow.")
    pulse = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="The success manager's, faded as of the score.")
    pulse_gap = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, help_text="Pulse minus the score without it.")
    parts = models.JSONField(default=list, db_default=[])
    as_of = models.DateTimeField(null=True, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = HealthQuerySet.as_manager()

    class Meta:
        verbose_name = "health"
        verbose_name_plural = "health"
        indexes = [
            models.Index(fields=["stale_since"], condition=Q(stale_since__isnull=False), name="health_stale"),
            # Read by the daily round: whose score is of another day.
            models.Index(fields=["as_of"], name="health_oldest_first"),
            models.Index(F("score").asc(nulls_last=True), "id", name="health_lowest_first"),
            # Read by the portfolio, which pages by row value: (score, account) > (..., ...).
            models.Index(fields=["score", "account"], condition=Q(score__isnull=False), name="health_by_score"),
        ]

    def __str__(self) -> str:
        return f"{self.band} health of account {self.account_id}"


class Feed(models.Model):
    """Something the company's sources tell at all: while there is no ticket anywhere, "no open tickets" is not known but missing. A feed that begins
    or ends changes what is known of every account."""

    name = models.CharField(max_length=20, primary_key=True)
    value = models.PositiveIntegerField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


def hundredths(score: Any) -> int | None:
    return None if score is None else int(score * 100)
