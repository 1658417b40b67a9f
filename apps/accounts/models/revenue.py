from django.db import models
from django.db.models import F, Q

from apps.core.models import Versioned

from ..types import BookingType, Call, CallBy, InvoiceState, MovementKind, RenewalState, SubscriptionState
from .customers import Account, OfAccountQuerySet
from .staff import User


class Subscription(Versioned):
    """A contract that brings recurring revenue; an account may hold several."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="subscriptions")
    external_id = models.CharField(max_length=120, unique=True)
    plan = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=10, choices=SubscriptionState, default=SubscriptionState.ACTIVE)
    started_on = models.DateField()
    renews_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    seats = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    arr = models.DecimalField("ARR", max_digits=14, decimal_places=2, default=0, help_text="Yearly revenue of this contract, in its currency.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")), name="subscription_ends_after_start"),
            models.CheckConstraint(condition=Q(arr__gte=0), name="subscription_arr_not_negative"),
        ]

    def __str__(self) -> str:
        return self.external_id


class Invoice(Versioned):
    """A bill and whether it is paid."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invoices", db_index=False)
    external_id = models.CharField(max_length=120, unique=True)
    number = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=InvoiceState, default=InvoiceState.OPEN)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    issued_on = models.DateField()
    due_on = models.DateField()
    paid_on = models.DateField(null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="invoice_not_negative"),
            models.CheckConstraint(condition=~Q(state=InvoiceState.PAID) | Q(paid_on__isnull=False), name="paid_has_a_day"),
        ]
        indexes = [models.Index(fields=["account", "-due_on"], name="invoice_by_account")]

    def __str__(self) -> str:
        return self.number or self.external_id


class ArrMovement(models.Model):
    """One change of an account's ARR: append-only, so that any past state can be told again as it was known.

    The sum of an account's movements in a currency is its present ARR in it. A mistake is never edited: a row with the opposite amount reverses
    it and a corrected one follows (ledger.py). The database refuses UPDATE and DELETE; the rows go only together with their account.
    """

    # The key cascades in the database: deleting an account takes its rows along, which the trigger lets pass, and nothing else may.
    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, db_constraint=False, related_name="movements", db_index=False)
    subscription = models.ForeignKey(Subscription, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="movements")
    kind = models.CharField(max_length=12, choices=MovementKind)
    amount = models.DecimalField(max_digits=14, decimal_places=2, help_text="Signed, in its currency.")
    currency = models.CharField(max_length=3)
    effective_on = models.DateField(help_text="The day from which it counts.")
    recorded_at = models.DateTimeField(help_text="When we came to know it.")
    reverses = models.ForeignKey("self", null=True, blank=True, on_delete=models.DO_NOTHING, related_name="reversed_by", db_index=False)
    reason = models.CharField(max_length=250, blank=True, db_default="")
    source = models.CharField(max_length=60)
    actor = models.CharField(max_length=120)
    idem_key = models.CharField(max_length=160, unique=True, help_text="Names the cause, so that saying it twice counts once.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "ARR movement"
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="movement_moves"),
            # What is wrong is reversed once; a second reversal would be a new mistake.
            models.UniqueConstraint(fields=["reverses"], name="one_reversal"),
            # A reversing row keeps the kind of the row it takes back, with the other sign; all others carry their kind's sign.
            models.CheckConstraint(
                condition=Q(reverses__isnull=False)
                | Q(kind__in=[MovementKind.NEW, MovementKind.EXPANSION, MovementKind.REACTIVATION], amount__gt=0)
                | Q(kind__in=[MovementKind.CONTRACTION, MovementKind.CHURN], amount__lt=0),
                name="movement_sign_fits_kind",
            ),
        ]
        indexes = [
            # Read by the ledger of one account and by every revenue figure of a book.
            models.Index(fields=["account", "effective_on", "id"], name="movement_by_account"),
            # Read by the movements behind the figures of a period.
            models.Index(fields=["effective_on", "id"], name="movement_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount:+} {self.currency}"


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the workspace's from a day on. A correction is a newer row of that day; the old one stays readable."""

    currency = models.CharField(max_length=3)
    into = models.CharField(max_length=3, help_text="The workspace's currency when the rate was entered.")
    valid_from = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=60, blank=True, db_default="")
    actor = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_above_zero"),
            # A currency is worth itself; a row could only contradict it.
            models.CheckConstraint(condition=~Q(currency=F("into")), name="rate_between_two_currencies"),
            # Also the index of the look-up: the newest word on the latest day before a moment.
            models.UniqueConstraint(fields=["into", "currency", "valid_from", "recorded_at"], name="one_rate_per_day_and_moment"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate.normalize():f} {self.into} from {self.valid_from}"


class Renewal(models.Model):
    """A contract, or an account without contracts, that comes to the end of its term."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="renewals", db_index=False)
    subscription = models.ForeignKey(Subscription, null=True, blank=True, on_delete=models.CASCADE, related_name="renewals")
    due_on = models.DateField()
    arr = models.DecimalField("ARR at stake", max_digits=14, decimal_places=2, help_text="Follows the contract until 30 days before.")
    currency = models.CharField(max_length=3)
    booking_type = models.CharField(max_length=10, choices=BookingType, default=BookingType.RENEWAL)
    state = models.CharField(max_length=10, choices=RenewalState, default=RenewalState.OPEN)
    outcome_arr = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True, help_text="What it brings from then on.")
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True, db_default="")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # One term ends once; two open rows would be called and counted twice.
            models.UniqueConstraint(fields=["subscription", "due_on"], condition=Q(subscription__isnull=False), name="one_renewal_per_contract_day"),
            models.UniqueConstraint(fields=["account", "due_on"], condition=Q(subscription__isnull=True), name="one_renewal_per_account_day"),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(subscription__isnull=False, state="open"), name="one_open_renewal_per_contract"
            ),
            models.UniqueConstraint(fields=["account"], condition=Q(subscription__isnull=True, state="open"), name="one_open_renewal_per_account"),
            models.CheckConstraint(
                condition=Q(state="open", outcome_arr__isnull=True, decided_on__isnull=True)
                | (~Q(state="open") & Q(outcome_arr__gte=0, decided_on__isnull=False)),
                name="decided_renewal_has_an_outcome",
            ),
            models.CheckConstraint(condition=Q(arr__gte=0), name="renewal_stake_not_negative"),
        ]
        indexes = [
            # Read by the calendar and by the jobs.
            models.Index(fields=["due_on"], condition=Q(state="open"), name="renewal_open_by_day"),
            models.Index(fields=["account", "-due_on"], name="renewal_by_account"),
        ]

    def __str__(self) -> str:
        return f"renewal of account {self.account_id} on {self.due_on}"


class RenewalCall(models.Model):
    """What a success manager, or the model, said about a renewal at one of its checkpoints; kept as said, so that it can be scored."""

    renewal = models.ForeignKey(Renewal, on_delete=models.CASCADE, related_name="calls", db_index=False)
    by = models.CharField(max_length=5, choices=CallBy)
    checkpoint = models.PositiveSmallIntegerField(help_text="180, 90 or 30 days before.")
    call = models.CharField(max_length=8, choices=Call)
    probability = models.FloatField(help_text="That it renews, for any amount.")
    at = models.DateTimeField()
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="renewal_calls")
    source = models.CharField(max_length=80, blank=True, db_default="", help_text="Which model, or how it came in.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(probability__range=(0, 1)), name="renewal_call_is_a_probability"),
            models.CheckConstraint(condition=Q(checkpoint__in=[180, 90, 30]), name="renewal_call_at_a_checkpoint"),
            # What the model said then is said once; a second word would know more.
            models.UniqueConstraint(fields=["renewal", "checkpoint"], condition=Q(by="model"), name="one_model_call_per_checkpoint"),
        ]
        indexes = [models.Index(fields=["renewal", "by", "-at"], name="call_by_renewal")]

    def __str__(self) -> str:
        return f"{self.call} by {self.by} at {self.checkpoint} days"
