"""Renewals: which terms end, what success managers and the model say at 180, 90 and 30 days before, how it ended, and who was right."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Q

from apps.core.actor import Actor
from apps.core.errors import Refused

from . import services, subscriptions
from .models import Account, Renewal, RenewalCall, User
from .types import Call, CallBy, RenewalState, Stage

CHECKPOINTS = (180, 90, 30)
# What a commitment without a number stands for when it is scored.
MEANT = {Call.GOOD: 0.95, Call.AT_RISK: 0.6, Call.CHURN: 0.1}
# From here on a chance is called good, and below that it is called leaving.
_GOOD, _LEAVING = 0.8, 0.4
# Fewer decided renewals than this say nothing about anybody's judgement.
LEAST = 20

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
# One line per decided renewal, who spoke and how wrong: the newest word of each checkpoint counts, checkpoints count alike.
_SCORED = """
select r.id, c.by, avg((c.probability - case when r.state = 'churned' then 0 else 1 end) ^ 2), bool_or(r.state <> 'churned')
from accounts_renewal r join (
    select distinct on (renewal_id, by, checkpoint) renewal_id, by, probability from accounts_renewalcall
    where withdrawn_at is null order by renewal_id, by, checkpoint, at desc) c on c.renewal_id = r.id
where r.state <> 'open' and r.id = any(%(renewals)s)
group by 1, 2
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


def checkpoint(due_on: date, today: date) -> int:
    """The gate a renewal stands at: 180 until 90 days before, 90 until 30 days before, then 30."""
    days = (due_on - today).days
    return 180 if days > 90 else 90 if days > 30 else 30


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


def in_words(chance: float) -> Call:
    return Call.GOOD if chance >= _GOOD else Call.AT_RISK if chance >= _LEAVING else Call.CHURN


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
        subscriptions.change(contract, on=on, reason=f"renewed on {on:%d %b %Y}", actor=actor, now=now, **changes)


def _decide_account(renewal: Renewal, outcome_arr: Decimal, on: date, actor: Actor, now: datetime) -> None:
    account = Account.objects.get(pk=renewal.account_id)
    changes: dict[str, Any] = {"arr": outcome_arr, "renews_on": a_year_later(renewal.due_on)}
    if not outcome_arr:
        changes = {"stage": Stage.CHURNED, "churned_on": on}
    services.edit(account, changes=changes, actor=actor, now=now)


def a_year_later(day: date) -> date:
    """The same day next year; the 29th of February becomes the 28th."""
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else day.replace(year=day.year + 1, day=28)


def waiting_for_model(*, now: datetime) -> list[tuple[int, int, int]]:
    """Open renewals at a gate where the model has not spoken: (renewal, account, checkpoint). One statement."""
    today = now.date()
    gates = Q(due_on__gt=today + timedelta(days=90)), Q(due_on__lte=today + timedelta(days=90), due_on__gt=today + timedelta(days=30))
    rows = Renewal.objects.filter(state=RenewalState.OPEN, due_on__lte=today + timedelta(days=180), due_on__gte=today)
    found: list[tuple[int, int, int]] = []
    for gate, within in zip(CHECKPOINTS, (*gates, Q(due_on__lte=today + timedelta(days=30))), strict=True):
        silent = rows.filter(within).exclude(calls__by=CallBy.MODEL, calls__checkpoint=gate)
        found += [(key, account, gate) for key, account in silent.values_list("pk", "account")]
    return found


@dataclass(frozen=True)
class Score:
    """How far somebody's chances were from what happened: 0 is perfect, 0.25 a coin. `low` to `high` is the 95 % interval; None: cannot tell."""

    n: int
    brier: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, errors: Sequence[float]) -> "Score":
        if len(errors) < LEAST:
            return cls(len(errors))
        mean, half = fmean(errors), 1.96 * stdev(errors) / sqrt(len(errors))
        return cls(len(errors), mean, mean - half, mean + half)


@dataclass(frozen=True)
class Judgement:
    """Success managers against the model on decided renewals, and both against always saying the share that renewed (`base`).

    `difference` is CSM minus model over the renewals on which both had spoken: below zero, people were closer.
    """

    decided: int
    renewed: int
    csm: Score
    model: Score
    difference: Score
    base: float | None

    @property
    def verdict(self) -> str:
        found = self.difference
        if found.brier is None or found.low is None or found.high is None:
            return f"We cannot tell yet who calls renewals better: {found.n} of {LEAST} decided renewals have calls by both."
        if found.low > 0:
            return f"The model was closer than success managers on {found.n} renewals."
        if found.high < 0:
            return f"Success managers were closer than the model on {found.n} renewals."
        return f"On {found.n} renewals success managers and the model were equally close, as far as the numbers can tell."


def judgement(user: User | AnonymousUser, *, since: date) -> Judgement:
    """Scored on the renewals of this person's book that were decided since then."""
    decided = list(Renewal.objects.for_user(user).exclude(state=RenewalState.OPEN).filter(decided_on__gte=since).values_list("pk", "state"))
    errors: dict[str, dict[int, float]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_SCORED, {"renewals": [key for key, _state in decided]})
        for key, by, error, _renewed in cursor.fetchall():
            errors[by][key] = float(error)
    both = errors[CallBy.CSM].keys() & errors[CallBy.MODEL].keys()
    renewed = sum(1 for _key, state in decided if state != RenewalState.CHURNED)
    share = renewed / len(decided) if decided else 0.0
    return Judgement(
        decided=len(decided),
        renewed=renewed,
        csm=Score.of(list(errors[CallBy.CSM].values())),
        model=Score.of(list(errors[CallBy.MODEL].values())),
        difference=Score.of([errors[CallBy.CSM][key] - errors[CallBy.MODEL][key] for key in both]),
        base=share * (1 - share) if len(decided) >= LEAST else None,
    )
