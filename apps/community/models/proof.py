"""Social proof: statements about many, and each number that was ever published with who was behind it."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from apps.core.models import Versioned
from apps.milestones.models import Milestone

from ..types import Cohort, Deed, Verdict


class Statement(Versioned):
    """A sentence with one number in it, and the rule that makes it true. Numbers are made once a day."""

    key = models.SlugField(max_length=60, unique=True)
    words = models.JSONField(help_text='The sentence with {number}: {"en": "{number} teams your size …", "de": "…"}.')
    deed = models.CharField(max_length=10, choices=Deed)
    activity = models.CharField(max_length=160, blank=True, help_text="The name of what was done.")
    milestone = models.ForeignKey(Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="statements")
    days = models.PositiveSmallIntegerField(default=7, validators=[MinValueValidator(1)], help_text="The first, or the last, so many days.")
    cohort = models.CharField(max_length=10, choices=Cohort, blank=True, default=Cohort.EVERYBODY)
    cohort_value = models.CharField(max_length=80, blank=True)
    live = models.BooleanField(default=False)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deed="milestone", milestone__isnull=False) | ~Q(deed="milestone") & ~Q(activity=""), name="statement_tells_of_one_deed"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Published(models.Model):
    """What a day's round made of a statement. A published row is never changed: somebody may have read it."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="published", db_index=False)
    version = models.PositiveIntegerField(help_text="Of the statement.")
    on = models.DateField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    number = models.PositiveBigIntegerField(null=True, blank=True, help_text="As it is shown: rounded down.")
    why = models.CharField(max_length=250, blank=True, help_text="Why it is not shown.")
    counted = models.PositiveIntegerField(help_text="Distinct accounts behind it; never shown to customers.")
    others = models.PositiveIntegerField(help_text="Comparable accounts that did not do it; never shown to customers.")
    behind = ArrayField(models.BigIntegerField(), default=list, help_text="The accounts behind it, so that no two numbers give a few of them away.")

    class Meta:
        verbose_name_plural = "published statements"
        constraints = [
            # The refresh is fixed: one number a day.
            models.UniqueConstraint(fields=["statement", "on"], name="one_number_a_day"),
            models.CheckConstraint(
                condition=Q(verdict="published", number__isnull=False) | Q(verdict="suppressed", number=None), name="shown_or_not"
            ),
            models.CheckConstraint(condition=Q(verdict="suppressed") | Q(counted__gte=10, others__gte=10), name="ten_on_either_side"),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} on {self.on}"
