"""Rewards: what is paid for what, the ledger, what accounts have, and what they ask for of the catalogue."""

from typing import Annotated, Any

import django_filters
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account, Contact
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.items import Id, Item, Misfit
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, button
from apps.milestones import services
from apps.milestones.models import (
    CatalogueItem,
    Redemption,
    RewardBalance,
    RewardBudget,
    RewardClaim,
    RewardMovement,
    RewardRule,
)
from apps.milestones.types import Book, ClaimState, ItemState, Move, RedemptionState, RuleOn, RuleState, Unit


class RuleRow(Rows):
    milestone_key = serializers.CharField(source="milestone.key", read_only=True, default=None, allow_null=True)
    select = ("milestone",)

    class Meta:
        model = RewardRule
        fields = [
            *("id", "key", "name", "on", "milestone", "milestone_key", "activity", "tier", "weeks", "unit", "currency", "amount", "daily_cap"),
            *("decay", "usual_acts", "varies", "streak_counts", "needs_proof", "approve_above", "expires_days", "state"),
        ]


class RuleFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    on = django_filters.ChoiceFilter(choices=RuleOn.choices)
    state = django_filters.ChoiceFilter(choices=RuleState.choices)


class RuleViews(SharedViews):
    """What is paid for what. Odds of what varies, for everybody to read: docs/rewards.md."""

    scope = "rewards"
    queryset = RewardRule.objects.all()
    serializer_class = RuleRow
    filterset_class = RuleFilters


class BudgetRow(Rows):
    class Meta:
        model = RewardBudget
        fields = ["id", "month", "unit", "currency", "amount", "unit_worth", "counts_from", "multiplier", "paced_at"]


class BudgetFilters(django_filters.FilterSet):
    unit = django_filters.ChoiceFilter(choices=Unit.choices)


class BudgetViews(SharedViews):
    """What may be granted in a month; what is left of it is its balance."""

    scope = "rewards"
    queryset = RewardBudget.objects.all()
    serializer_class = BudgetRow
    filterset_class = BudgetFilters
    orderings = ("pk", "-pk")


class ClaimRow(OfAccount):
    rule_key = serializers.CharField(source="rule.key", read_only=True)
    unit = serializers.CharField(source="rule.unit", read_only=True)
    currency = serializers.CharField(source="rule.currency", read_only=True)
    select = ("account", "rule")

    class Meta:
        model = RewardClaim
        fields = [
            *("id", "account", "account_external_id", "contact", "rule", "rule_key", "unit", "currency", "cause", "day", "at", "asked", "factors"),
            *("amount", "state", "reasons", "budget", "expires_at", "created_at", "decided_at", "decided_by", "decision"),
        ]


class ClaimFilters(OfAccountFilters):
    rule = IdFilter(field_name="rule_id")
    state = django_filters.ChoiceFilter(choices=ClaimState.choices)
    since, until = during("at").values()


class Nothing(Item):
    """The button says it all."""


class Why(Item):
    reason: Annotated[str, Meta(min_length=1, max_length=250)]


class ClaimViews(ActViews):
    """What was claimed under a rule, and what became of it. What waits is decided here or on the Rewards page."""

    scope = "rewards"
    queryset = RewardClaim.objects.all()
    serializer_class = ClaimRow
    filterset_class = ClaimFilters
    orderings = ("pk", "-pk")

    @button(Nothing)
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It is right: the customer gets it."""
        return self.act(request, Nothing, lambda row, _: services.approve(row, actor=actor_of(request), now=clock.now()))

    @button(Why)
    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It is not given; it goes back to the budget."""
        return self.act(request, Why, lambda row, said: services.refuse(row, note=said.reason, actor=actor_of(request), now=clock.now()))

    @button(Why)
    def reverse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a grant back, as far as it was not used."""
        return self.act(request, Why, lambda row, said: services.reverse(row, reason=said.reason, actor=actor_of(request), now=clock.now()))


class RewardMovementRow(OfAccount):
    class Meta:
        model = RewardMovement
        fields = [
            *("id", "account", "account_external_id", "kind", "source", "target", "unit", "currency", "amount", "budget", "claim"),
            *("redemption", "reverses", "reason", "actor", "at"),
        ]


class MovementFilters(OfAccountFilters):
    kind = django_filters.ChoiceFilter(choices=Move.choices)
    unit = django_filters.ChoiceFilter(choices=Unit.choices)
    since, until = during("at").values()


class MovementViews(ReadViews):
    """The ledger: value goes from one book to another, both sides in one row; rows are only ever added."""

    scope = "rewards"
    queryset = RewardMovement.objects.filter(account__isnull=False)
    serializer_class = RewardMovementRow
    filterset_class = MovementFilters
    orderings = ("pk", "-pk")


class BalanceRow(OfAccount):
    class Meta:
        model = RewardBalance
        fields = ["id", "account", "account_external_id", "book", "unit", "currency", "amount"]


class BalanceFilters(OfAccountFilters):
    book = django_filters.ChoiceFilter(choices=Book.choices)
    unit = django_filters.ChoiceFilter(choices=Unit.choices)


class BalanceViews(ReadViews):
    """What accounts have, asked for and used, by unit."""

    scope = "rewards"
    queryset = RewardBalance.objects.filter(account__isnull=False)
    serializer_class = BalanceRow
    filterset_class = BalanceFilters


class ItemRow(Rows):
    class Meta:
        model = CatalogueItem
        fields = ["id", "key", "name", "words", "unit", "currency", "cost", "stock", "tier", "needs_approval", "state"]


class ItemFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=ItemState.choices)


class ItemViews(SharedViews):
    """What can be asked for, what it costs and how many there are."""

    scope = "rewards"
    queryset = CatalogueItem.objects.all()
    serializer_class = ItemRow
    filterset_class = ItemFilters


class RedemptionRow(OfAccount):
    item_key = serializers.CharField(source="item.key", read_only=True)
    select = ("account", "item")

    class Meta:
        model = Redemption
        fields = [
            *("id", "account", "account_external_id", "contact", "item", "item_key", "unit", "currency", "cost", "state", "asked_at"),
            *("decided_at", "decided_by", "note"),
        ]


class RedemptionFilters(OfAccountFilters):
    item = IdFilter(field_name="item_id")
    state = django_filters.ChoiceFilter(choices=RedemptionState.choices)


class Ask(Item):
    """One piece of the catalogue for an account. The same `message_id` again gives the first answer."""

    account_external_id: Id
    item: Annotated[str, Meta(min_length=1, max_length=60, description="Its key.")]
    message_id: Annotated[str, Meta(min_length=1, max_length=120)]
    contact: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None


class Note(Item):
    note: Annotated[str, Meta(max_length=250)] = ""


class RedemptionViews(CreateViews, ActViews):
    """What accounts asked for. Its price is set aside until it is handed over, refused or called off."""

    scope = "rewards"
    queryset = Redemption.objects.all()
    serializer_class = RedemptionRow
    filterset_class = RedemptionFilters
    orderings = ("pk", "-pk")
    item = Ask

    def make(self, item: Ask) -> Redemption:
        account = Account.objects.for_user(self.caller).filter(external_id=item.account_external_id).first()
        if account is None:
            raise Misfit("account_external_id", "There is no such account in your book.")
        wanted = CatalogueItem.objects.filter(key=item.item).first()
        if wanted is None:
            raise Misfit("item", "The catalogue has nothing of this key.")
        contact = Contact.objects.filter(account=account, pk=item.contact).first() if item.contact else None
        if item.contact and contact is None:
            raise Misfit("contact", "The account has no such contact.")
        key, actor = f"api:{account.pk}:{item.message_id}", actor_of(self.request)
        return services.redeem(account=account, item=wanted, idem_key=key, contact=contact, actor=actor, now=clock.now())

    @button(Nothing)
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say yes; it is handed over later."""
        return self.act(request, Nothing, lambda row, _: services.approve_redemption(row, actor=actor_of(request), now=clock.now()))

    @button(Note)
    def hand_over(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """They have it."""
        return self.act(request, Note, lambda row, said: services.hand_over(row, note=said.note, actor=actor_of(request), now=clock.now()))

    @button(Why)
    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Not this time: they get back what it cost."""
        return self.act(request, Why, lambda row, said: services.refuse_redemption(row, note=said.reason, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def call_off(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """They changed their mind."""
        return self.act(request, Nothing, lambda row, _: services.call_off(row, actor=actor_of(request), now=clock.now()))


ROUTES: dict[str, Any] = {
    "reward-rules": RuleViews,
    "reward-budgets": BudgetViews,
    "reward-claims": ClaimViews,
    "reward-movements": MovementViews,
    "reward-balances": BalanceViews,
    "catalogue": ItemViews,
    "redemptions": RedemptionViews,
}
