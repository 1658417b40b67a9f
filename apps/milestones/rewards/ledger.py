"""The only writer of movements: both sides and both balances in one transaction, each cause once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from apps.core.actor import Actor
from apps.core.errors import Refused

from ..models import RewardBalance, RewardMovement
from ..types import WAYS, Book

_WITH_ACCOUNT = {Book.HELD, Book.ACCOUNT, Book.RESERVED, Book.REDEEMED, Book.EXPIRED}
# Who writes several balances writes them in this order, so that two writers never wait for each other.
_ORDER = [Book.COMPANY, Book.BUDGET, Book.HELD, Book.ACCOUNT, Book.RESERVED, Book.REDEEMED, Book.EXPIRED]
_ADD = """
insert into milestones_rewardbalance as b (book, account_id, budget_id, unit, currency, amount)
values (%(book)s, %(account)s, %(budget)s, %(unit)s, %(currency)s, %(amount)s)
on conflict (account_id, book, budget_id, unit, currency) do update set amount = b.amount + excluded.amount
"""
# The check on a balance looks at the row that would be inserted too, also where one is there already: what leaves a book is taken from a row.
_TAKE = """
update milestones_rewardbalance set amount = amount + %(amount)s
where book = %(book)s and account_id is not distinct from %(account)s and budget_id is not distinct from %(budget)s
    and unit = %(unit)s and currency = %(currency)s
"""


@dataclass(frozen=True)
class Entry:
    """One movement as it is asked for. `key` names its cause."""

    kind: str
    unit: str
    currency: str
    amount: Decimal
    key: str
    account_id: int | None = None
    budget_id: int | None = None
    claim_id: int | None = None
    redemption_id: int | None = None
    reverses_id: int | None = None
    reason: str = ""


def hold_accounts(account_ids: Collection[int]) -> None:
    """Until the transaction ends nobody else writes for these accounts: what an account has had so far is read and answered in one go."""
    with connection.cursor() as cursor:
        cursor.execute("select id from accounts_account where id = any(%s) order by id for no key update", [list(account_ids)])


def post(entry: Entry, *, actor: Actor, now: datetime, savepoint: bool = True) -> RewardMovement | None:
    """Write one movement and both its balances; None where its key was written before. Refused where a book would fall below nought.

    Without `savepoint` a refusal takes the whole transaction with it: for who does not go on after one.
    """
    source, target = WAYS[entry.kind]
    try:
        with transaction.atomic(savepoint=savepoint):
            row = _insert(entry, source, target, actor=actor, now=now)
            if row is None:
                return None
            for book, amount in sorted(((source, -entry.amount), (target, entry.amount)), key=lambda side: _ORDER.index(Book(side[0]))):
                _move(entry, book, amount)
    except IntegrityError as error:
        if "nothing_below_nought" not in str(error):
            raise
        raise Refused("not_enough", f"There is not enough in “{Book(source).label}” for {entry.amount} {entry.currency or entry.unit}.") from error
    return row


def _insert(entry: Entry, source: str, target: str, *, actor: Actor, now: datetime) -> RewardMovement | None:
    row = RewardMovement(
        kind=entry.kind,
        source=source,
        target=target,
        unit=entry.unit,
        currency=entry.currency,
        amount=entry.amount,
        account_id=entry.account_id,
        budget_id=entry.budget_id,
        claim_id=entry.claim_id,
        redemption_id=entry.redemption_id,
        reverses_id=entry.reverses_id,
        reason=entry.reason[:250],
        actor=str(actor),
        at=now,
        idem_key=entry.key,
    )
    columns = [field for field in RewardMovement._meta.concrete_fields if not field.primary_key]
    names = ", ".join(str(field.column) for field in columns)
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into milestones_rewardmovement ({names}) values ({marks}) on conflict (idem_key) do nothing returning id",  # noqa: S608
            [getattr(row, field.attname) for field in columns],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    row.pk = found[0]
    return row


def _move(entry: Entry, book: str, amount: Decimal) -> None:
    side: dict[str, Any] = {
        "book": book,
        "account": entry.account_id if book in _WITH_ACCOUNT else None,
        "budget": entry.budget_id if book == Book.BUDGET else None,
        "unit": entry.unit,
        "currency": entry.currency,
        "amount": amount,
    }
    with connection.cursor() as cursor:
        if amount < 0 and book != Book.COMPANY:
            cursor.execute(_TAKE, side)
            if not cursor.rowcount:
                raise Refused("not_enough", f"There is nothing in “{Book(book).label}”.")
        else:
            cursor.execute(_ADD, side)


def balance(book: str, *, unit: str, currency: str = "", account_id: int | None = None, budget_id: int | None = None) -> Decimal:
    """What stands in a book; nought where nothing ever moved."""
    row = RewardBalance.objects.filter(book=book, account=account_id, budget=budget_id, unit=unit, currency=currency).values_list("amount", flat=True)
    return row.first() or Decimal()


def balances_of(account_id: int) -> list[RewardBalance]:
    """What an account has, has asked for and waits for, by unit; empty books are left out."""
    books = (Book.ACCOUNT, Book.HELD, Book.RESERVED)
    return list(RewardBalance.objects.filter(account=account_id, book__in=books, amount__gt=0).order_by("unit", "currency", "book"))


# Sums of the movements by book against the balances that are kept: rows where they differ.
DIFFERENCES = """
with sides as (
    select source as book, account_id, budget_id, unit, currency, -amount as amount from milestones_rewardmovement
    union all
    select target, account_id, budget_id, unit, currency, amount from milestones_rewardmovement
), sums as (
    select book, case when book in ('company', 'budget') then null else account_id end as account_id,
        case when book = 'budget' then budget_id end as budget_id, unit, currency, sum(amount) as amount
    from sides where book in ('company', 'budget') or account_id is not null group by 1, 2, 3, 4, 5
)
select coalesce(b.id, 0) from sums s full join milestones_rewardbalance b
    on b.book = s.book and b.account_id is not distinct from s.account_id and b.budget_id is not distinct from s.budget_id
    and b.unit = s.unit and b.currency = s.currency
where coalesce(s.amount, 0) <> coalesce(b.amount, 0)
"""
