from datetime import datetime

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.core.models import Versioned

from ..types import SegmentState


class Segment(Versioned):
    """Accounts that belong together by a rule. What the rule is stands in its versions, who is in it in its memberships."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    why = models.CharField(max_length=250, blank=True, help_text="What it is for.")
    state = models.CharField(max_length=8, choices=SegmentState, default=SegmentState.DRAFT)
    current = models.ForeignKey("SegmentVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # How many are in it; moved with every membership in the same statement.
    size = models.PositiveIntegerField(default=0, editable=False)
    # Which kinds of change can move anybody in it, as bits (segments/matters.py): those of its current version.
    matters = models.PositiveIntegerField(default=0, editable=False)
    filled_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When everybody had been looked at by the current rule; empty while that goes on."
    )
    # How far the first look at everybody came: all accounts up to this one.
    filled_to = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            # A live segment has a rule.
            models.CheckConstraint(condition=~Q(state="live") | Q(current__isnull=False), name="live_segment_has_rule"),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """The rule of a segment from some moment on; never changed."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    rule = models.JSONField(help_text="docs/segments.md says how it is written.")
    leaves = models.JSONField(
        null=True, blank=True, help_text="A second rule: who no longer fits stays in until it holds. Empty: they leave once they no longer fit."
    )
    stay_days = models.PositiveSmallIntegerField(default=0, help_text="Nobody leaves sooner after they came in.")
    note = models.CharField(max_length=250, blank=True, help_text="What changed and why.")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="one_segment_version_per_number")]

    def __str__(self) -> str:
        return f"{self.segment_id} v{self.number}"


class MembershipQuerySet(OfAccountQuerySet):
    def open(self) -> "MembershipQuerySet":
        """Who is in now."""
        return self.filter(left_at__isnull=True)

    def at(self, moment: datetime) -> "MembershipQuerySet":
        """Who was in at a moment."""
        return self.filter(Q(left_at__isnull=True) | Q(left_at__gt=moment), entered_at__lte=moment)


class Membership(models.Model):
    """One stay of an account in a segment, [entered_at, left_at)."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(SegmentVersion, on_delete=models.PROTECT, related_name="+", help_text="The rule by which it came in.")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "account"], condition=Q(left_at=None), name="in_a_segment_once"),
            models.UniqueConstraint(fields=["segment", "account", "entered_at"], name="one_stay_per_entry"),
            models.CheckConstraint(condition=Q(left_at=None) | Q(left_at__gte=models.F("entered_at")), name="left_after_entered"),
        ]
        indexes = [
            # Read by the account's page.
            models.Index(fields=["account", "segment"], condition=Q(left_at=None), name="membership_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.segment_id}"
