from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet

from ..types import ExperimentState, MetricKind, Rule, Verdict, problem_with_variants


class Experiment(models.Model):
    """A question with two or more answers, of which every account gets one by arithmetic, and the plan of how it will be read."""

    key = models.SlugField(max_length=80, unique=True, help_text="Never changes: it is the seed of the shuffle.")
    name = models.CharField(max_length=120)
    hypothesis = models.TextField(help_text="What should happen, to whom, and why we think so.")
    state = models.CharField(max_length=10, choices=ExperimentState, default=ExperimentState.DRAFT)
    variants = models.JSONField(help_text='The first is the control: [{"key": "control", "name": "No message", "weight": 0.5}, ...].')
    coverage = models.FloatField(default=1.0, validators=[MinValueValidator(0.0001), MaxValueValidator(1)], help_text="The share of accounts in it.")
    metric = models.CharField(max_length=80, help_text="The key of the outcomes it is judged by.")
    metric_words = models.CharField(max_length=160, help_text="What the metric says, such as: signed in again within 14 days.")
    metric_kind = models.CharField(max_length=8, choices=MetricKind, default=MetricKind.SHARE)
    window_days = models.PositiveSmallIntegerField(
        default=14, help_text="Outcomes count this long after exposure; an account is read when its window is over."
    )
    rule = models.CharField(max_length=16, choices=Rule, default=Rule.PLANNED)
    planned_size = models.PositiveIntegerField(validators=[MinValueValidator(20)], help_text="Accounts per variant at the end.")
    planned_looks = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(1), MaxValueValidator(50)])
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=80)
    started_by = models.CharField(max_length=80, blank=True, db_default="")
    stopped_by = models.CharField(max_length=80, blank=True, db_default="")
    stop_reason = models.CharField(max_length=250, blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(coverage__gt=0, coverage__lte=1), name="coverage_is_a_share"),
            # What ran has a beginning, what is over has an end.
            models.CheckConstraint(condition=Q(state="draft") | Q(started_at__isnull=False), name="running_has_begun"),
            models.CheckConstraint(condition=~Q(state="stopped") | Q(stopped_at__isnull=False), name="stopped_has_ended"),
            # With nothing planned there is no share of the plan to spend error by.
            models.CheckConstraint(condition=Q(planned_size__gte=20, planned_looks__gte=1), name="plan_has_a_size"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def variant_keys(self) -> list[str]:
        return [variant["key"] for variant in self.variants]

    @property
    def weights(self) -> list[float]:
        return [variant["weight"] for variant in self.variants]

    def name_of(self, key: str) -> str:
        return next((variant.get("name") or key for variant in self.variants if variant["key"] == key), key)

    def clean(self) -> None:
        if problem := problem_with_variants(self.variants):
            raise ValidationError({"variants": problem})


class Assignment(models.Model):
    """Which variant an account has for good; what was given once is never shuffled again."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    variant = models.CharField(max_length=40)
    bucket = models.FloatField(help_text="Where the hash put it, from 0 to 1.")
    before = models.FloatField(null=True, blank=True, help_text="The metric before assignment, if known: it takes noise out of the read-out (CUPED).")
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Sticky: two workers that assign at once agree.
            models.UniqueConstraint(fields=["experiment", "account"], name="one_assignment_per_account"),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="assignment_by_account")]

    def __str__(self) -> str:
        return f"{self.variant} for account {self.account_id}"


class Exposure(models.Model):
    """The first time that the variant made a difference to what an account got; from here its outcomes count."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="exposures", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Only the first counts.
            models.UniqueConstraint(fields=["experiment", "account"], name="one_exposure_per_account"),
        ]
        # Read by the read-out: whose window is over.
        indexes = [models.Index(fields=["experiment", "at"], name="exposure_by_time")]

    def __str__(self) -> str:
        return f"account {self.account_id} at {self.at:%Y-%m-%d %H:%M}"


class OutcomeRow(models.Model):
    """Something that happened and counts: a share counts accounts that have any above zero, a mean sums them."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="outcomes", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    metric = models.CharField(max_length=80)
    value = models.FloatField()
    at = models.DateTimeField()
    key = models.CharField(max_length=120)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Told twice, counted once.
            models.UniqueConstraint(fields=["experiment", "key"], name="one_outcome_per_key"),
        ]
        indexes = [models.Index(fields=["experiment", "metric", "account", "at"], name="outcome_by_account")]

    def __str__(self) -> str:
        return f"{self.metric} {self.value:g} of account {self.account_id}"


class Look(models.Model):
    """A planned look that was taken: its error is spent, so it is kept for good. `strongest` is the comparison that decides first."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="looks", db_index=False)
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    size = models.PositiveIntegerField(help_text="Accounts in the smallest variant.")
    fraction = models.FloatField(help_text="Share of the planned size.")
    z = models.FloatField(null=True, blank=True)
    boundary = models.FloatField(null=True, blank=True)
    strongest = models.CharField(max_length=40, blank=True)
    verdict = models.CharField(max_length=16, choices=Verdict)
    figures = models.JSONField(default=dict, help_text="Of every variant: accounts, mean, difference, z, boundary, verdict.")
    mismatch_p = models.FloatField()
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="looks_are_counted"),
            # Error is spent along the information, which only grows.
            models.UniqueConstraint(fields=["experiment", "fraction"], name="one_look_per_fraction"),
            models.CheckConstraint(condition=Q(fraction__gt=0, fraction__lte=1), name="fraction_of_the_plan"),
        ]

    def __str__(self) -> str:
        return f"look {self.number}: {self.get_verdict_display()}"


class Override(models.Model):
    """Somebody with the right to decided that an account gets something else than its variant. It stays counted where it was assigned."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="overrides", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    variant = models.CharField(max_length=40)
    reason = models.CharField(max_length=250)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="override_says_why"),
        ]
        # Read by assign: the newest one holds.
        indexes = [models.Index(fields=["experiment", "account", "-id"], name="override_by_account")]

    def __str__(self) -> str:
        return f"{self.variant} for account {self.account_id}: {self.reason}"
