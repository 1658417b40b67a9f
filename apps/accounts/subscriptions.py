"""Contracts begin, change and end; the ledger hears of it in the same transaction.

Where an account has contracts, its ARR is the sum of the active ones in its own currency. Contracts in other currencies are kept in theirs and
join only in reports, at the rates of the period's start. Trials and paused contracts bring no ARR.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events

from . import ledger
from .models import Account, Subscription
from .types import Stage, SubscriptionState

_FOLLOW = """
with summed as (
    select a.id, a.arr as before, coalesce(sum(s.arr) filter (where s.state = 'active' and s.currency = a.currency), 0) as arr
    from accounts_account a join accounts_subscription s on s.account_id = a.id
    where a.id = any(%(accounts)s) and a.stage <> 'churned' group by a.id
)
update accounts_account a set arr = m.arr, version = a.version + 1 from summed m where a.id = m.id and a.arr <> m.arr
returning a.id, m.before, a.arr, a.version
"""


def start(
    account: Account,
    *,
    external_id: str,
    arr: Decimal,
    started_on: date,
    actor: Actor,
    now: datetime,
    currency: str = "",
    source: str = "staff",
    **details: Any,
) -> Subscription:
    """A contract begins and counts from its first day. `details`: plan, state, renews_on, seats."""
    with transaction.atomic():
        held = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        if held.stage == Stage.CHURNED:
            raise Refused("has_left", f"{held.name} has left. Say first that it is back. Nothing was changed.")
        if Subscription.objects.filter(external_id=external_id).exists():
            raise Refused("contract_exists", f"There is a contract {external_id} already. Nothing was changed.")
        contract = Subscription.objects.create(
            account=held, external_id=external_id, arr=arr, currency=currency or held.currency, started_on=started_on, **details
        )
        _book(contract, held, on=started_on, reason=f"contract {external_id} began", source=source, actor=actor, now=now)
        return contract


def change(
    subscription: Subscription,
    *,
    on: date,
    actor: Actor,
    now: datetime,
    source: str = "staff",
    reason: str = "",
    seen: Mapping[str, Any] | None = None,
    version: int | None = None,
    **changes: Any,
) -> None:
    """A contract changes from that day on: arr, state, plan, seats, renews_on. Its currency never does: that is another contract.

    `seen` and `version` guard against somebody who was quicker, as in `events.services.edit`, which keeps the history.
    """
    with transaction.atomic():
        held = Account.objects.select_for_update(no_key=True).get(pk=subscription.account_id)
        contract = Subscription.objects.select_for_update().get(pk=subscription.pk)
        if contract.state == SubscriptionState.ENDED:
            raise Refused("contract_ended", f"Contract {contract.external_id} ended on {contract.ended_on}. Nothing was changed.")
        events.edit(contract, changes=changes, seen=seen, version=version, actor=actor, now=now, source=source)
        _book(contract, held, on=on, reason=reason or f"contract {contract.external_id} changed", source=source, actor=actor, now=now)


def end(subscription: Subscription, *, on: date, actor: Actor, now: datetime, source: str = "staff", reason: str = "") -> None:
    """A contract ends; what it brought is gone from that day on. Whether the customer has left with it is said apart."""
    words = reason or f"contract {subscription.external_id} ended"
    change(subscription, on=on, actor=actor, now=now, source=source, reason=words, state=SubscriptionState.ENDED, ended_on=on)


def end_all(account_ids: list[int], *, on: date) -> int:
    """The customers have left, and their contracts with them; the ledger is told by whoever marks them as gone. One statement."""
    running = Subscription.objects.filter(account__in=account_ids).exclude(state=SubscriptionState.ENDED)
    return running.update(state=SubscriptionState.ENDED, ended_on=Greatest("started_on", on))


def end_of_leavers(account_ids: Collection[int], *, on: date) -> int:
    """The contracts of those among these accounts who have left end with them: on their day of leaving, or `on` where it is not known."""
    left = Account.objects.filter(pk=OuterRef("account"), stage=Stage.CHURNED)
    running = Subscription.objects.filter(Exists(left), account__in=account_ids).exclude(state=SubscriptionState.ENDED)
    day = Coalesce(Subquery(left.values("churned_on")[:1]), on)
    return running.update(state=SubscriptionState.ENDED, ended_on=Greatest("started_on", day))


def follow(account_ids: Collection[int], *, source: str, actor: Actor, now: datetime, batch: str = "") -> None:
    """The ARR of accounts that have contracts becomes the sum of the active ones in their currency, with its history and its movements."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FOLLOW, {"accounts": sorted(account_ids)})
        changed = cursor.fetchall()
        events.record_changes(
            [events.Changed(f"account:{key}", "arr", before, after, version) for key, before, after, version in changed],
            actor=actor,
            source=source,
            now=now,
            batch=batch,
        )
        ledger.post_differences(list(account_ids), on=now.date(), source=source, actor=actor, now=now)


def _book(contract: Subscription, account: Account, *, on: date, reason: str, source: str, actor: Actor, now: datetime) -> None:
    """The ledger moves by what the contracts now bring in this currency against what it has."""
    active = Subscription.objects.filter(account=account, currency=contract.currency, state=SubscriptionState.ACTIVE)
    target = active.aggregate(sum=Sum("arr"))["sum"] or Decimal()
    amount = target - ledger.balances(account.pk).get(contract.currency, Decimal())
    if amount:
        ledger.record(
            account,
            amount=amount,
            currency=contract.currency,
            effective_on=on,
            reason=reason,
            source=source,
            actor=actor,
            now=now,
            subscription=contract,
        )
