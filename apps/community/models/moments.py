"""Right moments to ask, what was asked, and what somebody did for us."""

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.events.models import Event
from apps.messaging.models import Message

from ..types import OPEN_ASKS, AskKind, AskState, MomentState


class AskRules(models.Model):
    """When and how often customers are asked for something. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    automatic = models.BooleanField(default=False, help_text="Off: a success manager says yes to every ask before it leaves.")
    least_score = models.PositiveSmallIntegerField("least score of a moment", default=40, validators=[MaxValueValidator(100)])
    any_days = models.PositiveSmallIntegerField("days between two asks of a person", default=30, validators=[MinValueValidator(7)])
    referral_days = models.PositiveSmallIntegerField("days between two asks to recommend", default=60, validators=[MinValueValidator(7)])
    declined_days = models.PositiveSmallIntegerField("days without the same ask after a no", default=180)
    renewal_days = models.PositiveSmallIntegerField("no ask so many days before a renewal", default=60)
    per_day = models.PositiveSmallIntegerField("asks a day at most, over all customers", default=50)
    moment_days = models.PositiveSmallIntegerField("days until a moment has passed", default=14, validators=[MinValueValidator(1)])
    ask_days = models.PositiveSmallIntegerField("days to answer an ask", default=30, validators=[MinValueValidator(3)])
    reference_per_quarter = models.PositiveSmallIntegerField("references of a person in 91 days", default=2)
    most_owed = models.PositiveSmallIntegerField("favours without thanks until nothing more is asked", default=2, validators=[MinValueValidator(1)])
    review_url = models.URLField(blank=True, help_text="Where reviews are written; without it nobody is asked for one.")

    class Meta:
        verbose_name = "ask rules"
        verbose_name_plural = "ask rules"
        constraints = [
            # A second row would be a second truth.
            models.CheckConstraint(condition=Q(id=1), name="one_row_of_ask_rules"),
            models.CheckConstraint(condition=Q(least_score__lte=100), name="least_score_is_of_100"),
        ]

    def __str__(self) -> str:
        return "Ask rules"


class MomentMarkQuerySet(OfAccountQuerySet):
    def stale_now(self, now: datetime) -> "MomentMarkQuerySet":
        """Read by community.find_moments: accounts of which more is known than their moments say."""
        return self.filter(stale_since__lte=now).order_by("stale_since", "id")


class MomentMark(models.Model):
    """An account whose moments are to be looked at: `stale_since` says that something newer waits."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="moment_mark")
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = MomentMarkQuerySet.as_manager()

    class Meta:
        # Read by community.find_moments.
        indexes = [models.Index(fields=["stale_since", "id"], condition=Q(stale_since__isnull=False), name="moment_mark_waiting")]

    def __str__(self) -> str:
        return f"mark of account {self.account_id}"


class Moment(models.Model):
    """It is, or was, a good moment to ask this person for this; those held out are kept too, to be compared with."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="moments", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="moments")
    kind = models.CharField(max_length=10, choices=AskKind)
    state = models.CharField(max_length=10, choices=MomentState, default=MomentState.OPEN)
    score = models.PositiveSmallIntegerField(help_text="Of 100, the sum of its reasons.")
    reasons = models.JSONField(help_text="What makes the moment right: signal, points, words.")
    found_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=250, blank=True, db_default="", help_text="What ended it, where nobody was asked.")
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Nobody is asked by two sides at once: one moment of an account at a time, held out or not.
            models.UniqueConstraint(fields=["account"], condition=Q(state__in=["open", "held_out"], closed_at=None), name="one_moment_per_account"),
            models.CheckConstraint(condition=Q(score__lte=100), name="moment_score_is_of_100"),
        ]
        indexes = [
            # Read by the sweep that lets moments pass.
            models.Index(fields=["expires_at"], condition=Q(closed_at=None), name="moment_open"),
            models.Index(fields=["account", "-id"], name="moment_by_account"),
            # Read by the comparison with those held out.
            models.Index(fields=["found_at", "account"], name="moment_by_day"),
        ]

    def __str__(self) -> str:
        return f"moment to ask for {self.get_kind_display()}"


class Ask(models.Model):
    """Somebody is asked for a recommendation, a review, a reference or a story. `state` moves only in asking.py."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="asks", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="asks", db_index=False)
    moment = models.OneToOneField(Moment, null=True, blank=True, on_delete=models.SET_NULL, related_name="ask", help_text="Empty: staff asked.")
    kind = models.CharField(max_length=10, choices=AskKind)
    state = models.CharField(max_length=8, choices=AskState, default=AskState.PROPOSED)
    purpose = models.CharField(max_length=250, blank=True, db_default="", help_text="What it is for: a call with a hospital in Ohio.")
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.CharField(max_length=120, blank=True, db_default="", help_text="Who let it leave.")
    answered_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=250, blank=True, db_default="")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # One thing at a time.
            models.UniqueConstraint(fields=["contact"], condition=Q(state__in=[str(state.value) for state in OPEN_ASKS]), name="one_open_ask"),
            models.CheckConstraint(condition=Q(state__in=["proposed", "declined", "expired"]) | Q(asked_at__isnull=False), name="asked_has_a_time"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="ask_by_account"),
            # Read by fatigue: when somebody was asked last, and for what.
            models.Index(fields=["contact", "kind", "-asked_at"], name="ask_by_contact"),
            # Read by the sweep of asks that nobody answered.
            models.Index(fields=["expires_at"], condition=Q(state__in=["proposed", "asked", "agreed"]), name="ask_open"),
            # Read by the cap of a day.
            models.Index(fields=["asked_at"], condition=Q(asked_at__isnull=False), name="ask_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.contact_id}"


class Favour(models.Model):
    """Something a customer did for us: recommended us, wrote a review, spoke with a prospect. Thanked for, or owed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="favours", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="favours")
    kind = models.CharField(max_length=10, choices=AskKind)
    key = models.CharField(max_length=120, unique=True, help_text="Names what was done, so that telling it twice counts once.")
    at = models.DateTimeField()
    source = models.CharField(max_length=60, help_text="Who says so.")
    thanked_at = models.DateTimeField(null=True, blank=True, help_text="When we returned it, with words or a gift.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="favour_by_account"),
            # Read before a reference is asked for: what we owe.
            models.Index(fields=["contact"], condition=Q(thanked_at=None), name="favour_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by account {self.account_id}"
