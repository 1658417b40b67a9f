"""Whom the offer may be shown to: people who did not decline being asked, of accounts that it is not hidden from."""

from collections.abc import Collection
from datetime import datetime

from apps.accounts.models import Contact
from apps.core.errors import Refused
from apps.experiments import selectors as experiments

from ..sharing.reading import may
from ..types import REFERRALS_HOLDOUT, Surface


def may_be_asked(contact_ids: Collection[int]) -> set[int]:
    """Who has not declined to be asked to recommend us, and is still with their company."""
    return may(contact_ids, Surface.REFERRAL)


def is_hidden_from(account_id: int, *, now: datetime) -> bool:
    return account_id in experiments.held_out(REFERRALS_HOLDOUT, [account_id], now)


def refuse_unless_asked(contact: Contact, *, now: datetime) -> None:
    if contact.departed_on is not None and contact.departed_on <= now.date():
        raise Refused("has_left", f"{contact} has left {contact.account}.")
    if contact.pk not in may_be_asked([contact.pk]):
        raise Refused("declined", f"{contact} does not want to be asked to recommend us.")
    if is_hidden_from(contact.account_id, now=now):
        raise Refused("held_out", f"{contact.account} is held out, so that it can be said what the offer brings: it is not shown there.")
