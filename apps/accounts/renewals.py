"""Renewals: terms that end are opened, called at 180, 90 and 30 days before, and decided; contracts, accounts and ledger follow."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.core.errors import Refused

from . import services, subscriptions
from .calls import MEANT, checkpoint, in_words
from .models import Account, Renewal, RenewalCall, User
from .types import Call, CallBy, RenewalState, Stage

# The term of every running contract; accounts whose contracts we do not know have their own date.
_TERMS = """
with terms as (
    select s.account_id, s.id as subscription_id, s.renews_on as due_on, s.arr, s.currency
    from accounts_subscription s join accounts_account a on a.id = s.account_id
    where a.stage <> 'churned' and s.state in ('active', 'paused') and s.renews_on is not null
    union all
    select a.id, null, a.renews_on, a.arr, a.currency from accounts_account a
    where a.stage <> 'churned' and a.renews_on is not null and a.arr > 0
      and not exists (select 1 from accounts_subscription s where s.account_id = a.id and s.state <> 'ended' and s.renews_on is not null)
)
"""
_GONE = """
update accounts_renewal r
set state = 'churned', outcome_arr = 0, decided_on = least(coalesce(s.ended_on, a.churned_on, %(today)s), %(today)s), decided_by = %(actor)s
from accounts_renewal o join accounts_account a on a.id = o.account_id left join accounts_subscription s on s.id = o.subscription_id
where o.id = r.id and r.state = 'open' and (a.stage = 'churned' or s.state = 'ended')
"""
# A term that now ends much later was renewed; one that moved a little was only dated wrongly.
_WENT_ON = """
update accounts_renewal r
set state = case when t.arr > r.arr then 'expanded' when t.arr < r.arr then 'contracted' else 'renewed' end, outcome_arr = t.arr,
    booking_type = case when %(today)s < r.due_on - 30 then 'early' else r.booking_type end, decided_on = least(r.due_on, %(today)s),
    decided_by = %(actor)s
from terms t
where r.state = 'open' and t.account_id = r.account_id and t.subscription_id is not distinct from r.subscription_id and t.due_on > r.due_on + 60
"""
_KEEP = """
update accounts_renewal r
set due_on = t.due_on, arr = case when t.due_on > %(today)s::date + 30 then t.arr else r.arr end
from terms t
where r.state = 'open' and t.account_id = r.account_id and t.subscription_id is not distinct from r.subscription_id
  and t.due_on between r.due_on - 60 and r.due_on + 60 and (t.due_on <> r.due_on or (t.due_on > %(today)s::date + 30 and t.arr <> r.arr))
"""
_OPEN = """
insert into accounts_renewal (account_id, subscription_id, due_on, arr, currency, booking_type, state, decided_by)
select t.account_id, t.subscription_id, t.due_on, t.arr, t.currency, 'renewal', 'open', '' from terms t
where t.due_on between %(today)s::date - 30 and %(today)s::date + 180
order by t.due_on, t.account_id
on conflict do nothing
"""


def plan(*, actor: Actor, now: datetime) -> dict[str, int]:
    """Bring the renewals in line with the terms of contracts and accounts: settle, move and open. Four statements; a second run changes nothing."""
    said: dict[str, Any] = {"today": now.date(), "actor": str(actor)}
    counts = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for name, statement in (("gone", _GONE), ("went_on", _TERMS + _WENT_ON), ("moved", _TERMS + _KEEP), ("opened", _TERMS + _OPEN)):
            cursor.execute(statement, said)
            counts[name] = cursor.rowcount
    return counts


def call(renewal: Renewal, *, call: Call, author: User | None, actor: Actor, now: datetime, probability: float | None = None) -> RenewalCall:
    """Commit to how a renewal will end, at the gate it stands at; a newer word at the same gate replaces the older one."""
    with transaction.atomic():
        held = Renewal.objects.select_for_update(no_key=True).get(pk=renewal.pk)
        if held.state != RenewalState.OPEN:
            raise Refused("renewal_decided", f"This renewal is decided: {held.get_state_display()}. Nothing was changed.")
        return RenewalCall.objects.create(
            renewal=held,
            by=CallBy.CSM,
            checkpoint=checkpoint(held.due_on, now.date()),
            call=call,
            probability=MEANT[call] if probability is None else probability,
            at=now,
            author=author,
            source=str(actor),
        )


def withdraw(said: RenewalCall, *, actor: Actor, now: datetime) -> None:
    """Take a call back, as long as the renewal is open; the one before it counts again."""
    open_ones = RenewalCall.objects.filter(pk=said.pk, by=CallBy.CSM, withdrawn_at__isnull=True, renewal__state=RenewalState.OPEN)
    if not RenewalCall.objects.filter(pk__in=open_ones.values("pk")).update(withdrawn_at=now):
        raise Refused("call_stands", "This call was taken back already, or its renewal is decided. Nothing was changed.")


def note_model_calls(said: Sequence[tuple[int, int, float, str]], *, now: datetime) -> int:
    """Write what the model says (renewal, checkpoint, chance of renewing, model) where it has not spoken yet; returns how many lines were given."""
    RenewalCall.objects.bulk_create(
        [
            RenewalCall(renewal_id=key, by=CallBy.MODEL, checkpoint=gate, call=in_words(chance), probability=chance, at=now, source=model)
            for key, gate, chance, model in said
        ],
        ignore_conflicts=True,
    )
    return len(said)


def decide(renewal: Renewal, *, outcome_arr: Decimal, actor: Actor, now: datetime) -> Renewal:
    """Say how it ended: nought is not renewed. Contract, account and ledger follow from the day the term ended, and the next term begins."""
    with transaction.atomic():
        held = Renewal.objects.select_for_update(no_key=True).get(pk=renewal.pk)
        if held.state != RenewalState.OPEN:
            raise Refused("renewal_decided", f"This renewal is decided: {held.get_state_display()}. Nothing was changed.")
        if outcome_arr < 0:
            raise Refused("below_zero", "A renewal cannot bring less than nothing. Nothing was changed.")
        on = min(held.due_on, now.date())
        changed = (outcome_arr > held.arr) - (outcome_arr < held.arr)
        held.state = RenewalState.CHURNED if not outcome_arr else (RenewalState.RENEWED, RenewalState.EXPANDED, RenewalState.CONTRACTED)[changed]
        held.outcome_arr, held.decided_on, held.decided_by = outcome_arr, on, str(actor)
        held.save(update_fields=["state", "outcome_arr", "decided_on", "decided_by"])
        if held.subscription is not None:
            _decide_contract(held, outcome_arr, on, actor, now)
        else:
            _decide_account(held, outcome_arr, on, actor, now)
        return held


def _decide_contract(renewal: Renewal, outcome_arr: Decimal, on: date, actor: Actor, now: datetime) -> None:
    contract = renewal.subscription
    assert contract is not None
    if not outcome_arr:
        subscriptions.end(contract, on=on, reason="not renewed", actor=actor, now=now)
    else:
        changes: dict[str, Any] = {"arr": outcome_arr, "renews_on": a_year_later(renewal.due_on)}
        subscriptions.change(contract, on=on, reason=f"renewed on {on:%-d %b %Y}", actor=actor, now=now, **changes)


def _decide_account(renewal: Renewal, outcome_arr: Decimal, on: date, actor: Actor, now: datetime) -> None:
    account = Account.objects.get(pk=renewal.account_id)
    changes: dict[str, Any] = {"arr": outcome_arr, "renews_on": a_year_later(renewal.due_on)}
    if not outcome_arr:
        changes = {"stage": Stage.CHURNED, "churned_on": on}
    services.edit(account, changes=changes, actor=actor, now=now)


def a_year_later(day: date) -> date:
    """The same day next year; the 29th of February becomes the 28th."""
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else day.replace(year=day.year + 1, day=28)
