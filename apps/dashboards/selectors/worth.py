"""What an account pays: contracts, the movements of its ARR, and its bills."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account, ArrMovement, Invoice, Subscription
from apps.accounts.types import InvoiceState
from apps.core.reading import Reading

MOST = 60
_WIDE, _HIGH = 520.0, 96.0


@dataclass(frozen=True)
class Movement:
    row: Any
    after: Decimal


@dataclass(frozen=True)
class Worth:
    """`steps` draws the ARR in the account's currency in a box of 520 x 96."""

    subscriptions: list[Any]
    movements: list[Movement]
    steps: str
    words: str
    invoices: list[Any]
    overdue: dict[str, Decimal]


def worth(account: Account, *, now: datetime) -> Reading[Worth]:
    """As of `now`: what counts later is left out."""
    day = now.date()
    rows = ArrMovement.objects.filter(account=account, effective_on__lte=day).select_related("subscription").order_by("effective_on", "id")
    contracts = Subscription.objects.filter(account=account, started_on__lte=day).order_by("-arr", "id")[:MOST]
    invoices = Invoice.objects.filter(account=account, issued_on__lte=day).order_by("-issued_on", "-id")[:12]
    due = Invoice.objects.filter(account=account, due_on__lt=day).exclude(state=InvoiceState.VOID)
    yield rows, contracts, invoices, due
    running: dict[str, Decimal] = {}
    movements = []
    for row in rows:
        running[row.currency] = running.get(row.currency, Decimal(0)) + row.amount
        movements.append(Movement(row, running[row.currency]))
    own = [(movement.row.effective_on, movement.after) for movement in movements if movement.row.currency == account.currency]
    for invoice in invoices:
        _as_it_stood(invoice, day)
    return Worth(
        subscriptions=_as_they_ran(contracts, day),
        movements=movements[::-1][:MOST],
        steps=_steps(own, day),
        words=f"ARR from {own[0][1]:,.0f} to {own[-1][1]:,.0f} {account.currency} in {len(own)} movement{'' if len(own) == 1 else 's'}"
        if own
        else "",
        invoices=list(invoices),
        overdue=_overdue(due, day),
    )


def _as_they_ran(contracts: Iterable[Subscription], day: date) -> list[Subscription]:
    found = list(contracts)
    for contract in found:
        if contract.ended_on is not None and contract.ended_on > day:
            contract.ended_on, contract.state = None, "active"
    return found


def _as_it_stood(invoice: Any, day: date) -> None:
    """A bill that was paid later was still open; `late` says for how many days."""
    if invoice.state == InvoiceState.PAID and invoice.paid_on > day:
        invoice.state, invoice.paid_on = InvoiceState.OPEN, None
    invoice.late = (day - invoice.due_on).days if invoice.state in (InvoiceState.OPEN, InvoiceState.FAILED) and invoice.due_on < day else 0


def _overdue(due: Iterable[Invoice], day: date) -> dict[str, Decimal]:
    owed: dict[str, Decimal] = {}
    for invoice in due:
        if invoice.state != InvoiceState.PAID or (invoice.paid_on is not None and invoice.paid_on > day):
            owed[invoice.currency] = owed.get(invoice.currency, Decimal(0)) + invoice.amount
    return owed


def _steps(points: list[tuple[date, Decimal]], until: date) -> str:
    """A line that jumps on the day of each movement."""
    if not points:
        return ""
    first, days = points[0][0], max(1, (until - points[0][0]).days)
    most = float(max(amount for _, amount in points)) or 1.0
    path: list[str] = []
    before = 0.0
    for day, amount in points:
        x, y = round(_WIDE * (day - first).days / days, 1), round(_HIGH - 4 - (_HIGH - 8) * float(amount) / most, 1)
        path += [f"{x},{before}" if path else "", f"{x},{y}"]
        before = y
    path.append(f"{_WIDE},{before}")
    return " ".join(part for part in path if part)
