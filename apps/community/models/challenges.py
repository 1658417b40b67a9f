"""Challenges: a shared target among comparable accounts, for those who chose to take part."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.core.models import Versioned
from apps.milestones.models import Milestone

from ..types import ChallengeState, Cohort, CountKind


class Challenge(Versioned):
    """So many of something in a window of days, the same for everybody who takes part."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    words = models.JSONField(help_text='What customers read: {"en": {"name": "…", "text": "…"}, "de": {…}}.')
    state = models.CharField(max_length=8, choices=ChallengeState, default=ChallengeState.DRAFT)
    team = models.BooleanField(default=False, help_text="Accounts take part as a whole, not their people.")
    counts = models.CharField(max_length=10, choices=CountKind)
    activity = models.CharField(max_length=160, blank=True, help_text="The name of what is counted.")
    milestone = models.ForeignKey(Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="challenges")
    target = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    cohort = models.CharField(max_length=10, choices=Cohort, blank=True, default=Cohort.EVERYBODY)
    cohort_value = models.CharField(max_length=80, blank=True, help_text="Of accounts alike in this: Team, dental, gold.")
    zone = models.CharField(max_length=60, default="UTC", help_text="Its days begin and end here.")
    first_day = models.DateField()
    last_day = models.DateField()
    grace_hours = models.PositiveSmallIntegerField(default=24, help_text="What we learn so long after the close still counts; later is late.")
    least = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(3)], help_text="With fewer nothing of others is shown.")
    salt = models.CharField(max_length=40, editable=False, help_text="Of its made-up names, which no board has.")
    reached_by = models.PositiveIntegerField(default=0, help_text="How many had reached the target at the close.")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-first_day", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="challenge_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(target__gte=1), name="challenge_has_a_target"),
            models.CheckConstraint(condition=Q(least__gte=3), name="challenge_shows_three_or_more"),
            # A milestone is reached by an account, once.
            models.CheckConstraint(
                condition=Q(counts="milestone", milestone__isnull=False, team=True, target=1)
                | Q(counts="activity", milestone=None) & ~Q(activity=""),
                name="challenge_counts_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChallengeEntry(models.Model):
    """One who takes part: a person, or an account as a team. Who leaves is deleted, with all that was counted."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="entries", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="challenges")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="challenges", help_text="Who takes part, or said so for the team.")
    team = models.BooleanField()
    joined_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0, help_text="Learned of too late to count.")
    reached_at = models.DateTimeField(null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "challenge entries"
        constraints = [
            models.UniqueConstraint(fields=["challenge", "account"], condition=Q(team=True), name="one_entry_per_team"),
            models.UniqueConstraint(fields=["challenge", "contact"], condition=Q(team=False), name="one_entry_per_person"),
        ]
        # Read by standings.
        indexes = [models.Index(fields=["challenge", "-count", "id"], name="challenge_standing")]

    def __str__(self) -> str:
        return f"entry {self.pk} of challenge {self.challenge_id}"


class ChallengeCount(models.Model):
    """One thing that was done, counted once for an entry whatever the order and however often we hear of it."""

    entry = models.ForeignKey(ChallengeEntry, on_delete=models.CASCADE, related_name="counted", db_index=False)
    key = models.CharField(max_length=170, help_text="Names what was done: the id of the event, or of the progress.")
    at = models.DateTimeField()
    late = models.BooleanField(default=False, help_text="Learned of after the close and its grace.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "key"], name="counted_once")]

    def __str__(self) -> str:
        return f"{self.key} of entry {self.entry_id}"
