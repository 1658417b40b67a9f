"""What keeps memberships right: lists made by hand, marks of changes, hours at which time alone moves somebody, nightly looks at everybody."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.events.models import Event

from ..types import ListedFrom
from .segments import Segment


class ListedAccount(models.Model):
    """An account that somebody put into a segment by hand or by a file; the condition `listed` reads it."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="listed", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=6, choices=ListedFrom, default=ListedFrom.HAND)
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "account"], name="listed_once_per_segment")]

    def __str__(self) -> str:
        return f"{self.account_id} listed in {self.segment_id}"


class SegmentMark(models.Model):
    """More is known of an account than its memberships say. The row stays.

    Whoever writes memberships of an account holds it, so that they take turns.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="+")
    kinds = models.PositiveIntegerField(default=0, db_default=0, help_text="What changed, as bits.")
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [
            # Read by whoever settles marks.
            models.Index(fields=["stale_since", "account"], condition=Q(stale_since__isnull=False), name="segment_stale"),
        ]

    def __str__(self) -> str:
        return f"segments of account {self.account_id}"


class SegmentWake(models.Model):
    """The next moment at which time alone could move an account in or out of a segment. No row: time alone never does."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="wakes", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "account"], name="one_wake_per_segment_account")]
        indexes = [
            # Read by whoever takes what is due.
            models.Index(fields=["due_at", "account"], name="segment_wake_due"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.segment_id} at {self.due_at}"


class SegmentRebuild(models.Model):
    """A look at everybody by the rule as one statement, held against the memberships that were kept from change to change: nobody may differ."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="rebuilds", db_index=False)
    at = models.DateTimeField()
    members = models.PositiveIntegerField(help_text="Who should be in it.")
    missing = models.PositiveIntegerField(help_text="Who should be in it and was not.")
    surplus = models.PositiveIntegerField(help_text="Who was in it and should not.")
    examples = models.JSONField(default=list, help_text="Ids of some of them.")
    seconds = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["segment", "-at"], name="rebuild_by_segment")]

    def __str__(self) -> str:
        return f"{self.segment_id} at {self.at}: {self.missing} missing, {self.surplus} too many"
