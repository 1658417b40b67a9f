"""What a program may say of a customer. Accounts and people are named by their ids in its own systems, people of ours by email address."""

import functools
import zoneinfo
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, UnsetType

from apps.core.api.items import Count, Currency, Email, Id, Item, Misfit, Moment

Word12 = Annotated[str, Meta(max_length=12)]
Word40 = Annotated[str, Meta(max_length=40)]
Word60 = Annotated[str, Meta(max_length=60)]
Word80 = Annotated[str, Meta(max_length=80)]
Word120 = Annotated[str, Meta(max_length=120)]
Line = Annotated[str, Meta(max_length=250)]
Body = Annotated[str, Meta(min_length=1, max_length=20_000)]
Traits = Annotated[dict[str, Any], Meta(description="Merged by name; each trait keeps the type it is registered with.")]
AccountId = Annotated[str, Meta(min_length=1, max_length=120, description="The account's id in your own systems.")]
ContactId = Annotated[str, Meta(max_length=120, description="The person's id in your own systems, or their email address.")]
Colleague = Annotated[str, Meta(max_length=254, description="The email address of a member of staff.")]


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


class _Placed(Item):
    def check(self) -> None:
        super().check()
        zone = self.said().get("time_zone")
        if zone and zone not in _zones():
            raise Misfit("time_zone", "This is no time zone; use a name such as Europe/Berlin.")


class AccountChange(_Placed):
    """What may be changed of an account."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    parent_external_id: AccountId | None | UnsetType = UNSET
    domain: Word120 | UnsetType = UNSET
    domains: Annotated[list[Word120], Meta(max_length=50)] | UnsetType = UNSET
    tier: Word40 | UnsetType = UNSET
    segment: Word60 | UnsetType = UNSET
    tags: Annotated[list[Word60], Meta(max_length=50)] | UnsetType = UNSET
    plan: Word80 | UnsetType = UNSET
    stage: Literal["onboarding", "active", "churned"] | UnsetType = UNSET
    owner: Colleague | None | UnsetType = UNSET
    time_zone: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    locale: Word12 | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    arr: Decimal | UnsetType = UNSET
    seats: Count | None | UnsetType = UNSET
    seats_used: Count | None | UnsetType = UNSET
    started_on: date | None | UnsetType = UNSET
    renews_on: date | None | UnsetType = UNSET
    churned_on: date | None | UnsetType = UNSET
    traits: Traits | UnsetType = UNSET


class AccountItem(AccountChange, kw_only=True):
    external_id: Id

    def check(self) -> None:
        super().check()
        if self.parent_external_id == self.external_id:
            raise Misfit("parent_external_id", "An account cannot own itself.")


class ContactChange(_Placed):
    emails: ClassVar[tuple[str, ...]] = ("email",)

    account_external_id: AccountId | UnsetType = UNSET
    name: Annotated[str, Meta(max_length=160)] | UnsetType = UNSET
    title: Word120 | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    phone: Word40 | UnsetType = UNSET
    role: Literal["champion", "sponsor", "admin", "user", "detractor"] | UnsetType = UNSET
    time_zone: Word60 | UnsetType = UNSET
    locale: Word12 | UnsetType = UNSET
    influence: Annotated[int, Meta(ge=1, le=5)] | None | UnsetType = UNSET
    departed_on: date | None | UnsetType = UNSET
    traits: Traits | UnsetType = UNSET


class ContactItem(ContactChange, kw_only=True):
    external_id: Id


class SubscriptionChange(Item, kw_only=True):
    account_external_id: AccountId | UnsetType = UNSET
    plan: Word80 | UnsetType = UNSET
    state: Literal["trial", "active", "paused", "ended"] | UnsetType = UNSET
    started_on: date | UnsetType = UNSET
    renews_on: date | None | UnsetType = UNSET
    ended_on: date | None | UnsetType = UNSET
    seats: Count | None | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    arr: Decimal | UnsetType = UNSET


class SubscriptionItem(SubscriptionChange, kw_only=True):
    external_id: Id


class InvoiceItem(Item, kw_only=True):
    external_id: Id
    account_external_id: AccountId | UnsetType = UNSET
    number: Word60 | UnsetType = UNSET
    state: Literal["open", "paid", "failed", "void"] | UnsetType = UNSET
    amount: Decimal | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET
    issued_on: date | UnsetType = UNSET
    due_on: date | UnsetType = UNSET
    paid_on: date | None | UnsetType = UNSET


class TicketChange(Item, kw_only=True):
    account_external_id: AccountId | UnsetType = UNSET
    contact_external_id: ContactId | UnsetType = UNSET
    subject: Line | UnsetType = UNSET
    priority: Literal["p1", "p2", "p3", "p4"] | UnsetType = UNSET
    state: Literal["open", "pending", "solved"] | UnsetType = UNSET
    opened_at: Moment | UnsetType = UNSET
    answered_at: Moment | None | UnsetType = UNSET
    solved_at: Moment | None | UnsetType = UNSET
    due_at: Moment | None | UnsetType = UNSET


class TicketItem(TicketChange, kw_only=True):
    external_id: Id


class SurveyItem(Item, kw_only=True):
    external_id: Id
    account_external_id: AccountId | UnsetType = UNSET
    contact_external_id: ContactId | UnsetType = UNSET
    kind: Literal["nps", "csat", "ces"] | UnsetType = UNSET
    score: Annotated[int, Meta(ge=0, le=10)] | UnsetType = UNSET
    comment: Annotated[str, Meta(max_length=20_000)] | UnsetType = UNSET
    topic: Word80 | UnsetType = UNSET
    language: Word12 | UnsetType = UNSET
    at: Moment | UnsetType = UNSET


class ActivityThing(Item, kw_only=True):
    """Something a customer did. `message_id` makes it count once however often it is sent."""

    message_id: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Annotated[str, Meta(min_length=1, max_length=160)]
    at: Moment
    account_external_id: Annotated[str, Meta(max_length=120)] = ""
    contact_external_id: Annotated[str, Meta(max_length=120)] = ""
    value: float = 1.0
    properties: dict[str, Any] = {}

    def check(self) -> None:
        super().check()
        if not self.account_external_id and not self.contact_external_id:
            raise Misfit("account_external_id", "Nobody is named: send the account or a person.")


class NoteChange(Item, kw_only=True):
    kind: Literal["note", "call", "meeting", "email"] | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    minutes: Annotated[int, Meta(ge=0, le=32_767)] | None | UnsetType = UNSET
    at: Moment | UnsetType = UNSET


class NoteItem(Item, kw_only=True):
    account_external_id: AccountId
    body: Body
    kind: Literal["note", "call", "meeting", "email"] = "note"
    minutes: Annotated[int, Meta(ge=0, le=32_767)] | None = None
    at: Moment | None = None
    contacts: Annotated[list[int], Meta(max_length=50, description="Ids here of the people who took part.")] = []


class PromiseChange(Item, kw_only=True):
    text: Annotated[str, Meta(min_length=1, max_length=250)] | UnsetType = UNSET
    due_on: date | UnsetType = UNSET
    owner: Colleague | None | UnsetType = UNSET
    state: Literal["open", "kept", "dropped"] | UnsetType = UNSET


class PromiseItem(Item, kw_only=True):
    account_external_id: AccountId
    text: Annotated[str, Meta(min_length=1, max_length=250)]
    due_on: date
    by_customer: bool = False
    owner: Colleague | None = None


class PulseItem(Item, kw_only=True):
    account_external_id: AccountId
    value: Annotated[int, Meta(ge=0, le=100)]
    reason: Annotated[str, Meta(max_length=300)] = ""


class RenewalCalled(Item, kw_only=True):
    """What somebody commits to. Without a probability the call's usual one is scored afterwards."""

    call: Literal["good", "at_risk", "churn"]
    probability: Annotated[float, Meta(ge=0, le=1, description="That it renews, for any amount.")] | None = None


class RenewalDecided(Item, kw_only=True):
    outcome_arr: Annotated[Decimal, Meta(description="What it brings from then on; nought is not renewed.")]


class RateItem(Item, kw_only=True):
    currency: Currency
    valid_from: date
    rate: Annotated[str, Meta(max_length=24, description="What one unit is worth in the workspace's currency, as text: 1.0832.")]
