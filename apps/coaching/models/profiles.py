from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet

from ..types import FitKind


class Pattern(models.Model):
    """A way of working with the product that many accounts share. Its key stays over re-fits, and so does the name staff gave it."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80, help_text="For staff; made of what is strongest in it, until somebody writes a better one.")
    words = models.CharField(max_length=250, blank=True, help_text="What accounts of this pattern do, in one sentence.")
    named_by_hand = models.BooleanField(default=False, editable=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class ProfileFit(models.Model):
    """One look at how all accounts behave: how many patterns there are, and why so many. The newest is in force."""

    kind = models.CharField(max_length=8, choices=FitKind)
    as_of = models.DateTimeField(help_text="Nothing later was looked at.")
    made_at = models.DateTimeField()
    accounts = models.PositiveIntegerField()
    patterns = models.PositiveSmallIntegerField()
    stability = models.JSONField(
        default=list, help_text='Of each number of patterns tried: {"k": 4, "ari": 0.91, "smallest": 0.12, "fits": true}; docs/coaching.md.'
    )
    scales = models.JSONField(default=dict, help_text="Of each behaviour: its quantiles over the accounts, by which a new one is placed.")
    centres = models.JSONField(default=dict, help_text="Of each pattern by key: its centre in rank-Gaussian behaviours.")
    seed = models.BigIntegerField(default=0)

    class Meta:
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"{self.patterns} patterns of {self.accounts} accounts"


class CoachingProfile(models.Model):
    """How one account works with the product: its pattern, what it does better and worse than others, with the evidence."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="coaching_profile")
    fit = models.ForeignKey(ProfileFit, on_delete=models.PROTECT, related_name="+")
    pattern = models.ForeignKey(Pattern, on_delete=models.PROTECT, related_name="profiles")
    since = models.DateTimeField(help_text="When it was first seen in this pattern.")
    as_of = models.DateTimeField()
    measures = models.JSONField(default=dict, help_text='By behaviour: {"value": 4, "place": 0.31}; the place is its percentile, 0 to 1.')
    strengths = models.JSONField(default=list, help_text="Behaviours in which it is ahead, in words with evidence.")
    gaps = models.JSONField(default=list, help_text="Behaviours in which it is behind, in words with evidence; the widest first.")
    closeness = models.FloatField(default=1.0, help_text="How clearly it belongs: 1 to one pattern alone, near 0 as much to another.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(closeness__range=(0, 1)), name="closeness_zero_to_one")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.pattern_id}"
