"""Changes to customers."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AccountChurned, AccountsChanged, MeaningGiven, StoryChanged

from .models import Account, AccountRole, EventName, Field, User
from .types import FieldKind, Meaning, Stage, TeamRole

# Parts of this module's face that are nouns of their own.
from . import ledger, rates, renewals, subscriptions  # noqa: F401  isort:skip
from .activity import record as record_activity  # noqa: F401  isort:skip
from . import exports, identities, rollups  # noqa: F401  isort:skip
from .catalogue import count_names, forget_names  # noqa: F401  isort:skip
from .formulas import guard  # noqa: F401  isort:skip
from .imports import desk as imports  # noqa: F401  isort:skip
from .marks import Marks  # noqa: F401  isort:skip
from .notes import Promised, reopen_promise, settle_promise, write_down  # noqa: F401  isort:skip
from .profiles import bring_accounts, bring_contacts, compare_accounts, compare_contacts, hold_accounts  # noqa: F401  isort:skip
from .partitions import ensure as make_months, keep as keep_months  # noqa: F401  isort:skip
from .records import bring_records  # noqa: F401  isort:skip
from .rights import RIGHTS, note_rights  # noqa: F401  isort:skip
from .story import edit_record, feel_pulse, promise  # noqa: F401  isort:skip
from .upserts import upsert  # noqa: F401  isort:skip


def mark_churned(account: Account, *, on: date, actor: Actor, now: datetime, cause: Event | None = None) -> None:
    """The customer has left; what runs for the account hears of it."""
    with transaction.atomic():
        if Account.objects.select_for_update().get(pk=account.pk).stage == Stage.CHURNED:
            raise Refused("already_churned", f"{account.name} has already left.")
        edit(account, changes={"stage": Stage.CHURNED, "churned_on": on}, actor=actor, now=now, source=actor.kind, cause=cause)


def edit(
    account: Account,
    *,
    changes: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    version: int | None = None,
    seen: Mapping[str, Any] | None = None,
    source: str = "staff",
    cause: Event | None = None,
    batch: str = "",
) -> list[str]:
    """Change an account's fields as a person asked; returns those that really changed.

    Raises Conflict (somebody else changed them meanwhile; see `events.services.edit` for `version` and `seen`), Refused (another source keeps the
    field, a circle of parents), ValidationError (a value does not fit).
    """
    _refuse_kept_elsewhere("account", changes, source)
    wanted = dict(changes)
    if "parent" in wanted or "parent_id" in wanted:
        _refuse_circle(account, wanted.get("parent", wanted.get("parent_id")))
    stage = wanted.get("stage", account.stage)
    if "stage" in wanted and stage != Stage.CHURNED:
        wanted["churned_on"] = None
    with transaction.atomic():
        leaves = stage == Stage.CHURNED and "stage" in wanted and Account.objects.filter(pk=account.pk).exclude(stage=Stage.CHURNED).exists()
        if leaves:
            wanted.setdefault("churned_on", now.date())
        really = events.edit(account, changes=wanted, actor=actor, now=now, version=version, seen=seen, source=source, cause=cause, batch=batch)
        if _BOOKED & set(really):
            on = (account.churned_on if leaves else None) or now.date()
            if leaves:
                subscriptions.end_all([account.pk], on=on)
            ledger.post_differences([account.pk], on=on, source=source, actor=actor, now=now)
        if leaves and really:
            events.publish(AccountChurned(account_id=account.pk, on=str(account.churned_on)), actor=actor, now=now, cause=cause)
        if others := [name for name in really if not leaves or name not in {"stage", "churned_on"}]:
            events.publish(AccountsChanged(account_ids=[account.pk], fields=others, source=source), actor=actor, now=now, cause=cause)
    return really


# What the ledger follows.
_BOOKED = {"arr", "currency", "stage", "churned_on"}


def _refuse_kept_elsewhere(kind: str, changes: Mapping[str, Any], source: str) -> None:
    names = [f"{kind}.{name}" for name in changes]
    kept = Field.objects.filter(name__in=names).exclude(truth__in=["", source]).order_by("name").first()
    if kept is not None:
        raise Refused("kept_elsewhere", f"{kept.name.partition('.')[2]} is kept by {kept.truth}. Change it there, or change its source of truth.")


def _refuse_circle(account: Account, parent: Any) -> None:
    above = parent.pk if isinstance(parent, Account) else parent
    seen = {account.pk}
    while above is not None:
        if above in seen:
            raise Refused("circle", f"{account.name} would stand above itself. Choose another parent.")
        seen.add(above)
        above = Account.objects.filter(pk=above).values_list("parent", flat=True).first()


def stand_in(account: Account, *, user: User, actor: Actor, now: datetime, cause: Event | None = None) -> bool:
    """Let somebody stand in for the owner, so that the account is in their book; False where they do already."""
    with transaction.atomic():
        _, made = AccountRole.objects.get_or_create(account=account, user=user, role=TeamRole.BACKUP)
        if made:
            events.publish(AccountsChanged(account_ids=[account.pk], fields=["team_roles"], source=actor.kind), actor=actor, now=now, cause=cause)
    return made


def set_field(field: Field, *, kind: FieldKind, truth: str, words: str) -> None:
    """Say what a fact is, whose word on it counts, and what it means."""
    Field.objects.filter(pk=field.pk).update(kind=kind, truth=truth, words=words)


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
