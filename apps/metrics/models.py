"""Kept figures: what each account last brought to them, their sums, what happened by the hour, and how they stood at the end of each day."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.events.models import Event

NOBODY = 0  # the owner of accounts that nobody looks after


class AccountTallyQuerySet(OfAccountQuerySet):
    def stale_now(self, now: datetime) -> "AccountTallyQuerySet":
        return self.filter(stale_since__lte=now).order_by("stale_since", "account_id")


class AccountTally(models.Model):
    """What an account last brought to every sum, so that a change costs a difference and nothing is counted anew.

    A row that goes takes its part out of the sums (a trigger of the migration), whoever deletes it.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="+")
    owner_id = models.BigIntegerField(default=NOBODY, db_default=NOBODY, help_text="Who looked after it then; 0 for nobody.")
    cells = models.JSONField(default=dict, db_default={}, help_text="Band, health, stage, plan, segment and currency.")
    holds = models.JSONField(default=dict, db_default={}, help_text='Measure, or measure and currency, to amount: {"customers": 1, "arr EUR": 1200}.')
    wakes_on = models.DateField(null=True, blank=True, help_text="The next day (UTC) on which time alone changes it.")
    as_of = models.DateTimeField(null=True, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = AccountTallyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "account tallies"
        indexes = [
            models.Index(fields=["stale_since", "account"], condition=Q(stale_since__isnull=False), name="account_tally_stale"),
            # Read by what wakes those whom time alone changes.
            models.Index(fields=["wakes_on", "account"], condition=Q(wakes_on__isnull=False), name="account_tally_wakes"),
            # Read by rows behind a figure and by figures of several filters at once.
            models.Index(fields=["owner_id", "account"], name="account_tally_by_owner"),
        ]

    def __str__(self) -> str:
        return f"what account {self.account_id} brings"


class Tally(models.Model):
    """The sum of a measure over the accounts of one owner: all of them, or those of one value of a dimension."""

    measure = models.CharField(max_length=40)
    dimension = models.CharField(max_length=12, blank=True, help_text="Empty: all accounts of the owner.")
    value = models.CharField(max_length=80, blank=True)
    owner_id = models.BigIntegerField(default=NOBODY)
    currency = models.CharField(max_length=3, blank=True, help_text="Of money; empty for numbers.")
    amount = models.DecimalField(max_digits=38, decimal_places=6)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            # Also the index of every figure: one measure, one dimension, all owners or some.
            models.UniqueConstraint(fields=["measure", "dimension", "value", "owner_id", "currency"], name="one_tally"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.dimension}:{self.value} of {self.owner_id}"


class HourTally(models.Model):
    """How often something happened in an hour (UTC) at the accounts that somebody looked after then."""

    measure = models.CharField(max_length=40)
    owner_id = models.BigIntegerField(default=NOBODY)
    day = models.DateField()
    hour = models.SmallIntegerField(help_text="0 to 23; -1 where only the day is known.")
    amount = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "hour tallies"
        constraints = [
            models.UniqueConstraint(fields=["measure", "day", "hour", "owner_id"], name="one_hour_tally"),
            models.CheckConstraint(condition=Q(hour__range=(-1, 23)), name="hour_of_a_day"),
        ]
        indexes = [models.Index(fields=["measure", "owner_id", "day"], name="hour_tally_by_owner")]

    def __str__(self) -> str:
        return f"{self.amount} {self.measure} on {self.day}"


class DayTally(models.Model):
    """How a sum stood at the end of a day (UTC): of each owner as a whole, and of each value of a dimension for the house (owner -1)."""

    measure = models.CharField(max_length=40)
    dimension = models.CharField(max_length=12, blank=True)
    value = models.CharField(max_length=80, blank=True)
    owner_id = models.BigIntegerField(default=NOBODY)
    currency = models.CharField(max_length=3, blank=True)
    day = models.DateField()
    amount = models.DecimalField(max_digits=38, decimal_places=6)
    told_back = models.BooleanField(default=False, help_text="Told from what is on record, after the day.")

    class Meta:
        verbose_name_plural = "day tallies"
        constraints = [
            models.UniqueConstraint(fields=["measure", "dimension", "value", "day", "owner_id", "currency"], name="one_day_tally"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.owner_id} on {self.day}"


class ToldDay(models.Model):
    """A day of which a measure is known. A day without a row is not known, which is not nought."""

    measure = models.CharField(max_length=40)
    day = models.DateField()
    owners = models.BooleanField(default=True, help_text="Known of every owner; off: of the house only.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "day"], name="one_told_day")]

    def __str__(self) -> str:
        return f"{self.measure} on {self.day}"


class Reckoned(models.Model):
    """A figure of the whole house that is no sum: reckoned now and then by whoever knows how, and kept for its day."""

    key = models.CharField(max_length=60)
    day = models.DateField()
    at = models.DateTimeField()
    value = models.FloatField(null=True, blank=True)
    of = models.BigIntegerField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "reckoned figure"
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="one_reckoned_figure_per_day")]

    def __str__(self) -> str:
        return f"{self.key} on {self.day}"


class Moved(models.Model):
    """A measure that moved and of which nobody has been told yet."""

    measure = models.CharField(max_length=40, primary_key=True)
    since = models.DateTimeField()

    class Meta:
        verbose_name_plural = "moved"

    def __str__(self) -> str:
        return self.measure


class Recount(models.Model):
    """A nightly count of everything, held against what was kept from change to change: nothing may differ."""

    at = models.DateTimeField()
    accounts = models.PositiveIntegerField(help_text="How many were counted.")
    differing = models.PositiveIntegerField(help_text="How many brought something else than was kept.")
    examples = models.JSONField(default=list, help_text="Ids of some of them.")
    tallies = models.PositiveIntegerField(help_text="How many sums were not the sum of their accounts.")
    days = models.PositiveIntegerField(help_text="On how many days the activity differed from the rollups.")
    seconds = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="recount_newest")]

    def __str__(self) -> str:
        return f"{self.at}: {self.differing} differ"
