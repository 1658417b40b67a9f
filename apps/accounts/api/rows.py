"""From what a program said to what the accounts app understands: rows for the gate, changes for an edit."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from apps.accounts import traits
from apps.accounts.gate import Row
from apps.accounts.models import Account, Contact, User
from apps.accounts.types import Stage
from apps.core.api.items import Item, Misfit

_REFERENCES = {"account_external_id": "account", "parent_external_id": "parent", "contact_external_id": "contact"}


def colleagues(items: Iterable[Item]) -> dict[str, int]:
    """The people of ours that the items name, by email address in small letters."""
    emails = {owner.lower() for item in items if isinstance(owner := item.said().get("owner"), str)}
    found = User.objects.filter(email__in=emails, is_active=True).values_list("email", "id") if emails else []
    known = {email.lower(): key for email, key in found}
    for email in emails - set(known):
        # Addresses are kept as they were typed; most are in small letters already.
        if (user := User.objects.filter(email__iexact=email, is_active=True).first()) is not None:
            known[email] = user.pk
    return known


def row_of(item: Item, known: dict[str, int]) -> Row:
    """Raises Misfit where somebody of ours is not known."""
    said = item.said()
    key = said.pop("external_id")
    given: dict[str, Any] = {}
    references: dict[str, str] = {}
    row_traits = said.pop("traits", {})
    for name, value in said.items():
        if name == "owner":
            given["owner_id"] = _colleague(value, known)
        elif name not in _REFERENCES:
            given[name] = value
        elif value:
            references[_REFERENCES[name]] = value
        else:
            given[f"{_REFERENCES[name]}_id"] = None
    if given.get("churned_on"):
        given["stage"] = Stage.CHURNED.value
    elif given.get("stage", Stage.CHURNED) != Stage.CHURNED and "seats_used" in item.__struct_fields__:
        # A customer who is here again has no day of leaving.
        given["churned_on"] = None
    return Row(key, given, references, row_traits)


def _colleague(email: str | None, known: dict[str, int]) -> int | None:
    if email is None:
        return None
    if email.lower() not in known:
        raise Misfit("owner", "Nobody of the staff has this email address.")
    return known[email.lower()]


def changes_of(row: Any, said: dict[str, Any], *, caller: Any, source: str) -> dict[str, Any]:
    """Model fields and values for an edit. Raises Misfit."""
    changes = dict(said)
    if "owner" in changes:
        owner = changes["owner"]
        found = None if owner is None else User.objects.filter(email__iexact=owner, is_active=True).first()
        if owner is not None and found is None:
            raise Misfit("owner", "Nobody of the staff has this email address.")
        changes["owner"] = found
    for name, fact in (("account_external_id", "account"), ("parent_external_id", "parent")):
        if name in changes:
            changes[fact] = account_of(changes.pop(name), caller=caller, field=name)
    if "contact_external_id" in changes:
        changes["contact"] = contact_of(changes.pop("contact_external_id"), account_id=row.account_id)
    if "traits" in changes:
        changes["traits"] = _merged(row, changes["traits"], source=source)
    return changes


def account_of(external_id: str | None, *, caller: Any, field: str = "account_external_id") -> Account | None:
    """An account of the caller's book; another one does not exist for them."""
    if external_id is None:
        return None
    found = Account.objects.for_user(caller).filter(external_id=external_id).first()
    if found is None:
        raise Misfit(field, "There is no such account in your book.")
    return found


def contact_of(word: str, *, account_id: int) -> Contact | None:
    if not word:
        return None
    people = Contact.objects.filter(account_id=account_id)
    found = people.filter(external_id=word).first() or people.filter(email__iexact=word).first()
    if found is None:
        raise Misfit("contact_external_id", "There is no such person at this account.")
    return found


def contacts_of(ids: Sequence[int], *, account_id: int) -> list[Contact]:
    found = list(Contact.objects.filter(account_id=account_id, pk__in=[key for key in ids if 0 < key < 2**63]))
    if len(found) != len(set(ids)):
        raise Misfit("contacts", "Not all of them are people of this account.")
    return found


def _merged(row: Any, said: dict[str, Any], *, source: str) -> dict[str, Any]:
    """Traits by name: null takes one away, others keep to the type they are registered with."""
    (fit,), left = traits.fitted(row._meta.model_name, [replace(Row("", {}), traits=said)], source=source, kinds={})
    if left:
        raise Misfit(left[0].field, left[0].reason)
    gone = {name for name, value in said.items() if value is None}
    return {name: value for name, value in {**row.traits, **fit.traits}.items() if name not in gone}
