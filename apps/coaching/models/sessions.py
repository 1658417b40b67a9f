from datetime import datetime, timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet, Promise, User
from apps.core.models import Versioned

from ..session_types import TOOK_PLACE, WAITING, Measure, Mode, SessionState


class Strategy(models.Model):
    """A way to coach. Sessions and tips name it by its key, so that ways can be compared."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    words = models.CharField(max_length=300, help_text="What the coach does, in one or two sentences.")
    position = models.PositiveSmallIntegerField(default=0)
    offered = models.BooleanField(default=True, help_text="Off: it is not proposed any more; what was done by it still counts.")

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "strategies"

    def __str__(self) -> str:
        return self.name


class SessionQuerySet(OfAccountQuerySet):
    def waiting(self) -> "SessionQuerySet":
        """Read by the list of sessions and the lead's view."""
        return self.filter(state__in=WAITING)

    def took_place(self) -> "SessionQuerySet":
        return self.filter(state__in=TOOK_PLACE)

    def missed(self, now: datetime, grace: timedelta) -> "SessionQuerySet":
        """Read by the job that finds sessions to which nobody came."""
        return self.filter(state=SessionState.SCHEDULED, starts_at__lt=now - grace)


class Session(Versioned):
    """A talk with a customer about how they work: proposed, held, followed up, and measured by what they did afterwards."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="coaching_sessions", db_index=False)
    coach = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="coaching_sessions")
    contact = models.ForeignKey(
        Contact,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="coaching_sessions",
        help_text="Who is coached; they get the messages.",
    )
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="sessions")
    decision = models.BigIntegerField(null=True, blank=True, help_text="The choice in experiments that learns from it; none where a person chose.")
    tip = models.CharField(max_length=40, blank=True, default="", help_text="The key of the tip that it came from.")
    topic = models.CharField(max_length=160)
    agenda = models.JSONField(default=list, help_text='What to talk about: [{"words": "...", "because": "...", "about": "prediction:7"}].')
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.VIDEO)
    place = models.CharField(max_length=250, blank=True, default="", help_text="The link, number or address.")
    state = models.CharField(max_length=10, choices=SessionState, default=SessionState.PROPOSED)
    minutes = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(5), MaxValueValidator(240)], help_text="Planned.")
    proposed_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True, blank=True)
    times_set = models.PositiveSmallIntegerField(default=0, help_text="How often a time was set: the sequence of the calendar entry.")
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(blank=True, default="", help_text="Written together while the session runs.")
    confidence = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How sure they are that they will do what was agreed, 0 to 10, in their own words."
    )
    promises = models.ManyToManyField(Promise, blank=True, related_name="coaching_sessions")
    ended_because = models.CharField(max_length=250, blank=True, default="", help_text="Why it was called off.")

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(confidence__isnull=True) | Q(confidence__range=(0, 10)), name="confidence_zero_to_ten"),
            # Without a time nobody can come or stay away.
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "accepted", "called_off"]) | Q(starts_at__isnull=False), name="scheduled_session_has_a_time"
            ),
            # What took place began and ended, in this order.
            models.CheckConstraint(
                condition=~Q(state__in=["held", "follow_up", "done"]) | Q(begun_at__isnull=False, ended_at__gte=F("begun_at")),
                name="held_session_began_and_ended",
            ),
            models.CheckConstraint(condition=~Q(state="live") | Q(begun_at__isnull=False, ended_at__isnull=True), name="live_session_has_begun"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="session_by_account"),
            # Read by the list of what waits, and by the job that finds who did not come.
            models.Index(
                fields=["state", "starts_at"],
                condition=Q(state__in=["proposed", "accepted", "scheduled", "live", "held", "no_show"]),
                name="session_waiting",
            ),
            # Read by the measurement of effects.
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="session_by_end"),
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def ends_at(self) -> datetime | None:
        return self.starts_at + timedelta(minutes=self.minutes) if self.starts_at else None

    @property
    def took(self) -> int | None:
        """Minutes that it really took."""
        return round((self.ended_at - self.begun_at).total_seconds() / 60) if self.begun_at and self.ended_at else None


class Goal(Versioned):
    """The action agreed in a session, as something that can be read from what they do."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="goal")
    action = models.CharField(max_length=250, help_text="What they will do, in their words.")
    measure = models.CharField(max_length=10, choices=Measure)
    name = models.CharField(max_length=160, blank=True, default="", help_text="Of an activity or a milestone.")
    target = models.FloatField(help_text="At least so much.")
    within_days = models.PositiveSmallIntegerField(default=30, help_text="Which reading decides: 7 or 30 days after the session.")
    baseline = models.FloatField(null=True, blank=True, help_text="The same measure over the four weeks before, when it was agreed.")
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(within_days__in=(7, 30)), name="goal_is_read_at_7_or_30_days"),
            models.CheckConstraint(condition=Q(target__gt=0), name="goal_asks_for_something"),
            # These two are nothing without saying which.
            models.CheckConstraint(condition=~Q(measure__in=["activity", "milestone"]) | ~Q(name=""), name="goal_names_what_it_counts"),
        ]

    def __str__(self) -> str:
        return self.action


class GoalReadingQuerySet(models.QuerySet["GoalReading"]):
    def for_user(self, user: Any) -> "GoalReadingQuerySet":
        """Goals of sessions with accounts of this person's book."""
        if getattr(user, "sees_everything", False) and user.is_active:
            return self
        return self.filter(goal__session__account__in=Account.objects.for_user(user))

    def due(self, now: datetime) -> Any:
        """Read by the job that reads outcomes."""
        return self.filter(read_at__isnull=True, due_at__lte=now).order_by("due_at", "pk")


class GoalReading(models.Model):
    """A goal as it stood 7 or 30 days after the session. Written when the session ends, filled when its day has come, never changed afterwards."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="readings", db_index=False)
    days = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    reached = models.BooleanField(null=True, blank=True)

    objects = GoalReadingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["goal", "days"], name="one_reading_per_goal_and_day"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, value__isnull=True, reached__isnull=True)
                | Q(read_at__isnull=False, value__isnull=False, reached__isnull=False),
                name="read_goal_has_a_value",
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(read_at__isnull=True), name="goal_reading_due")]

    def __str__(self) -> str:
        return f"goal {self.goal_id} after {self.days} days"
