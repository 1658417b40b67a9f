"""Referral programs, who recommends in them, whom they invited and who pressed the button of their page."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.core.models import Versioned
from apps.messaging.models import Message

from ..types import AdvocateState, ProgramState


class ReferralProgram(Versioned):
    """What we offer to those who recommend us."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=6, choices=ProgramState, default=ProgramState.DRAFT)
    current = models.ForeignKey("ReferralProgramVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    live_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class ReferralProgramVersion(models.Model):
    """One version of a program's rules. It is never changed: a referral keeps the one that it began under."""

    program = models.ForeignKey(ReferralProgram, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    definition = models.JSONField(help_text="docs/referrals.md")
    note = models.CharField(max_length=250, blank=True, default="")
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["program", "-number"]
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="one_program_version")]

    def __str__(self) -> str:
        return f"{self.program} v{self.number}"


class Advocate(models.Model):
    """Somebody who was shown a program's offer and has a code there: the exposed, of whom K is reckoned, whether or not they invite."""

    program = models.ForeignKey(ReferralProgram, on_delete=models.PROTECT, related_name="advocates", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="advocacies")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="advocates")
    code = models.CharField(max_length=12, unique=True, help_text="Without letters and digits that are taken for each other.")
    state = models.CharField(max_length=8, choices=AdvocateState, default=AdvocateState.ACTIVE)
    joined_at = models.DateTimeField(help_text="When the offer was first shown to them.")
    actor = models.CharField(max_length=120)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Shown twice, it is the same code.
            models.UniqueConstraint(fields=["program", "contact"], name="one_code_per_person"),
        ]
        indexes = [
            # Read by the cohorts.
            models.Index(fields=["program", "joined_at"], name="advocate_by_cohort"),
        ]

    def __str__(self) -> str:
        return self.code


class Invite(models.Model):
    """An advocate asked us to write to somebody. Of whom, only a keyed hash is kept; the address stands in the message until that has left."""

    program = models.ForeignKey(ReferralProgram, on_delete=models.PROTECT, related_name="invites", db_index=False)
    advocate = models.ForeignKey(Advocate, on_delete=models.CASCADE, related_name="invites", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="referral_invites")
    addressee = models.CharField(max_length=80, help_text="Keyed hash of the address.")
    domain = models.CharField(max_length=80, blank=True, help_text="Keyed hash of its domain; empty for those that everybody has an address of.")
    locale = models.CharField(max_length=12, blank=True)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Nobody gets the same offer twice, whoever wants to invite them.
            models.UniqueConstraint(fields=["program", "addressee"], name="one_invite_per_addressee"),
        ]
        indexes = [
            # Read by the day's limit and the funnel.
            models.Index(fields=["advocate", "-at"], name="invite_by_advocate"),
            # Read when a sign-up without a code is to be recovered.
            models.Index(fields=["program", "domain"], condition=~Q(domain=""), name="invite_by_domain"),
        ]

    def __str__(self) -> str:
        return f"invite {self.pk}"


class ReferralClick(models.Model):
    """Somebody pressed the button of an advocate's page. Looking at the page leaves nothing."""

    program = models.ForeignKey(ReferralProgram, on_delete=models.PROTECT, related_name="clicks")
    advocate = models.ForeignKey(Advocate, on_delete=models.CASCADE, related_name="clicks", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    invite = models.ForeignKey(Invite, null=True, blank=True, on_delete=models.SET_NULL, related_name="clicks")
    network = models.CharField(
        max_length=80, blank=True, help_text="Keyed hash of the first 24 bits of the address it came from (48 of IPv6), for 30 days; then empty."
    )
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["advocate", "-at"], name="click_by_advocate"),
            # Read by velocity, and by the job that forgets.
            models.Index(fields=["network", "at"], condition=~Q(network=""), name="click_by_network"),
        ]

    def __str__(self) -> str:
        return f"click {self.pk}"
