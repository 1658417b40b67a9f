"""Whom an outside tool means: by the ids of their own systems, or by an email address, within a book of accounts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet
from django.db.models.functions import Lower

from apps.accounts.models import Account, Contact, Identity


class Named(Protocol):
    @property
    def account(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True)
class Somebody:
    account_id: int
    contact_id: int | None
    left: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Nobody:
    field: str
    reason: str


@dataclass(frozen=True)
class Known:
    """Accounts by outside id; people as {word: [(contact, account)]}."""

    accounts: dict[str, int]
    by_id: dict[str, list[tuple[int, int]]]
    by_email: dict[str, list[tuple[int, int]]]

    def who(self, said: Named) -> Somebody | Nobody:
        """An id outweighs an address. A person who works for several customers needs the account beside them."""
        account = self.accounts.get(said.account) if said.account else None
        if said.account and account is None:
            return Nobody("account_external_id", "There is no such account in your book.")
        field = "email" if said.email and not said.contact else "contact_external_id"
        found = self.by_id.get(said.contact, []) if said.contact else []
        if not found and said.email:
            found = self.by_email.get(said.email.lower(), [])
        if account is not None:
            found = [one for one in found if one[1] == account]
        if len(found) > 1:
            return Nobody("account_external_id", "Several customers have such a person; send the account too.")
        if found:
            return Somebody(found[0][1], found[0][0])
        named = said.contact or said.email
        if account is None:
            return Nobody(field, "There is no such person in your book." if named else "Nobody is named: send a person or an account.")
        if said.kind == "unsubscribed":
            return Nobody(field, "There is no such person at this account, and only people unsubscribe.")
        return Somebody(account, None, ((field, "There is no such person at this account; the touch was kept for the account."),) if named else ())


def find(rows: Sequence[Named], book: QuerySet[Account]) -> Known:
    """Everybody that the rows name, in four statements."""
    accounts = dict(book.filter(external_id__in={row.account for row in rows if row.account}).values_list("external_id", "pk"))
    people: Any = Contact.objects.filter(account__in=book)
    words = {row.contact for row in rows if row.contact}
    by_id: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for word, contact, account in people.filter(external_id__in=words).values_list("external_id", "pk", "account"):
        by_id[word].add((contact, account))
    others = Identity.objects.filter(external_id__in=words, undone_at=None, contact__account__in=book)
    for word, contact, account in others.values_list("external_id", "contact", "contact__account"):
        by_id[word].add((contact, account))
    emails = {row.email.lower() for row in rows if row.email}
    by_email: dict[str, set[tuple[int, int]]] = defaultdict(set)
    written = people.annotate(written=Lower("email")).filter(written__in=emails, departed_on=None)
    for word, contact, account in written.values_list("written", "pk", "account"):
        by_email[word].add((contact, account))
    return Known(accounts, {word: sorted(found) for word, found in by_id.items()}, {word: sorted(found) for word, found in by_email.items()})
