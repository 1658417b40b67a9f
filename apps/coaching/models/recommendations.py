from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, OfAccountQuerySet

from ..types import Answer, RecommendationState
from .profiles import Pattern
from .tips import Tip, TipVersion


class CoachingRules(models.Model):
    """How many tips, how often, and how many are held back so that their effect can be told. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    slots = models.PositiveSmallIntegerField("tips in a slate", default=3)
    per_week = models.PositiveSmallIntegerField("tips a week", default=3, help_text="An account is shown at most so many new tips in seven days.")
    held_percent = models.FloatField(
        "held back at random, %", default=10.0, help_text="Of every slot. Fewer than 10 % make the effect take longer to tell."
    )
    window_days = models.PositiveSmallIntegerField(
        "days until its effect is read", default=28, help_text="As many days before are compared with it; then an unanswered tip is out of date."
    )
    rest_days = models.PositiveSmallIntegerField("days until a tip may come again", default=90)
    later_days = models.PositiveSmallIntegerField("days after “not now”", default=14)

    class Meta:
        verbose_name = "coaching rules"
        verbose_name_plural = "coaching rules"
        constraints = [
            # A second row would be a second truth.
            models.CheckConstraint(condition=Q(id=1), name="one_row_of_coaching_rules"),
            models.CheckConstraint(condition=Q(slots__range=(1, 5)), name="slate_of_one_to_five"),
            # Nothing held back would mean that no effect could ever be told; half is a waste.
            models.CheckConstraint(condition=Q(held_percent__range=(2, 50)), name="held_back_two_to_fifty_percent"),
            models.CheckConstraint(condition=Q(window_days__range=(7, 90)), name="tip_window_7_to_90_days"),
        ]

    def __str__(self) -> str:
        return "Coaching rules"


class Slate(models.Model):
    """The tips chosen for an account at one moment."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="slates", db_index=False)
    key = models.CharField(max_length=60, help_text="The account and the day; asked again, the first slate stands.")
    pattern = models.ForeignKey(Pattern, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    passed_over = models.JSONField(default=list, help_text='Tips that were not allowed and why: [{"tip": "key", "why": "..."}].')

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # A worker that died after it chose finds its slate again.
            models.UniqueConstraint(fields=["key"], name="one_slate_per_key"),
        ]
        indexes = [
            # Read by the job that finds whose turn it is, and by the dose limit.
            models.Index(fields=["account", "-at"], name="slate_by_account"),
        ]

    def __str__(self) -> str:
        return self.key


class RecommendationQuerySet(OfAccountQuerySet):
    def shown(self) -> "RecommendationQuerySet":
        """Without what was held back at random: nobody may see those, or they are no comparison any more."""
        return self.filter(held_back=False)

    def waiting(self) -> "RecommendationQuerySet":
        return self.filter(state=RecommendationState.OPEN)

    def due(self, now: datetime) -> Any:
        """Whose effect can be read."""
        return self.filter(read_at__isnull=True, due_at__lte=now).order_by("due_at", "pk")


class Recommendation(models.Model):
    """One tip for one account in one slot, whether it was shown or held back at random; what was answered, and what they did before and after.

    `before` and `after` are counts of the tip's target behaviour over equal numbers of days, for shown ones and held-back ones alike: their
    difference is what the tip is worth.
    """

    slate = models.ForeignKey(Slate, on_delete=models.CASCADE, related_name="recommendations", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recommendations", db_index=False)
    tip = models.ForeignKey(Tip, on_delete=models.PROTECT, related_name="recommendations", db_index=False)
    version = models.ForeignKey(TipVersion, on_delete=models.PROTECT, related_name="+")
    slot = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=RecommendationState, default=RecommendationState.OPEN)
    held_back = models.BooleanField(default=False)
    held_chance = models.FloatField(help_text="The chance with which this slot was held back.")
    propensity = models.FloatField(help_text="The chance that this tip had in this slot.")
    decision = models.BigIntegerField(null=True, blank=True, help_text="The choice in experiments that learns from it; none for what was held back.")
    candidates = models.JSONField(default=list, help_text="The tips that could have been taken instead, with their chances.")
    reason = models.CharField(max_length=250, help_text="Why this one.")
    evidence = models.JSONField(default=list, help_text='Facts in words: [{"words": "...", "about": "...", "events": [1]}].')
    expected = models.FloatField(help_text="The chance that it helps, as far as was known, 0 to 1.")
    at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When its effect is read.")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=120, blank=True, default="")
    ended_because = models.CharField(max_length=120, blank=True, default="", help_text="Why it is out of date.")
    before = models.FloatField(help_text="Target behaviour in the days before, as many as the window has.")
    before_that = models.FloatField(default=0.0, help_text="The same, once more as long ago.")
    after = models.FloatField(null=True, blank=True, help_text="Target behaviour within the window.")
    moved = models.BooleanField(null=True, blank=True, help_text="Whether the behaviour rose as far as the tip asks.")
    read_at = models.DateTimeField(null=True, blank=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slate", "slot"], name="one_tip_per_slot"),
            models.UniqueConstraint(fields=["slate", "tip"], name="one_slot_per_tip"),
            models.CheckConstraint(condition=Q(propensity__gt=0, propensity__lte=1), name="tip_propensity_is_a_chance"),
            models.CheckConstraint(condition=Q(held_chance__gt=0, held_chance__lt=1), name="held_chance_is_a_chance"),
            # What was held back is never answered: nobody was told.
            models.CheckConstraint(
                condition=Q(held_back=True, state="held", answered_at__isnull=True, decision__isnull=True) | (Q(held_back=False) & ~Q(state="held")),
                name="held_back_is_never_answered",
            ),
            # Read says what they did, and whether that was enough.
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, after__isnull=True, moved__isnull=True)
                | Q(read_at__isnull=False, after__isnull=False, moved__isnull=False),
                name="read_tip_has_an_outcome",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("at")), name="tip_read_after_shown"),
        ]
        indexes = [
            models.Index(fields=["account", "-at"], name="tip_by_account"),
            # Read by the job that reads effects.
            models.Index(fields=["due_at", "id"], condition=Q(read_at__isnull=True), name="tip_due"),
            # Read by the workspace: who has tips that wait.
            models.Index(fields=["account"], condition=Q(state="open"), name="tip_waiting"),
            # Read by the measurement of effects.
            models.Index(fields=["tip", "at"], name="tip_by_tip"),
        ]

    def __str__(self) -> str:
        return f"{self.tip_id} for {self.account_id}"


class TipAnswerRow(models.Model):
    """What was said to a tip, each time."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.CASCADE, related_name="answers")
    answer = models.CharField(max_length=10, choices=Answer)
    note = models.CharField(max_length=250, blank=True, default="", help_text="Why, in their words.")
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "answer to a tip"
        verbose_name_plural = "answers to tips"

    def __str__(self) -> str:
        return f"{self.answer} to {self.recommendation_id}"
