"""The rules by which milestones are made winnable: one row, changed by administrators, read by everybody."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events

from .models import AccountAbility, WinningRules

_SET = {"target_percent", "fits", "learned_order", "least_accounts"}


def current() -> WinningRules:
    """The rules in force; the usual ones where nobody set any."""
    return WinningRules.objects.filter(pk=1).first() or WinningRules(pk=1)


def change(*, actor: Actor, now: datetime, version: int | None = None, **said: Any) -> WinningRules:
    """Set some of the rules. They hold for what is offered from now on; what was offered keeps its variant."""
    if unknown := sorted(set(said) - _SET):
        raise Refused("no_such_rule", f"There is no rule {', '.join(unknown)}; there are {', '.join(sorted(_SET))}.")
    with transaction.atomic():
        row = kept()
        try:
            WinningRules(pk=1, **{name: getattr(row, name) for name in _SET} | said).full_clean(validate_unique=False)
        except ValidationError as error:
            raise Refused("rule_out_of_range", " ".join(error.messages)) from error
        events.edit(row, changes=said, version=version, actor=actor, now=now)
        return WinningRules.objects.get(pk=1)


def kept() -> WinningRules:
    """The row, made where it is not there yet."""
    return WinningRules.objects.get_or_create(pk=1)[0]


def take_as_written(*, account_id: int, as_written: bool, actor: Actor, now: datetime) -> AccountAbility:
    """Give an account every milestone as it is written from now on, or let variants fit it again. What it began keeps its variant."""
    with transaction.atomic():
        AccountAbility.objects.get_or_create(account_id=account_id)
        row = AccountAbility.objects.select_for_update().get(account=account_id)
        if row.as_written != as_written:
            row.as_written = as_written
            row.save(update_fields=["as_written"])
            told = events.Changed(f"account:{account_id}", "milestones.as_written", not as_written, as_written)
            events.record_changes([told], actor=actor, source="staff", now=now)
    return row


def note_risk(*, account_id: int, at_risk: bool) -> None:
    """Its churn risk entered or left the highest band: while it is there, nothing gets harder for the account."""
    AccountAbility.objects.update_or_create(account_id=account_id, defaults={"at_risk": at_risk})
