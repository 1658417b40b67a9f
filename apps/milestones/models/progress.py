from datetime import timedelta

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet

from ..types import STANDARD, Pace, ProgressState, Via
from .definitions import Milestone, MilestoneVersion


class ProgressQuerySet(OfAccountQuerySet):
    def achieved(self) -> "ProgressQuerySet":
        return self.filter(state=ProgressState.ACHIEVED)

    def under_way(self) -> "ProgressQuerySet":
        return self.filter(state=ProgressState.OPEN)


class Progress(models.Model):
    """How far one account is with one milestone. There is a row from the moment it opens, or was done; none yet means locked."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="milestones", db_index=False)
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="progress", db_index=False)
    version = models.ForeignKey(
        MilestoneVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="By which it is judged."
    )
    variant = models.CharField(max_length=40, default=STANDARD, help_text="How hard it is for them; fixed once they have begun.")
    state = models.CharField(max_length=10, choices=ProgressState, default=ProgressState.LOCKED)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When the last thing it needs was reached: its clock begins.")
    offered_at = models.DateTimeField(null=True, blank=True, help_text="When it was made their next one, and the variant was chosen.")
    started_at = models.DateTimeField(null=True, blank=True, help_text="The first thing they did for it.")
    achieved_at = models.DateTimeField(null=True, blank=True, help_text="When it happened, not when we found out.")
    noticed_at = models.DateTimeField(null=True, blank=True, help_text="When we found out.")
    found_at = models.DateTimeField(null=True, blank=True, help_text="When the criteria themselves were met, whoever else said so.")
    via = models.CharField(max_length=10, choices=Via, blank=True, default="")
    proof = models.CharField(max_length=500, blank=True, default="", help_text="What shows it, where a person or another system said so.")
    source = models.CharField(max_length=60, blank=True, default="")
    have = models.FloatField(default=0.0, help_text="What they have of what is asked.")
    target = models.FloatField(default=1.0, help_text="What is asked in their variant.")
    pace = models.CharField(max_length=10, choices=Pace, default=Pace.ON_TRACK)
    behind_at = models.DateTimeField(null=True, blank=True, help_text="When three quarters of their cohort would have reached it.")
    stuck_at = models.DateTimeField(null=True, blank=True, help_text="When nine tenths would have.")

    ruled = models.BooleanField(
        default=True, db_default=True, help_text="Off once a person took it back: from then on only somebody's word reaches it again."
    )
    paused_at = models.DateTimeField(null=True, blank=True, help_text="Since when its clock stands still.")
    rested = models.DurationField(default=timedelta(0), db_default=timedelta(0), help_text="How long its clock stood still before.")

    objects = ProgressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "milestone"], name="one_progress_per_account_milestone"),
            # Reached means: we know when, and how we know.
            models.CheckConstraint(
                condition=(Q(state="achieved", achieved_at__isnull=False, noticed_at__isnull=False) & ~Q(via=""))
                | (~Q(state="achieved") & Q(achieved_at__isnull=True, via="")),
                name="achieved_says_when_and_how",
            ),
            # A clock that stands still says since when.
            models.CheckConstraint(condition=Q(state="paused", paused_at__isnull=False) | ~Q(state="paused"), name="paused_says_since_when"),
        ]
        indexes = [
            # Read by cohort durations and boards.
            models.Index(fields=["milestone", "state", "achieved_at"], name="progress_by_milestone"),
            # Read by the clock that finds who fell behind.
            models.Index(fields=["behind_at"], condition=Q(state="open", pace="on_track"), name="progress_behind_next"),
            models.Index(fields=["behind_at"], condition=Q(state="open", pace__in=["behind", "stuck"]), name="progress_back_on_track"),
            models.Index(fields=["stuck_at"], condition=Q(state="open", pace__in=["on_track", "behind"]), name="progress_stuck_next"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.milestone_id}"
