from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.churn.models import Prediction
from apps.events.models import Event
from apps.experiments.models import PolicyDecision
from apps.messaging.models import Message

from ..definition import Definition, Flaws, read
from ..types import Arm, EnrolmentState, ExitReason, NotEntered, PlayState, StepKind


class Play(models.Model):
    """A designed reaction: who enters, what happens step by step, what counts as success. What it says stands in its versions."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    why = models.TextField(help_text="What it is for, in one or two sentences.")
    state = models.CharField(max_length=10, choices=PlayState, default=PlayState.DRAFT)
    current = models.ForeignKey(
        "PlayVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="The version that new runs take."
    )
    # What makes it start, copied from the current version so that an event finds its plays by an index.
    starts_on = models.CharField(max_length=140, blank=True, db_default="", editable=False)
    looked_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="The last planned look at everybody, or hour of its schedule.")

    class Meta:
        indexes = [models.Index(fields=["starts_on"], condition=Q(state="live"), name="play_by_trigger")]

    def __str__(self) -> str:
        return self.name

    @property
    def says(self) -> Definition:
        """The definition that new runs take."""
        assert self.current is not None, f"play {self.key} has no version"
        return self.current.says


class PlayVersion(models.Model):
    """What a play said from some moment on; never changed. A run finishes on the version it began with."""

    play = models.ForeignKey(Play, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    definition = models.JSONField(help_text="docs/plays.md says how it is written.")
    tests = models.JSONField(default=list, blank=True, help_text="Given this history, expect these steps.")
    note = models.CharField(max_length=250, blank=True, help_text="What changed and why.")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["play", "number"], name="one_play_version_per_number")]

    def __str__(self) -> str:
        return f"{self.play.name} v{self.number}"

    def clean(self) -> None:
        try:
            read(self.definition)
        except Flaws as flaws:
            raise ValidationError({"definition": flaws.message}) from flaws

    @property
    def says(self) -> Definition:
        return read(self.definition)


class EnrolmentQuerySet(OfAccountQuerySet):
    def due_now(self, now: datetime) -> "EnrolmentQuerySet":
        """Read by the planner: runs whose next step is due."""
        return self.filter(state=EnrolmentState.WAITING, paused=False, due_at__lte=now).order_by("due_at", "id")

    def running(self) -> "EnrolmentQuerySet":
        return self.filter(state=EnrolmentState.WAITING)


class Enrolment(models.Model):
    """One run of a play for one account."""

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="enrolments")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL)
    prediction = models.ForeignKey(Prediction, null=True, blank=True, on_delete=models.PROTECT, help_text="The risk that opened the door.")
    arm = models.CharField(max_length=10, choices=Arm)
    version = models.ForeignKey(PlayVersion, on_delete=models.PROTECT, related_name="enrolments", help_text="What the play said when the run began.")
    # Names what made it enter, so that the same cause never lets an account in twice.
    trigger_key = models.CharField(max_length=160, blank=True, db_default="")
    # Plays that allow several runs of an account at once make runs that are not exclusive.
    exclusive = models.BooleanField(default=True, db_default=True)
    paused = models.BooleanField(default=False, db_default=False, help_text="Its play is paused: the run keeps its place.")
    position = models.PositiveSmallIntegerField(default=0, help_text="The step that comes next.")
    state = models.CharField(max_length=10, choices=EnrolmentState, default=EnrolmentState.WAITING)
    due_at = models.DateTimeField()
    waits_for = models.CharField(max_length=140, blank=True, db_default="", help_text="What would end the present wait early: reply, activity:NAME.")
    entered_at = models.DateTimeField()
    window_ends_at = models.DateTimeField()
    baseline = models.FloatField(default=0, help_text="Activity per week over the 8 weeks before entry.")
    goal_met_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True, help_text="When its window had closed and the goal was judged for the last time.")
    replied_at = models.DateTimeField(null=True, blank=True)
    exit_reason = models.CharField(max_length=10, choices=ExitReason, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two triggers at once must not start two runs.
            models.UniqueConstraint(fields=["play", "account"], condition=Q(exclusive=True) & ~Q(state="ended"), name="one_running_enrolment"),
            models.UniqueConstraint(fields=["play", "trigger_key"], condition=~Q(trigger_key=""), name="one_enrolment_per_trigger"),
            # An ended run says why, and only an ended one.
            models.CheckConstraint(condition=Q(state="ended") ^ Q(exit_reason=""), name="ended_needs_reason"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting", paused=False), name="enrolment_due"),
            models.Index(fields=["account", "-id"], name="enrolment_by_account"),
            # Read by the judge of goals, when a window closes.
            models.Index(fields=["window_ends_at"], condition=Q(judged_at=None), name="enrolment_to_judge"),
            # Read when something happens that a run may wait for.
            models.Index(fields=["account"], condition=Q(state="waiting") & ~Q(waits_for=""), name="enrolment_waiting_for"),
        ]

    def __str__(self) -> str:
        return f"{self.play_id} for account {self.account_id}"

    @property
    def says(self) -> Definition:
        """What this run follows, whatever the play says by now."""
        return self.version.says


class StepRecord(models.Model):
    """What a run did at a step and why: the answer to "why did, or didn't, they get it"."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="records", db_index=False)
    position = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=40, help_text="The step's id in the play.")
    kind = models.CharField(max_length=10, choices=StepKind)
    at = models.DateTimeField()
    what = models.CharField(max_length=250)
    # Where a branch or a wait went: the id of the step, and what decided it in words.
    went = models.CharField(max_length=40, blank=True, db_default="")
    because = models.CharField(max_length=250, blank=True, db_default="")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey(
        PolicyDecision, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="How the channel was chosen, and from what."
    )

    class Meta:
        constraints = [
            # A step is done once, whoever tries again.
            models.UniqueConstraint(fields=["enrolment", "position"], name="one_record_per_step"),
        ]

    def __str__(self) -> str:
        return self.what


class PassedOver(models.Model):
    """An account that a trigger named and that did not enter, with the reason; once a day and reason."""

    play = models.ForeignKey(Play, on_delete=models.CASCADE, related_name="passed_over", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="passed_over", db_index=False)
    reason = models.CharField(max_length=10, choices=NotEntered)
    on = models.DateField()
    at = models.DateTimeField()
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["play", "account", "reason", "on"], name="passed_over_once_a_day")]
        indexes = [models.Index(fields=["account", "-at"], name="passed_over_by_account")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: account {self.account_id}"


class Fit(models.Model):
    """An account that fits the audience of a play started by its audience: whoever was not here and fits enters, whoever is and does not leaves."""

    play = models.ForeignKey(Play, on_delete=models.CASCADE, related_name="fits", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="fits")
    since = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["play", "account"], name="one_fit_per_account")]

    def __str__(self) -> str:
        return f"account {self.account_id} fits play {self.play_id}"
