"""Data out: rows of one's own book as CSV or XLSX, in the columns that the imports understand, so that a file can come back unchanged."""

import csv
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from .formulas import guard
from .imports.columns import TRAIT
from .imports.kinds import KINDS
from .models import Account, ActivityEvent, ArrMovement, Contact, Invoice, Subscription, SurveyResponse, Ticket, User

_CHUNK = 2_000
# What XML cannot hold, and a text that only looks as if it held it.
_NOT_XML = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-F]{4}_)")
SHEET_ROWS = 1_048_575
# The column of an export -> where it stands; traits follow in columns of their own.
_ACCOUNTS = {
    "account_id": "external_id",
    "name": "name",
    "start_date": "started_on",
    "renews_on": "renews_on",
    "churn_date": "churned_on",
    "plan": "plan",
    "arr": "arr",
    "currency": "currency",
    "seats": "seats",
    "owner_email": "owner__email",
    "domain": "domain",
    "time_zone": "time_zone",
}
_CONTACTS = {
    "contact_id": "external_id",
    "account_id": "account__external_id",
    "name": "name",
    "email": "email",
    "title": "title",
    "phone": "phone",
    "role": "role",
    "time_zone": "time_zone",
    "locale": "locale",
    "influence": "influence",
    "departed_on": "departed_on",
}
_SUBSCRIPTIONS = {
    "subscription_id": "external_id",
    "account_id": "account__external_id",
    "plan": "plan",
    "state": "state",
    "start_date": "started_on",
    "renews_on": "renews_on",
    "ended_on": "ended_on",
    "seats": "seats",
    "currency": "currency",
    "arr": "arr",
}
_TICKETS = {
    "ticket_id": "external_id",
    "account_id": "account__external_id",
    "contact_id": "contact__external_id",
    "subject": "subject",
    "priority": "priority",
    "state": "state",
    "opened_at": "opened_at",
    "answered_at": "answered_at",
    "solved_at": "solved_at",
    "due_at": "due_at",
}
_SURVEYS = {
    "response_id": "external_id",
    "account_id": "account__external_id",
    "contact_id": "contact__external_id",
    "kind": "kind",
    "score": "score",
    "at": "at",
    "comment": "comment",
    "topic": "topic",
    "language": "language",
}
_INVOICES = {
    "invoice_id": "external_id",
    "account_id": "account__external_id",
    "number": "number",
    "state": "state",
    "amount": "amount",
    "currency": "currency",
    "issued_on": "issued_on",
    "due_on": "due_on",
    "paid_on": "paid_on",
}
_MOVEMENTS = {
    "movement_id": "pk",
    "account_id": "account__external_id",
    "kind": "kind",
    "amount": "amount",
    "currency": "currency",
    "effective_on": "effective_on",
    "recorded_at": "recorded_at",
    "reverses": "reverses",
    "reason": "reason",
    "source": "source",
}
_ACTIVITY = {
    "account_id": "account__external_id",
    "timestamp": "at",
    "event_type": "name",
    "value": "value",
    "contact_id": "contact__external_id",
    "source": "source",
    "message_id": "message_id",
}


@dataclass(frozen=True)
class ExportKind:
    """What can be taken out; `extra` is the JSON column whose names become columns."""

    name: str
    words: str
    model: type[Any]
    columns: dict[str, str]
    extra: str = ""


EXPORTS = {
    kind.name: kind
    for kind in (
        ExportKind("accounts", "Contract, owner, dates and every trait", Account, _ACCOUNTS, "traits"),
        ExportKind("contacts", "The people, with their roles and traits", Contact, _CONTACTS, "traits"),
        ExportKind("activity", "Every event, with its value and properties", ActivityEvent, _ACTIVITY, "properties"),
        ExportKind("movements", "Every change of ARR, as the ledger tells it", ArrMovement, _MOVEMENTS),
        ExportKind("subscriptions", "Contracts", Subscription, _SUBSCRIPTIONS),
        ExportKind("tickets", "Questions to support", Ticket, _TICKETS),
        ExportKind("surveys", "Answers to surveys", SurveyResponse, _SURVEYS),
        ExportKind("invoices", "Bills and whether they are paid", Invoice, _INVOICES),
    )
}


@dataclass(frozen=True)
class Export:
    """Rows that are about to leave: their header, their number, and the rows themselves, read as they are asked for."""

    header: list[str]
    count: int
    rows: Callable[[], Iterator[list[Any]]]


def export(kind: str, user: User | AnonymousUser | None, *, accounts: QuerySet[Account] | None = None) -> Export:
    """Everything of that kind in the book of `user` (None: a command, which sees all); `accounts` narrows it further."""
    of = EXPORTS[kind]
    rows = of.model.objects.all() if user is None else of.model.objects.for_user(user)
    if accounts is not None:
        rows = rows.filter(pk__in=accounts.order_by().values("pk")) if of.model is Account else rows.filter(account__in=accounts.order_by())
    extra = _names(rows, of.extra) if of.extra else []
    # A trait that is called like a column of ours says that it is none.
    known = {column for names in KINDS.values() for column in names.fields} | set(of.columns)
    titles = [f"{TRAIT}{name}" if name in known or kind != "activity" and _is_recognised(kind, name) else name for name in extra]

    def read() -> Iterator[list[Any]]:
        wanted = [*of.columns.values(), *((of.extra,) if of.extra else ())]
        for row in rows.order_by("pk").values_list(*wanted).iterator(chunk_size=_CHUNK):
            traits = (row[-1] or {}) if of.extra else {}
            yield [*(row[: len(of.columns)]), *(traits.get(name) for name in extra)]

    return Export([*of.columns, *titles], rows.count(), read)


def _names(rows: QuerySet[Any], column: str) -> list[str]:
    found: set[str] = set()
    for (names,) in rows.order_by().values_list(column).exclude(**{f"{column}__isnull": True}).iterator(chunk_size=_CHUNK):
        found.update(names)
    return sorted(found)


def _is_recognised(kind: str, name: str) -> bool:
    plain = "".join(sign for sign in name.lower() if sign.isascii() and sign.isalnum())
    return any(plain in names for names in KINDS[kind].names.values())


def csv_lines(export: Export) -> Iterator[str]:
    """The file line by line, with the byte order mark by which Excel knows UTF-8."""
    # Quoted throughout: a program that splits at another sign must not make a cell of its own out of ";=1+1".
    out = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + out.writerow(map(guard, export.header))
    for row in export.rows():
        yield out.writerow(map(_as_text, row))


def write_workbook(export: Export, path: Path, *, title: str) -> None:
    """One sheet, written row by row in bounded memory; numbers and dates keep their types, text is never a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(map(guard, export.header)))
    for row in export.rows():
        sheet.append([_as_cell(sheet, value) for value in row])
    book.save(path)


def workbook_bytes(export: Export, *, title: str) -> Iterator[bytes]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        write_workbook(export, Path(file.name), title=title)
        while block := file.read(256 * 1024):
            yield block


class _Echo:
    """A file that gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return guard(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _as_cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, (bool, int, float, Decimal)) or value is None:
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value
    text = guard(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    cell = WriteOnlyCell(sheet, _NOT_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)[:32_767])
    cell.data_type = "s"
    return cell
