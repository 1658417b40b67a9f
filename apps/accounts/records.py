"""What belongs to an account (people, contracts, invoices, tickets, answers), brought in many at a time: four statements per call, whatever the
number of rows. A fact that is not given leaves the stored one as it is; traits are merged by name."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.models.functions import Lower

from .models import Account, Contact
from .profiles import hold_accounts
from .types import Brought, Difference, RecordFacts

_INSERT = """
insert into {table} ({columns}) select {columns} from jsonb_populate_recordset(null::{table}, %(rows)s) order by external_id
"""
_UPDATE = """
update {table} stored set {settings} from jsonb_populate_recordset(null::{table}, %(rows)s) said where stored.id = said.id
"""


@dataclass(frozen=True)
class Known:
    """The accounts and people that rows speak of, by the ids of other systems."""

    accounts: dict[str, dict[str, Any]]
    contacts: dict[str, int]
    by_email: dict[tuple[int, str], int]

    @classmethod
    def of(cls, rows: Sequence[RecordFacts]) -> "Known":
        asked = {row.contact for row in rows if row.contact}
        accounts: dict[str, dict[str, Any]] = {
            row["external_id"]: dict(row)
            for row in Account.objects.filter(external_id__in={row.account for row in rows}).values("id", "external_id", "currency")
        }
        contacts = dict(Contact.objects.filter(external_id__in=asked).values_list("external_id", "id")) if asked else {}
        emails = [one.lower() for one in asked if "@" in one and one not in contacts]
        found = Contact.objects.annotate(address=Lower("email")).filter(address__in=emails).order_by("-id").values_list("account", "address", "id")
        return cls(accounts, contacts, {(account, address): key for account, address, key in found} if emails else {})

    def contact(self, row: RecordFacts) -> int | None:
        account = self.accounts.get(row.account)
        return self.contacts.get(row.contact) or (self.by_email.get((account["id"], row.contact.lower())) if account else None)


def bring_records(model: type[models.Model], rows: Sequence[RecordFacts], *, dry_run: bool = False) -> Brought:
    """Create the records that are new and change those that differ; ids must not repeat within the call. The accounts must be known.

    A dry run says what would happen and writes nothing.
    """
    with transaction.atomic():
        if not dry_run:
            hold_accounts({row.account for row in rows})
        known = Known.of(rows)
        columns = [field for field in model._meta.concrete_fields if not field.primary_key]
        stored = _stored(model, rows)
        created, changed, differences = [], [], []
        for row in rows:
            said = _said(row, known)
            before = stored.get(row.external_id)
            if before is None:
                created.append(_new(columns, said, row, known))
            elif found := list(_differences(before, said, row)):
                differences.extend(found)
                changed.append({**before, **{one.field: one.after for one in found}})
        if not dry_run:
            _write(model, columns, created, changed)
    return Brought(len(created), len(changed), len(rows) - len(created) - len(changed), tuple(differences))


def _stored(model: type[models.Model], rows: Sequence[RecordFacts]) -> dict[str, dict[str, Any]]:
    found = model._default_manager.filter(external_id__in=[row.external_id for row in rows])
    if source := next((row.values["source"] for row in rows if "source" in row.values), None):
        found = found.filter(source=source)
    return {row["external_id"]: row for row in found.values()}


def _said(row: RecordFacts, known: Known) -> dict[str, Any]:
    said = {"account_id": known.accounts[row.account]["id"], "external_id": row.external_id, **row.values}
    if row.contact:
        said["contact_id"] = known.contact(row)
    return said


def _new(columns: Sequence[Any], said: dict[str, Any], row: RecordFacts, known: Known) -> dict[str, Any]:
    """All columns of a newcomer: what was said, else the account's currency, else the model's default."""
    made = {field.attname: _default(field) for field in columns} | said
    if "currency" in made and not made["currency"]:
        made["currency"] = known.accounts[row.account]["currency"]
    if "traits" in made:
        made["traits"] = row.traits
    return made


def _default(field: Any) -> Any:
    """A default that the database would fill in has to be written out, because the insert names every column."""
    return field.get_default() if field.has_default() or not field.has_db_default() else field.db_default


def _differences(before: dict[str, Any], said: dict[str, Any], row: RecordFacts) -> Iterator[Difference]:
    for name, value in said.items():
        if before[name] != value:
            yield Difference(row.external_id, name, before[name], value)
    if row.traits and (merged := {**before["traits"], **row.traits}) != before["traits"]:
        yield Difference(row.external_id, "traits", before["traits"], merged)


def _write(model: type[models.Model], columns: Sequence[Any], created: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    table, names = model._meta.db_table, [field.column for field in columns]
    with connection.cursor() as cursor:
        if created:
            cursor.execute(_INSERT.format(table=table, columns=", ".join(names)), {"rows": json.dumps(created, default=str)})
        if changed:
            settings = ", ".join(f"{name} = said.{name}" for name in names)
            cursor.execute(_UPDATE.format(table=table, settings=settings), {"rows": json.dumps(changed, default=str)})
