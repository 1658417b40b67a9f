from django.db import models
from django.db.models import F, Q

from .definitions import Milestone


class Pacing(models.Model):
    """How long a cohort took from opening to reaching a milestone, and from when on others of it count as behind and stuck."""

    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="pacings", db_index=False)
    plan = models.CharField(max_length=80, blank=True, default="", help_text="The cohort: accounts on this plan; empty: everybody.")
    completions = models.PositiveIntegerField(help_text="How many reached it, so that their durations are known.")
    behind_days = models.FloatField(help_text="Three quarters of them were there by then.")
    stuck_days = models.FloatField(help_text="Nine tenths of them were.")
    as_of = models.DateTimeField()

    class Meta:
        verbose_name = "learned pace"
        constraints = [
            models.UniqueConstraint(fields=["milestone", "plan"], name="one_pacing_per_cohort"),
            models.CheckConstraint(condition=Q(stuck_days__gte=F("behind_days")), name="stuck_after_behind"),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.plan}".strip()
