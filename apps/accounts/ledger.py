"""The ARR ledger: what changed in an account's recurring revenue, when it counts and when we came to know it.

Every function leaves the books balanced: per account and currency, the sum of the movements is the present ARR (0 for who has left).
A movement's kind follows from its day: who has no ARR as the day begins is new, or a reactivation if there was ARR before; a decrease that leaves
nothing is churn. Definitions: docs/revenue.md.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from django.db import connection, transaction
from django.db.models import F, Sum

from apps.core.actor import Actor
from apps.core.errors import Refused

from .models import Account, ArrMovement, Subscription
from .types import MovementKind, Stage, SubscriptionState

_HOLD = "select id from accounts_account where id = any(%(accounts)s) order by id for no key update"

# In the account's own currency its ARR counts; contracts in other currencies are kept in theirs, because sums of different currencies are none.
_POST = """
with asked as (
    select id, stage, currency, arr, started_on, churned_on from accounts_account where id = any(%(accounts)s)
), present as (
    select id as account_id, currency, arr from asked where stage <> 'churned'
    union all
    select s.account_id, s.currency, sum(s.arr)
    from accounts_subscription s join asked a on a.id = s.account_id
    where a.stage <> 'churned' and s.state = 'active' and s.currency <> a.currency
    group by 1, 2
), booked as (
    select account_id, currency, sum(amount) as arr from accounts_arrmovement where account_id = any(%(accounts)s) group by 1, 2
), past as (
    select m.account_id, max(m.effective_on) as last_on, max(m.id) as last_id,
           bool_or(m.amount > 0 and m.reverses_id is null and back.id is null) as had
    from accounts_arrmovement m left join accounts_arrmovement back on back.reverses_id = m.id
    where m.account_id = any(%(accounts)s) group by 1
), left_over as (
    select account_id, sum(arr) as arr from present group by 1
), dated as (
    select d.*, past.had, past.last_id, coalesce(l.arr, 0) as left_over,
           case when past.last_on is null then least(coalesce(a.started_on, %(on)s), %(on)s)
                when a.stage = 'churned' then greatest(least(coalesce(a.churned_on, %(on)s), %(on)s), past.last_on)
                else greatest(%(on)s, past.last_on) end as effective_on
    from (select account_id, currency, coalesce(p.arr, 0) - coalesce(b.arr, 0) as amount
          from present p full join booked b using (account_id, currency) where coalesce(p.arr, 0) <> coalesce(b.arr, 0)) d
    join asked a on a.id = d.account_id left join past using (account_id) left join left_over l using (account_id)
), kept as (
    select d.account_id, d.currency, d.amount, d.effective_on, d.last_id,
           case when d.amount < 0 then case when d.left_over = 0 then 'churn' else 'contraction' end
                when (select sum(m.amount) from accounts_arrmovement m where m.account_id = d.account_id and m.effective_on < d.effective_on) > 0
                then 'expansion'
                when d.had then 'reactivation' else 'new' end as kind
    from dated d
    union all
    -- Who had left before we heard of them: their whole life, when both its days are known.
    select a.id, a.currency, case side.kind when 'new' then a.arr else -a.arr end,
           case side.kind when 'new' then a.started_on else a.churned_on end, null, side.kind
    from asked a cross join (values ('new'), ('churn')) as side(kind)
    where a.stage = 'churned' and a.arr > 0 and a.started_on <= a.churned_on and a.churned_on <= %(on)s
      and not exists (select 1 from past where past.account_id = a.id)
)
insert into accounts_arrmovement (account_id, kind, amount, currency, effective_on, recorded_at, reason, source, actor, idem_key)
select account_id, kind, amount, currency, effective_on, %(now)s, '', %(source)s, %(actor)s,
       'difference:' || account_id || ':' || currency || ':' || kind || ':' || coalesce(last_id, 0)
from kept order by account_id, effective_on, amount desc
"""


@dataclass(eq=False)
class _Entry:
    """A movement as it ought to be. `row` is the stored one; `takes_all` marks a churn, which follows whatever there is to lose."""

    kind: str
    amount: Decimal
    currency: str
    effective_on: date
    subscription_id: int | None
    reason: str
    row: ArrMovement | None = None
    takes_all: bool = False
    idem_key: str = ""

    @property
    def differs(self) -> bool:
        row = self.row
        return row is None or (row.kind, row.amount, row.effective_on) != (self.kind, self.amount, self.effective_on)


def post_differences(account_ids: Collection[int], *, on: date, source: str, actor: Actor, now: datetime) -> int:
    """Write a movement wherever an account's present ARR differs from its ledger; returns how many. Two statements, whatever the number of accounts.

    It counts from `on`; an account's first one from the day it started, a leaver's from the day of leaving, where these are earlier. Nothing is put
    before a later movement: what belongs into the past goes through `record` and `restate`.
    """
    if not account_ids:
        return 0
    ids = sorted(set(account_ids))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, {"accounts": ids})
        cursor.execute(_POST, {"accounts": ids, "on": on, "now": now, "source": source, "actor": str(actor)})
        return int(cursor.rowcount)


def record(
    account: Account,
    *,
    amount: Decimal,
    effective_on: date,
    reason: str,
    source: str,
    actor: Actor,
    now: datetime,
    currency: str = "",
    subscription: Subscription | None = None,
    idem_key: str = "",
) -> ArrMovement:
    """Enter one movement, also into the past; the account's present ARR follows. The same `idem_key` again changes nothing and returns the first."""
    with transaction.atomic():
        held = _hold(account.pk)
        if idem_key and (known := ArrMovement.objects.filter(idem_key=idem_key).first()):
            return known
        if amount == 0:
            raise Refused("nothing_moves", "A movement of 0 moves nothing. Nothing was changed.")
        entry = _Entry(
            kind="",
            amount=amount,
            currency=currency or held.currency,
            effective_on=effective_on,
            subscription_id=subscription.pk if subscription else None,
            reason=reason,
            idem_key=idem_key or f"recorded:{uuid.uuid4()}",
        )
        _write(held, [*_live(account.pk), entry], reason=reason, source=source, actor=actor, now=now)
    assert entry.row is not None
    return entry.row


def restate(
    movement: ArrMovement,
    *,
    reason: str,
    source: str,
    actor: Actor,
    now: datetime,
    amount: Decimal | None = None,
    effective_on: date | None = None,
) -> ArrMovement | None:
    """Correct a movement: one row takes it back, another says it right (none for an amount of 0, which returns None).

    Later movements that follow from it are corrected with it, and the present ARR follows. What was known before `now` stays readable.
    """
    with transaction.atomic():
        held = _hold(movement.account_id)
        entries = _live(movement.account_id)
        entry = next((one for one in entries if one.row is not None and one.row.pk == movement.pk), None)
        if entry is None:
            raise Refused("already_reversed", "This movement was taken back already, or is itself a correction. Correct the row that replaced it.")
        entry.amount = entry.amount if amount is None else amount
        entry.effective_on = entry.effective_on if effective_on is None else effective_on
        entry.takes_all = False
        entry.reason = reason
        if (entry.amount, entry.effective_on) == (movement.amount, movement.effective_on):
            raise Refused("nothing_to_correct", "Amount and day are already so. Nothing was changed.")
        _write(held, entries, reason=f"follows from a correction: {reason}", source=source, actor=actor, now=now)
    return entry.row if entry.amount else None


def balances(account_id: int) -> dict[str, Decimal]:
    """Present ARR by currency, as the ledger has it; currencies without any are left out."""
    rows = ArrMovement.objects.filter(account=account_id).values_list("currency").annotate(arr=Sum("amount")).order_by()
    return {currency: arr for currency, arr in rows if arr}


def _hold(account_id: int) -> Account:
    return Account.objects.select_for_update(no_key=True).get(pk=account_id)


def _live(account_id: int) -> list[_Entry]:
    """The movements that stand: neither taken back nor taking back."""
    rows = ArrMovement.objects.filter(account=account_id, reverses__isnull=True, reversed_by__isnull=True)
    return [
        _Entry(
            kind=row.kind,
            amount=row.amount,
            currency=row.currency,
            effective_on=row.effective_on,
            subscription_id=row.subscription_id,
            reason="",
            row=row,
            takes_all=row.kind == MovementKind.CHURN,
        )
        for row in rows
    ]


def _settle(entries: Iterable[_Entry]) -> dict[str, Decimal]:
    """Walk through the days, give each movement its kind and each churn its amount; returns the balances at the end."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    had = False
    for day, group in groupby(sorted(entries, key=lambda entry: entry.effective_on), key=lambda entry: entry.effective_on):
        movements = [entry for entry in group if entry.amount]
        pays, gained, lost = any(held.values()), [one for one in movements if one.amount > 0], [one for one in movements if one.amount < 0]
        for entry in gained:
            held[entry.currency] += entry.amount
            entry.kind = MovementKind.EXPANSION if pays else MovementKind.REACTIVATION if had else MovementKind.NEW
        had = had or bool(gained)
        # Who leaves takes along what is left once everything else of the day is done; of several such rows the last one does.
        for entry in sorted(lost, key=lambda one: one.takes_all):
            last = entry.takes_all and not any(one.takes_all and one.currency == entry.currency for one in lost[lost.index(entry) + 1 :])
            if last:
                entry.amount = -held[entry.currency]
            held[entry.currency] += entry.amount
            if held[entry.currency] < 0:
                raise Refused(
                    "below_zero",
                    f"On {day:%-d %b %Y} the ARR would fall to {held[entry.currency]:,.2f} {entry.currency}. Nothing was changed.",
                )
        for entry in lost:
            # Who shrinks in the morning and leaves in the evening did both.
            before = entry.row is not None and entry.row.kind == MovementKind.CONTRACTION and any(one is not entry and _leaves(one) for one in lost)
            entry.kind = MovementKind.CONTRACTION if before or any(held.values()) else MovementKind.CHURN
    return held


def _leaves(entry: _Entry) -> bool:
    return entry.row is None or entry.row.kind == MovementKind.CHURN


def _write(account: Account, entries: list[_Entry], *, reason: str, source: str, actor: Actor, now: datetime) -> None:
    """Settle, store what differs from what is stored, and let account and contracts follow."""
    # A day ahead is still today somewhere on earth.
    if any(entry.effective_on > now.date() + timedelta(days=1) for entry in entries if entry.differs):
        raise Refused("not_yet", "A movement counts from its day: one in the future cannot be entered yet. Nothing was changed.")
    held = _settle(entries)
    if account.stage == Stage.CHURNED and any(held.values()):
        raise Refused("has_left", f"{account.name} has left, so nothing may remain. Say first that it is back. Nothing was changed.")
    moved: dict[int, Decimal] = defaultdict(Decimal)
    common = {"account": account, "recorded_at": now, "source": source, "actor": str(actor)}
    for entry in [one for one in entries if one.differs]:
        old = entry.row
        if old is not None:
            back = {"kind": old.kind, "amount": -old.amount, "currency": old.currency, "effective_on": old.effective_on, "reverses": old}
            ArrMovement.objects.create(
                **common, **back, subscription_id=old.subscription_id, reason=(entry.reason or reason)[:250], idem_key=f"reversed:{old.pk}"
            )
        if entry.amount:
            right = {"kind": entry.kind, "amount": entry.amount, "currency": entry.currency, "effective_on": entry.effective_on}
            entry.row = ArrMovement.objects.create(
                **common,
                **right,
                subscription_id=entry.subscription_id,
                reason=(entry.reason or reason)[:250],
                idem_key=f"restated:{old.pk}" if old else entry.idem_key,
            )
        if entry.subscription_id is not None and old is not None:
            moved[entry.subscription_id] += entry.amount - old.amount
    for subscription_id, amount in moved.items():
        Subscription.objects.filter(pk=subscription_id, state=SubscriptionState.ACTIVE).update(arr=F("arr") + amount)
    _follow(account, held)


def _follow(account: Account, held: dict[str, Decimal]) -> None:
    """The account's ARR is its ledger's sum; in other currencies contracts must say the same, for an account has one ARR."""
    contracts = Subscription.objects.filter(account=account, state=SubscriptionState.ACTIVE).exclude(currency=account.currency)
    elsewhere = dict(contracts.values_list("currency").annotate(sum=Sum("arr")).order_by())
    for currency in {*held, *elsewhere} - {account.currency}:
        if account.stage != Stage.CHURNED and held.get(currency, Decimal()) != elsewhere.get(currency, Decimal()):
            raise Refused(
                "no_contract_in_currency",
                f"{account.name} is kept in {account.currency}: ARR in {currency} belongs to a contract. Change the contract. Nothing was changed.",
            )
    if account.stage != Stage.CHURNED:
        Account.objects.filter(pk=account.pk).update(arr=held.get(account.currency, Decimal()))
