from datetime import datetime

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.events.models import Event

from .types import Band, DefinitionKind, ModelKind


class ChurnDefinition(models.Model):
    """What leaving means for this company, and how far ahead we look."""

    name = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=DefinitionKind)
    horizon_days = models.PositiveIntegerField(default=90)
    inactive_days = models.PositiveIntegerField(null=True, blank=True, help_text="For 'silent': this many days without activity are leaving.")
    is_default = models.BooleanField(default=False, help_text="The one that staff pages, plays and alerts use.")

    class Meta:
        constraints = [
            # Pages, plays and alerts speak of one risk.
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_definition"),
            models.CheckConstraint(condition=~Q(kind="inactive") | Q(inactive_days__gt=0), name="inactive_needs_days"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def in_words(self) -> str:
        if self.kind == DefinitionKind.INACTIVE:
            return f"no activity for {self.inactive_days} days, looked at over the next {self.horizon_days} days"
        if self.kind == DefinitionKind.SNAPSHOT:
            return "the imported column says the customer left"
        return f"the customer cancels within the next {self.horizon_days} days"


class ModelVersion(models.Model):
    """One way of scoring: the weighted rule, or a trained model with its evidence. `parameters` hold all that scoring needs; nothing is unpickled."""

    definition = models.ForeignKey(ChurnDefinition, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=ModelKind)
    is_live = models.BooleanField(default=False)
    parameters = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict, help_text="Measured on later dates than the training rows, beside the do-nothing baseline.")
    decision = models.TextField(blank=True, help_text="Why it was or was not put to work.")
    trained_as_of = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="one_model_number"),
            # Two live models would give one account two risks.
            models.UniqueConstraint(fields=["definition"], condition=Q(is_live=True), name="one_live_model"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.number}"


class Prediction(models.Model):
    """A risk as it was known at a moment, with its reasons; never rewritten."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="predictions")
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="predictions")
    as_of = models.DateTimeField()
    probability = models.FloatField()
    band = models.CharField(max_length=8, choices=Band)
    reasons = models.JSONField(default=list, help_text="Signed contributions in words, strongest first.")
    created_at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(probability__gte=0) & Q(probability__lte=1), name="probability_in_range")]
        indexes = [
            # Read by the account page's risk history.
            models.Index(fields=["account", "-as_of", "-id"], name="prediction_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.probability:.0%} for account {self.account_id}"


class RiskQuerySet(OfAccountQuerySet):
    def stale_now(self, now: datetime) -> "RiskQuerySet":
        """Read by churn.score_stale: accounts whose activity is newer than their score."""
        return self.filter(stale_since__lte=now).order_by("stale_since", "id")


class AccountRisk(models.Model):
    """The present risk of an account by the default definition: what lists sort by. `stale_since` says that newer activity waits to be scored."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="risk")
    prediction = models.ForeignKey(Prediction, null=True, blank=True, on_delete=models.PROTECT)
    probability = models.FloatField(null=True, blank=True)
    band = models.CharField(max_length=8, choices=Band, default=Band.LOW, db_default=Band.LOW)
    reasons = models.JSONField(default=list, db_default=[])
    source = models.CharField(max_length=60, blank=True, db_default="", help_text="rule v1 or logistic v3.")
    as_of = models.DateTimeField(null=True, blank=True)
    before = models.FloatField(null=True, blank=True, help_text="The probability about a week ago, for the arrow.")
    stake = models.FloatField(null=True, blank=True, help_text="ARR x risk when it was last scored: lists are ranked by it.")
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = RiskQuerySet.as_manager()

    class Meta:
        verbose_name = "risk"
        indexes = [
            models.Index(fields=["stale_since"], condition=Q(stale_since__isnull=False), name="risk_stale"),
            models.Index(F("probability").desc(nulls_last=True), "id", name="risk_highest_first"),
            # Read by the portfolio, which pages by row value: (stake, account) < (..., ...).
            models.Index(fields=["stake", "account"], condition=Q(stake__isnull=False), name="risk_by_stake"),
            models.Index(fields=["probability", "account"], condition=Q(probability__isnull=False), name="risk_by_probability"),
        ]

    def __str__(self) -> str:
        return f"{self.band} risk of account {self.account_id}"
