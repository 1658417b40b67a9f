"""Changes to customers."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AccountChurned, MeaningGiven, StoryChanged

from .models import Account, EventName, User
from .types import Meaning, Stage

# Parts of this module's face that are nouns of their own.
from . import ledger, subscriptions  # isort:skip
from .activity import record as record_activity  # noqa: F401  isort:skip
from . import exports  # noqa: F401  isort:skip
from .formulas import guard  # noqa: F401  isort:skip
from .imports import desk as imports  # noqa: F401  isort:skip
from .profiles import bring_accounts, bring_contacts, hold_accounts, rename_contacts  # noqa: F401  isort:skip


def mark_churned(account: Account, *, on: date, actor: Actor, now: datetime, cause: Event | None = None) -> None:
    """The customer has left; what runs for the account hears of it."""
    with transaction.atomic():
        changed = Account.objects.filter(pk=account.pk).exclude(stage=Stage.CHURNED).update(stage=Stage.CHURNED, churned_on=on)
        if not changed:
            raise Refused("already_churned", f"{account.name} has already left.")
        subscriptions.end_all([account.pk], on=on)
        ledger.post_differences([account.pk], on=on, source="staff", actor=actor, now=now)
        events.publish(AccountChurned(account_id=account.pk, on=on.isoformat()), actor=actor, now=now, cause=cause)


def assign(account: Account, *, owner: User | None, actor: Actor, now: datetime) -> None:
    """Hand the account to a success manager."""
    Account.objects.filter(pk=account.pk).update(owner=owner)


def note_visit(user: User, *, now: datetime) -> None:
    User.objects.filter(pk=user.pk).update(last_visit_at=now)


def give_meaning(name: EventName, *, meaning: Meaning, actor: Actor, now: datetime) -> None:
    """Say what an activity event tells about the customer; features, health and the weighted rule read it."""
    with transaction.atomic():
        if EventName.objects.filter(pk=name.pk).exclude(meaning=meaning).update(meaning=meaning):
            events.publish(MeaningGiven(name=name.pk, meaning=meaning), actor=actor, now=now)


def tell(account_ids: Iterable[int], *, what: str, actor: Actor, now: datetime, cause: Event | None = None) -> None:
    """Announce that something was said or written about these accounts; call it in the transaction that wrote it."""
    found = sorted(set(account_ids))
    if found:
        events.publish(StoryChanged(account_ids=found, what=what), actor=actor, now=now, cause=cause)
