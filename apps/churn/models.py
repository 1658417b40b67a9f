from datetime import datetime

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.events.models import Event

from .types import Band, CareKind, CheckKind, DefinitionKind, ModelKind, RunState


class ChurnDefinition(models.Model):
    """What leaving means for this company, and how far ahead we look."""

    name = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=DefinitionKind)
    revision = models.PositiveIntegerField(default=1, db_default=1, help_text="Grows when the meaning changes; a model speaks for one meaning only.")
    horizon_days = models.PositiveIntegerField(default=90)
    inactive_days = models.PositiveIntegerField(null=True, blank=True, help_text="For 'silent': this many days without activity are leaving.")
    least_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="For 'downgraded': a fall of the yearly revenue by at least this share, in percent."
    )
    leave_unpaid_apart = models.BooleanField(
        default=False, db_default=False, help_text="For 'cancelled': who is lost to a failed payment did not cancel."
    )
    is_default = models.BooleanField(default=False, help_text="The one that staff pages, plays and alerts use.")

    class Meta:
        constraints = [
            # Pages, plays and alerts speak of one risk.
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_definition"),
            models.CheckConstraint(condition=~Q(kind="inactive") | Q(inactive_days__gt=0), name="inactive_needs_days"),
            models.CheckConstraint(condition=~Q(kind="downgraded") | Q(least_percent__range=(1, 100)), name="downgraded_needs_share"),
            models.CheckConstraint(condition=Q(kind="cancelled") | Q(leave_unpaid_apart=False), name="only_cancelled_leaves_apart"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def in_words(self) -> str:
        """What it means, as the end of a sentence that begins "A customer counts as leaving when ..."."""
        ahead = f"within the next {self.horizon_days} days"
        return {
            DefinitionKind.CANCELLED: f"the customer cancels {ahead}" + (", not counting failed payments" if self.leave_unpaid_apart else ""),
            DefinitionKind.NOT_RENEWED: f"a renewal falls due {ahead} and is not renewed",
            DefinitionKind.DOWNGRADED: f"the yearly revenue falls by {self.least_percent} % or more {ahead}, and the customer stays",
            DefinitionKind.UNPAID: f"the customer is lost to a failed payment {ahead}",
            DefinitionKind.INACTIVE: f"no activity for {self.inactive_days} days, looked at over the next {self.horizon_days} days",
            DefinitionKind.SNAPSHOT: "the imported column says the customer left",
        }[DefinitionKind(self.kind)]


class ModelVersion(models.Model):
    """One way of scoring: the weighted rule, or a trained model with its evidence. `parameters` hold all that scoring needs; nothing is unpickled."""

    definition = models.ForeignKey(ChurnDefinition, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=ModelKind)
    revision = models.PositiveIntegerField(default=1, db_default=1, help_text="The revision of the definition that it speaks for.")
    is_live = models.BooleanField(default=False, help_text="The champion: its scores are the accounts' risks.")
    is_challenger = models.BooleanField(default=False, db_default=False, help_text="Scores beside the champion, unseen, until somebody decides.")
    before = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="What was at work until this went to work: the way back.",
    )
    parameters = models.JSONField(default=dict)
    checksum = models.CharField(max_length=64, blank=True, db_default="", help_text="SHA-256 of the parameters as they were learned.")
    golden = models.JSONField(default=list, db_default=[], help_text="Rows with the log-odds they must get: checked before the version speaks.")
    made = models.JSONField(default=dict, db_default={}, help_text="Data window, hash of the features, versions of the code and the libraries.")
    metrics = models.JSONField(default=dict, help_text="Measured on later dates than the training rows, beside the do-nothing baseline.")
    decision = models.TextField(blank=True, help_text="Why it was or was not put to work.")
    trained_as_of = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="one_model_number"),
            # Two live models would give one account two risks.
            models.UniqueConstraint(fields=["definition"], condition=Q(is_live=True), name="one_live_model"),
            models.UniqueConstraint(fields=["definition"], condition=Q(is_challenger=True), name="one_challenger"),
            models.CheckConstraint(condition=~Q(is_live=True, is_challenger=True), name="champion_or_challenger"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.number}"


class Prediction(models.Model):
    """A risk as it was known at a moment, with its reasons; never rewritten."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="predictions", db_index=False)
    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="predictions")
    as_of = models.DateTimeField()
    probability = models.FloatField()
    low = models.FloatField(null=True, blank=True, help_text="Lower end of the 80 % interval; none where a rule speaks.")
    high = models.FloatField(null=True, blank=True)
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
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
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


class ShadowScore(models.Model):
    """What the challenger would have said beside the champion's prediction. Nobody acts on it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="shadows", db_index=False)
    as_of = models.DateTimeField()
    probability = models.FloatField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # A repeated pass over the same moment says nothing new.
            models.UniqueConstraint(fields=["model", "account", "as_of"], name="one_shadow_per_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.probability:.0%} for account {self.account_id}"


class TrainingRun(models.Model):
    """One attempt to learn a model: asked for, moved on step by step, ended with its reason. A run whose worker died starts again."""

    definition = models.ForeignKey(ChurnDefinition, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    asked_by = models.CharField(max_length=120)
    why = models.CharField(max_length=200, help_text="On demand, by schedule, or because of drift.")
    as_of = models.DateTimeField(help_text="Nothing later is learned from.")
    step = models.CharField(max_length=120, blank=True, help_text="What it is doing now.")
    done = models.FloatField(default=0, help_text="Share of the work that is over, 0 to 1.")
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True, blank=True, help_text="The last sign of life of its worker.")
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.ForeignKey(ModelVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")
    result = models.TextField(blank=True, help_text="What came of it, in words.")

    class Meta:
        constraints = [
            # Two runs of one definition would race for one place.
            models.UniqueConstraint(fields=["definition"], condition=Q(state__in=["queued", "running"]), name="one_open_training"),
            models.CheckConstraint(condition=Q(done__gte=0, done__lte=1), name="training_share"),
        ]

    def __str__(self) -> str:
        return f"training of {self.definition_id}, {self.state}"


class Check(models.Model):
    """A look back at a model: its matured predictions against what happened, or the present data against what it learned from."""

    model = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="checks", db_index=False)
    kind = models.CharField(max_length=10, choices=CheckKind)
    as_of = models.DateTimeField()
    figures = models.JSONField(default=dict)
    alarm = models.BooleanField(default=False, help_text="Beyond what chance explains at this size.")
    verdict = models.TextField(help_text="In words.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "kind", "as_of"], name="one_check_per_moment")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.model_id}"


class Care(models.Model):
    """An account that somebody tried to keep, or held back to compare, from a moment on: a model that learns from it unaware learns wrong."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=CareKind)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "account"], name="one_care_per_event")]
        indexes = [
            # Read when rows to learn from are gathered: what happened in a label window.
            models.Index(fields=["since", "account"], name="care_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: account {self.account_id}"
