"""The reward ledger: rules, months' budgets, what was claimed under a rule, and the movements that carry the value."""

from functools import reduce
from operator import or_

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.core.models import Versioned

from ..types import WAYS, Book, ClaimState, Move, RuleOn, RuleState, Unit
from .definitions import Milestone

# Points are one kind; credits are told apart by their currency, perks by their key. Both stand in the same column, by which books are told apart.
_MONEY = Q(unit=Unit.POINTS, currency="") | Q(unit=Unit.CREDITS, currency__regex="^[A-Z]{3}$") | Q(unit=Unit.PERKS) & ~Q(currency="")


class RewardRule(Versioned):
    """What is paid for what, and within which bounds."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    on = models.CharField(max_length=10, choices=RuleOn, help_text="What it pays for.")
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="rewards", help_text="Empty: every milestone."
    )
    activity = models.CharField(max_length=160, blank=True, default="", help_text="The activity name, for what is done again and again.")
    tier = models.CharField(max_length=40, blank=True, default="", help_text="The tier's key. Empty: every tier.")
    weeks = models.PositiveSmallIntegerField(null=True, blank=True, help_text="For streaks: paid when this many weeks are full.")
    unit = models.CharField(max_length=8, choices=Unit, default=Unit.POINTS)
    currency = models.CharField(max_length=40, blank=True, default="", help_text="For credits ISO 4217, for perks the perk's key.")
    amount = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    daily_cap = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, help_text="The most an account gets by this rule on one day (UTC)."
    )
    decay = models.FloatField(default=0.85, help_text="What each further act of a day is worth of the one before, once there are more than usual.")
    usual_acts = models.PositiveSmallIntegerField(
        default=1, help_text="Acts per day that pay in full: what nine of ten days of honest customers stay within; learned daily."
    )
    varies = models.BooleanField(default=False, help_text="Times 0.5 to 1.5, 1 on average, by shown odds. Never for money.")
    streak_counts = models.BooleanField(default=False, help_text="Times up to 1.5 for a team that keeps its weekly rhythm.")
    needs_proof = models.BooleanField(default=False, help_text="Waits for a person where nothing shows that it happened.")
    approve_above = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, help_text="Larger amounts wait for a person.")
    expires_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Days until what is not used expires. Empty: never.")
    state = models.CharField(max_length=8, choices=RuleState, default=RuleState.PAUSED)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=_MONEY, name="rule_currency_is_of_credits"),
            # Chance with money in it would be a lottery.
            models.CheckConstraint(condition=~Q(unit=Unit.CREDITS, varies=True), name="money_does_not_vary"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="rule_pays_something"),
            models.CheckConstraint(condition=Q(decay__gt=0, decay__lte=1), name="decay_is_a_share"),
            models.CheckConstraint(condition=~Q(on=RuleOn.ACTIVITY, activity=""), name="activity_rule_names_it"),
        ]

    def __str__(self) -> str:
        return self.name


class RewardBudget(Versioned):
    """What may be granted of a unit in one month (UTC); how much of it is left stands in its balance."""

    month = models.DateField(help_text="Its first day.")
    unit = models.CharField(max_length=8, choices=Unit, default=Unit.POINTS)
    currency = models.CharField(max_length=40, blank=True, default="", help_text="For credits ISO 4217, for perks the perk's key.")
    amount = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    unit_worth = models.DecimalField(
        max_digits=10, decimal_places=4, default=0, help_text="What one of the unit costs you, in the workspace's currency; credits cost themselves."
    )
    counts_from = models.DateTimeField(editable=False, help_text="When it could first be granted from: the month's beginning, or later.")
    multiplier = models.FloatField(default=1.0, editable=False, help_text="By which grants are scaled at present, so that the month ends on plan.")
    paced_at = models.DateTimeField(null=True, blank=True, editable=False)
    paced_left = models.DecimalField(max_digits=14, decimal_places=2, default=0, editable=False, help_text="What was left when it was reckoned.")

    class Meta:
        ordering = ["-month", "unit", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["month", "unit", "currency"], name="one_budget_per_month_unit"),
            models.CheckConstraint(condition=_MONEY, name="budget_currency_is_of_credits"),
            models.CheckConstraint(condition=Q(month__day=1), name="budget_begins_a_month"),
            models.CheckConstraint(condition=Q(multiplier__gte=0.5, multiplier__lte=1.5), name="pacing_within_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.currency or self.get_unit_display()} of {self.month:%B %Y}"


class ClaimQuerySet(OfAccountQuerySet):
    def waiting(self) -> "ClaimQuerySet":
        return self.filter(state=ClaimState.HELD)


class RewardClaim(models.Model):
    """One cause under one rule, and what became of it: how the amount was made, and why it was granted, held or left out."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="reward_claims", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Whose act it was, if known.")
    rule = models.ForeignKey(RewardRule, on_delete=models.PROTECT, related_name="claims")
    cause = models.CharField(max_length=120, help_text="Names what is paid for, so that it is paid once: milestone:3, act:2026-03-11:4.")
    day = models.DateField(help_text="The day (UTC) it happened.")
    at = models.DateTimeField(help_text="When it happened.")
    asked = models.DecimalField(max_digits=12, decimal_places=2, help_text="By the rule alone, before pacing and caps.")
    factors = models.JSONField(default=dict, help_text="What it was multiplied by: streak, odds, pacing; the seed of the odds beside them.")
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=0, help_text="What was granted or is held.")
    state = models.CharField(max_length=10, choices=ClaimState)
    reasons = models.JSONField(default=list, help_text="Why it waits or was left out: signal and words.")
    budget = models.ForeignKey(RewardBudget, null=True, blank=True, on_delete=models.PROTECT, related_name="claims")
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decision = models.CharField(max_length=250, blank=True, default="", help_text="What the person said, or why it was taken back.")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            # The same cause is paid once, however often it is told.
            models.UniqueConstraint(fields=["account", "rule", "cause"], name="one_claim_per_cause"),
            models.CheckConstraint(condition=Q(amount__gte=0, asked__gte=0), name="claim_not_negative"),
            # What is granted or held stands in a budget.
            models.CheckConstraint(condition=~Q(state__in=["granted", "held"]) | Q(budget__isnull=False), name="claim_has_a_budget"),
        ]
        indexes = [
            # Read by what an account has had of a rule on a day.
            models.Index(fields=["account", "rule", "day"], name="claim_by_day"),
            # Read by the signs of gaming and an account's list.
            models.Index(fields=["account", "-created_at"], name="claim_by_account"),
            # Read by the review queue.
            models.Index(fields=["created_at", "id"], condition=Q(state="held"), name="claim_waiting"),
            # Read by pacing and the boards.
            models.Index(fields=["created_at"], name="claim_by_moment"),
            # Read by expiry.
            models.Index(fields=["expires_at"], condition=Q(state="granted", expires_at__isnull=False), name="claim_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} for {self.cause}"


class RewardMovement(models.Model):
    """Value goes from one book to another: append-only. Both sides stand in one row, so that they always sum to nought.

    `account` names whose book it is (held, account, reserved, redeemed, expired), `budget` which month's. A mistake is never edited: a movement the
    other way takes it back. The database refuses UPDATE and DELETE; when an account is deleted its movements stay, without its name.
    """

    kind = models.CharField(max_length=10, choices=Move)
    source = models.CharField(max_length=10, choices=Book)
    target = models.CharField(max_length=10, choices=Book)
    unit = models.CharField(max_length=8, choices=Unit)
    currency = models.CharField(max_length=40, blank=True, default="")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    # The keys are set null in the database: what was spent stays told, whoever leaves.
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="reward_movements", db_index=False
    )
    budget = models.ForeignKey(RewardBudget, null=True, blank=True, on_delete=models.PROTECT, related_name="movements")
    claim = models.ForeignKey(RewardClaim, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="movements")
    redemption = models.ForeignKey("Redemption", null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="movements")
    reverses = models.ForeignKey("self", null=True, blank=True, on_delete=models.DO_NOTHING, related_name="reversed_by", db_index=False)
    reason = models.CharField(max_length=250, blank=True, default="")
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()
    idem_key = models.CharField(max_length=160, unique=True, help_text="Names the cause, so that saying it twice counts once.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="reward_moves"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="reward_goes_elsewhere"),
            models.CheckConstraint(condition=_MONEY, name="movement_currency_is_of_credits"),
            models.UniqueConstraint(fields=["reverses"], name="one_reward_reversal"),
            # Each kind of movement has one way through the books.
            models.CheckConstraint(
                condition=reduce(or_, [Q(kind=kind, source=source, target=target) for kind, (source, target) in WAYS.items()]),
                name="reward_goes_its_way",
            ),
            # Whatever touches a month's budget names it.
            models.CheckConstraint(condition=~Q(source="budget") & ~Q(target="budget") | Q(budget__isnull=False), name="budget_is_named"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="reward_by_account"),
            models.Index(fields=["budget", "at"], condition=Q(budget__isnull=False), name="reward_by_budget"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount} {self.currency or self.unit}"


class RewardBalance(models.Model):
    """What stands in a book at present: the sum of its movements, kept in the transaction that writes them."""

    book = models.CharField(max_length=10, choices=Book)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="reward_balances", db_index=False)
    budget = models.ForeignKey(RewardBudget, null=True, blank=True, on_delete=models.CASCADE, related_name="balances")
    unit = models.CharField(max_length=8, choices=Unit)
    currency = models.CharField(max_length=40, blank=True, default="")
    amount = models.DecimalField(max_digits=16, decimal_places=2)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "book", "budget", "unit", "currency"], nulls_distinct=False, name="one_balance_per_book"),
            # Nobody can spend what is not there, and no budget is passed. The company alone is where it all comes from.
            models.CheckConstraint(condition=Q(book=Book.COMPANY) | Q(amount__gte=0), name="nothing_below_nought"),
        ]

    def __str__(self) -> str:
        return f"{self.get_book_display()}: {self.amount} {self.currency or self.unit}"
