"""What customers and their success managers say: tickets, surveys, notes of calls, promises, and the manager's own pulse."""

from django.db import models
from django.db.models import F, Q

from apps.core.models import Versioned

from ..types import NoteKind, PromiseState, SurveyKind, TicketPriority, TicketState
from .customers import Account, Contact, OfAccountQuerySet
from .staff import User


class Ticket(Versioned):
    """A question to support."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tickets", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=120)
    subject = models.CharField(max_length=250, blank=True)
    priority = models.CharField(max_length=2, choices=TicketPriority, default=TicketPriority.P3)
    state = models.CharField(max_length=8, choices=TicketState, default=TicketState.OPEN)
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True, help_text="First answer.")
    solved_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the service level asks for an answer.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="one_ticket_per_id"),
            models.CheckConstraint(condition=~Q(state=TicketState.SOLVED) | Q(solved_at__isnull=False), name="solved_ticket_has_a_time"),
            models.CheckConstraint(condition=Q(solved_at__isnull=True) | Q(solved_at__gte=F("opened_at")), name="solved_after_opened"),
        ]
        indexes = [models.Index(fields=["account", "-opened_at"], name="ticket_by_account")]

    def __str__(self) -> str:
        return self.subject or self.external_id


class SurveyResponse(Versioned):
    """An answer to a survey."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="survey_responses", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="survey_responses")
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=4, choices=SurveyKind)
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    topic = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField()
    loop_closed_at = models.DateTimeField(null=True, blank=True, help_text="When somebody had answered them.")
    loop_closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="one_response_per_id"),
            models.CheckConstraint(
                condition=Q(kind=SurveyKind.NPS, score__range=(0, 10))
                | Q(kind=SurveyKind.CSAT, score__range=(1, 5))
                | Q(kind=SurveyKind.CES, score__range=(1, 7)),
                name="score_on_its_scale",
            ),
        ]
        indexes = [models.Index(fields=["account", "-at"], name="response_by_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.score}"


class Note(Versioned):
    """What a success manager wrote down: a note, or what was said in a call or meeting."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="notes", db_index=False)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="notes")
    kind = models.CharField(max_length=8, choices=NoteKind, default=NoteKind.NOTE)
    body = models.TextField()
    contacts = models.ManyToManyField(Contact, blank=True, related_name="notes", help_text="Who took part.")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    at = models.DateTimeField(help_text="When it was said.")
    created_at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="note_by_account")]

    def __str__(self) -> str:
        return self.body[:60]


class Promise(Versioned):
    """Something one side said it would do by a day."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="promises")
    note = models.ForeignKey(Note, null=True, blank=True, on_delete=models.SET_NULL, related_name="promises")
    text = models.CharField(max_length=250)
    by_customer = models.BooleanField(default=False, help_text="Theirs, not ours.")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="promises")
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=PromiseState, default=PromiseState.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state=PromiseState.OPEN) | Q(settled_at__isnull=False), name="settled_promise_has_a_time"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="open"), name="promise_open_by_day")]

    def __str__(self) -> str:
        return self.text


class Pulse(models.Model):
    """How the success manager feels about an account, 0 to 100; it fades to neutral (50) within 45 days. Never edited: say a new one."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="pulses", db_index=False)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    value = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(value__range=(0, 100)), name="pulse_zero_to_hundred")]
        indexes = [models.Index(fields=["account", "-at"], name="pulse_by_account")]

    def __str__(self) -> str:
        return f"{self.value} of 100"
