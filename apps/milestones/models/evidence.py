"""What reaching is judged from beside activity: what others said, what accounts were, and who is to be looked at again."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.events.models import Event

from ..types import ClaimKind
from .definitions import Milestone


class ClaimQuerySet(OfAccountQuerySet):
    def standing(self) -> "ClaimQuerySet":
        """What its maker still says."""
        return self.filter(withdrawn_at__isnull=True)


class Claim(models.Model):
    """Somebody's word that an account reached a milestone, or did not (`denies`). Never edited: withdrawn, and said anew."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="milestone_claims", db_index=False)
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="claims")
    kind = models.CharField(max_length=10, choices=ClaimKind)
    source = models.CharField(max_length=60, blank=True, help_text="The other system's name; of people: empty.")
    key = models.CharField(max_length=120, help_text="The same word again is known by it.")
    denies = models.BooleanField(default=False, help_text="It says that they did not.")
    at = models.DateTimeField(help_text="When it happened, as they say.")
    proof = models.CharField(max_length=500, blank=True, default="")
    actor = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=250, blank=True, default="")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            # Said twice is said once.
            models.UniqueConstraint(fields=["account", "milestone", "kind", "source", "key"], name="one_claim_per_key"),
            # A person's word needs something to show for it.
            models.CheckConstraint(condition=~Q(kind="manual") | Q(denies=True) | ~Q(proof=""), name="manual_claim_has_proof"),
        ]
        # Read when the account is judged.
        indexes = [models.Index(fields=["account", "milestone"], condition=Q(withdrawn_at__isnull=True), name="claim_standing")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.milestone_id} by {self.kind}"


class Held(models.Model):
    """Since when a trait or a metric of an account has been as some criterion asks: kept, because the account itself remembers only today."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    what = models.CharField(max_length=200, help_text="The criterion as text, for example trait:sso:true.")
    since = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "held condition"
        constraints = [models.UniqueConstraint(fields=["account", "what"], name="one_held_per_condition")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.what}"


class PathMarkQuerySet(OfAccountQuerySet):
    def stale_now(self, now: datetime) -> "PathMarkQuerySet":
        """Read by milestones.evaluate_stale: accounts of which more is known than their progress says."""
        return self.filter(stale_since__lte=now).order_by("stale_since", "id")


class PathMark(models.Model):
    """An account whose progress is to be looked at: `stale_since` says that something newer waits."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="path_mark")
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = PathMarkQuerySet.as_manager()

    class Meta:
        # Read by milestones.evaluate_stale.
        indexes = [models.Index(fields=["stale_since", "id"], condition=Q(stale_since__isnull=False), name="path_mark_waiting")]

    def __str__(self) -> str:
        return f"mark of account {self.account_id}"
