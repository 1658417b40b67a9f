from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet, SurveyResponse
from apps.accounts.types import SurveyKind
from apps.interventions.models import Task

from ..types import InvitationState
from .campaigns import Campaign, CampaignVersion, Recipient


class Quiet(Func):
    """The time in which nobody else asks this person: from the asking to its end."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


class InvitationQuerySet(OfAccountQuerySet):
    def counted(self) -> "InvitationQuerySet":
        """Those that reached somebody, or still may."""
        return self.exclude(state=InvitationState.WITHDRAWN)

    def delivered(self) -> "InvitationQuerySet":
        """The denominator of every response rate."""
        return self.counted().filter(sent_at__isnull=False)

    def open(self, now: datetime) -> "InvitationQuerySet":
        return self.filter(state=InvitationState.ASKED, expires_at__gt=now)


class Invitation(models.Model):
    """One person asked in one survey. The link to the page is signed over its key and stands nowhere."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="invitations", db_index=False)
    version = models.ForeignKey(CampaignVersion, on_delete=models.PROTECT, related_name="+", help_text="What they are asked.")
    recipient = models.OneToOneField(Recipient, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitation")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=SurveyKind)
    state = models.CharField(max_length=9, choices=InvitationState, default=InvitationState.ASKED)
    asked_at = models.DateTimeField(help_text="When the message was written.")
    quiet_until = models.DateTimeField(help_text="Until then no survey asks this person again.")
    expires_at = models.DateTimeField(help_text="Until then it can be answered.")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When the message left.")
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="When the one reminder was written.")
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When they first answered.")
    response = models.OneToOneField(SurveyResponse, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitation")
    # The answer wants one of ours until then (loop), and the task that says so.
    loop_due_at = models.DateTimeField(null=True, blank=True)
    loop_task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    loop_overdue_at = models.DateTimeField(null=True, blank=True, help_text="When it was announced that nobody had answered in time.")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            # One survey at a time and person, over all surveys, whatever runs at once.
            ExclusionConstraint(
                name="one_survey_per_quiet_time",
                expressions=[
                    ("contact", RangeOperators.EQUAL),
                    (Quiet("asked_at", "quiet_until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=~Q(state="withdrawn"),
            ),
            models.CheckConstraint(condition=Q(quiet_until__gt=F("asked_at")), name="quiet_after_asked"),
            models.CheckConstraint(condition=~Q(state="answered") | Q(answered_at__isnull=False), name="answered_at_a_moment"),
        ]
        indexes = [
            # Read by the follower: what may be reminded, expires, or was never sent.
            models.Index(fields=["asked_at"], condition=Q(state="asked"), name="invitation_open"),
            # Read by the timer of the loop.
            models.Index(fields=["loop_due_at"], condition=Q(loop_due_at__isnull=False, loop_overdue_at=None), name="invitation_loop"),
            # Read by the read-out of a survey.
            models.Index(fields=["campaign", "asked_at"], name="invitation_by_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.contact_id}"
