from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.core.models import Versioned
from apps.interventions.models import Enrolment
from apps.messaging.models import Message

from ..definition import Definition, Flaws, read
from ..types import CampaignKind, CampaignState, Left, OccurrenceState, RecipientState
from .segments import Segment


class Campaign(Versioned):
    """Something that marketing tells a segment. What it says stands in its versions, whom it reached in its occurrences."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    why = models.CharField(max_length=250, blank=True, help_text="What it is for.")
    kind = models.CharField(max_length=8, choices=CampaignKind, default=CampaignKind.MESSAGE)
    state = models.CharField(max_length=8, choices=CampaignState, default=CampaignState.DRAFT)
    state_why = models.CharField(max_length=250, blank=True, editable=False, help_text="Why it stands as it does, such as the brake that paused it.")
    current = models.ForeignKey("CampaignVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The segment of the current version; empty: every customer.
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns", editable=False)
    # What makes it start, copied from the current version so that an event finds its campaigns by an index.
    starts_on = models.CharField(max_length=60, blank=True, db_default="", editable=False)
    next_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When its next occurrence is due.")
    launched_at = models.DateTimeField(null=True, blank=True, editable=False)
    judged_from = models.DateTimeField(null=True, blank=True, editable=False, help_text="Since when the brakes count; a resume begins anew.")
    slowed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Since when a brake lets it hand over only a little.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "archived"]) | Q(current__isnull=False), name="running_campaign_says_something"),
        ]
        # Read by the planner.
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="live"), name="campaign_next"),
            # Read by every event that may start one.
            models.Index(fields=["starts_on"], condition=Q(state="live"), name="campaign_by_trigger"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def says(self) -> Definition:
        """The definition that the next occurrence takes."""
        assert self.current is not None, f"campaign {self.key} has no version"
        return self.current.says

    @property
    def series(self) -> str:
        """As its messages name it."""
        return f"campaign:{self.pk}"


class CampaignVersion(models.Model):
    """What a campaign said from some moment on; never changed. An occurrence finishes on the version it was frozen with."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    definition = models.JSONField(help_text="docs/campaigns.md says how it is written.")
    note = models.CharField(max_length=250, blank=True, help_text="What changed and why.")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="one_campaign_version_per_number")]

    def __str__(self) -> str:
        return f"{self.campaign_id} v{self.number}"

    def clean(self) -> None:
        try:
            read(self.definition)
        except Flaws as flaws:
            raise ValidationError({"definition": flaws.message}) from flaws

    @property
    def says(self) -> Definition:
        return read(self.definition)


class Occurrence(models.Model):
    """One time that a campaign goes out. A triggered campaign has one per day (UTC), which its recipients join as they come."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="occurrences", db_index=False)
    version = models.ForeignKey(CampaignVersion, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(
        max_length=40, help_text="Names it within the campaign, such as 2026-12-01T09:00; the same moment never makes a second one."
    )
    state = models.CharField(max_length=8, choices=OccurrenceState, default=OccurrenceState.PLANNED)
    due_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    # How far the freezing came: everybody up to this account has their row.
    frozen_to = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="one_occurrence_per_key")]
        indexes = [
            # Read by the planner.
            models.Index(fields=["due_at"], condition=Q(state__in=["planned", "freezing", "sending"]), name="occurrence_at_work"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} at {self.key}"


class RecipientQuerySet(OfAccountQuerySet):
    pass


class Recipient(models.Model):
    """Somebody in the frozen audience of an occurrence, or left out of it with the reason. `contact` is empty where there is nobody to write to."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=RecipientState, default=RecipientState.PLANNED)
    left = models.CharField("why not", max_length=14, choices=Left, blank=True)
    variant = models.CharField(max_length=40, blank=True)
    # The version of the shares (optimising) by which the variant was drawn, and the chance it had.
    weights = models.PositiveIntegerField(default=0)
    propensity = models.FloatField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When it is their turn, on their own clock.")
    settled_at = models.DateTimeField(null=True, blank=True)
    message = models.OneToOneField(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="campaign_recipient")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = RecipientQuerySet.as_manager()

    class Meta:
        constraints = [
            # Whatever dies in between, nobody is twice in an occurrence.
            models.UniqueConstraint(fields=["occurrence", "contact"], name="once_per_occurrence"),
            models.UniqueConstraint(fields=["occurrence", "account"], condition=Q(contact=None), name="left_out_once_per_occurrence"),
            models.CheckConstraint(condition=Q(state__in=["excluded", "skipped"]) | Q(left=""), name="reason_only_where_left_out"),
            models.CheckConstraint(condition=~Q(state__in=["excluded", "skipped"]) | ~Q(left=""), name="left_out_with_a_reason"),
        ]
        indexes = [
            # Read by whoever works it off.
            models.Index(fields=["due_at", "id"], condition=Q(state="planned"), name="recipient_due"),
            # Read by the page of an occurrence.
            models.Index(fields=["occurrence", "state", "id"], name="recipient_by_occurrence"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id or self.account_id} in {self.occurrence_id}"
