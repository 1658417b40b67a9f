from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet, User

from ..types import RuleKind, RuleState, Severity, TrialState


class AlertRule(models.Model):
    """What is worth a person's eyes. Every alert has one, also the matters that the product raises by itself (`notice`)."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    why = models.CharField(max_length=250, blank=True, help_text="What it is for, in one sentence.")
    kind = models.CharField(max_length=12, choices=RuleKind)
    state = models.CharField(max_length=8, choices=RuleState, default=RuleState.DRAFT)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARNING)
    current = models.ForeignKey("RuleVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="The version in force.")
    digest = models.BooleanField(default=False, help_text="Told in a digest only: a person chose it, or too few of its alerts were useful.")
    score = models.FloatField(null=True, blank=True, help_text="The score it has tuned itself to; empty: the one that is written.")
    tuned_at = models.DateTimeField(null=True, blank=True, help_text="When somebody last said whether one of its alerts was useful.")
    live_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is watched; what held before is no news.")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            # What is watched says how.
            models.CheckConstraint(condition=~Q(state="live") | Q(kind="notice") | Q(current__isnull=False), name="live_rule_says_something"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """A rule as it was once put in force. Rows are never edited: an alert keeps the version that it was raised by."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    says = models.JSONField(help_text="The definition: docs/alert-rules.md describes it.")
    note = models.CharField(max_length=250, blank=True, help_text="What changed, and why.")
    written_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty: shipped, or tuned by itself."
    )
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="one_rule_version_per_number")]

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.number}"


class Watched(models.Model):
    """What a rule remembers of an account (none: of the house) as of the end of `day`. Without a row it remembers nothing: it does not fire."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="watched", db_index=False)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="Empty: the house.")
    day = models.DateField(help_text="The last day that was judged.")
    since = models.DateField(null=True, blank=True, help_text="The day on which the matter began; empty: it does not fire.")
    wait = models.PositiveSmallIntegerField(default=0, help_text="Days in a row over the limit, before it began.")
    calm = models.PositiveSmallIntegerField(default=0, help_text="Days in a row calm, since it began.")
    began_on = models.DateField(null=True, blank=True, help_text="When it last began: nobody is told again within the pause.")
    pattern = models.JSONField(null=True, blank=True, help_text="What is usual: level, week, spread; its size does not grow.")
    far = models.FloatField(default=0, help_text="How far beyond its limit, 1 at the limit.")
    facts = models.JSONField(default=dict, help_text="The figures of the day on which it began.")
    untold = models.BooleanField(default=False, help_text="It began, and no alert says so yet.")
    early = models.CharField(max_length=6, blank=True, help_text="What today brought before it was over: began or ended.")
    early_on = models.DateField(null=True, blank=True, help_text="Which day that was.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "watched"
        constraints = [
            # One memory per rule and account, or the house.
            models.UniqueConstraint(fields=["rule", "account"], nulls_distinct=False, name="one_memory_per_rule_account"),
        ]
        indexes = [
            # Read when the beginnings of a day are told.
            models.Index(fields=["rule", "began_on"], condition=Q(untold=True), name="watched_untold"),
            # Read by the page of a rule: where it fires now.
            models.Index(fields=["rule", "since"], condition=Q(since__isnull=False), name="watched_firing"),
            # Read when it is asked how many began today.
            models.Index(fields=["rule", "early_on"], condition=Q(early_on__isnull=False), name="watched_early"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} of {self.account_id or 'the house'}"


class RuleDay(models.Model):
    """One day as a rule saw it. Days follow each other without a gap, so that a memory is never of two minds."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True, help_text="Everybody was looked at.")
    told_at = models.DateTimeField(null=True, blank=True, help_text="Every beginning has its alert.")
    looked = models.PositiveIntegerField(default=0, help_text="Of how many the figure was known.")
    missing = models.PositiveIntegerField(default=0, help_text="Of how many it was not known, though it had been.")
    began = models.PositiveIntegerField(default=0)
    together = models.BooleanField(default=False, help_text="So many began at once that one alert stands for all.")

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["rule", "day"], name="one_row_per_rule_day")]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.day}"


class WatchMark(models.Model):
    """Something became known of an account that rules may look at. The row goes when somebody has looked."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["since"], name="watch_mark_oldest")]

    def __str__(self) -> str:
        return f"look at account {self.account_id}"


class RuleTrial(models.Model):
    """A definition tried on past days: asked for, worked on, stopped, begun again after its worker died, ended with what it found."""

    rule = models.ForeignKey(
        AlertRule, null=True, blank=True, on_delete=models.CASCADE, related_name="trials", db_index=False, help_text="Empty: never saved."
    )
    says = models.JSONField(help_text="What was tried; it may be a draft that was never saved.")
    state = models.CharField(max_length=8, choices=TrialState, default=TrialState.ASKED)
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    first = models.DateField()
    last = models.DateField()
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="Of what `done` counts; 0 while nobody knows.")
    attempts = models.PositiveSmallIntegerField(default=0)
    stop_asked = models.BooleanField(default=False)
    beat_at = models.DateTimeField(null=True, blank=True, help_text="The last sign of life of its worker.")
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict, blank=True, help_text="What it found: docs/alert-rules.md describes it.")
    error = models.CharField(max_length=250, blank=True, help_text="Why it ended without a result.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(first__lte=models.F("last")), name="trial_has_days")]
        indexes = [
            models.Index(fields=["rule", "-id"], name="trial_by_rule"),
            # Read by the sweep.
            models.Index(fields=["asked_at"], condition=Q(state__in=["asked", "running"]), name="trial_open"),
        ]

    def __str__(self) -> str:
        return f"trial of {self.rule_id}, {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (TrialState.ASKED, TrialState.RUNNING)
