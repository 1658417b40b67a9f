from django.db import models
from django.db.models import F, Q

from ..types import InvoiceState, SubscriptionState
from .customers import Account, OfAccountQuerySet


class Subscription(models.Model):
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


class Invoice(models.Model):
    """A bill and whether it is paid."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invoices")
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
