"""Escalation policies: written, put in front of rules, and the usual one made where there is none."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from apps.accounts.models import Team, User
from apps.alerts.models import AlertRule, DutyRota, EscalationPolicy, OutsideChannel, PolicyOfRule
from apps.alerts.types import Severity, StepKind, Whom
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused

from . import steps as says

USUAL = "usual"
_EDITABLE = ("name", "why", "steps", "repeat", "least_severity", "large_arr", "head", "is_active")


def prepare(*, now: datetime) -> bool:
    """Make the usual policy where there is none. True where it was made."""
    if EscalationPolicy.objects.filter(is_default=True).exists():
        return False
    _, made = EscalationPolicy.objects.get_or_create(
        key=USUAL,
        defaults={
            "name": "Owner, backup, lead, head",
            "why": "Whoever is told has their working time; then the next one up is told too.",
            "steps": says.usual(),
            "is_default": True,
            "changed_at": now,
        },
    )
    return made


def create(*, key: str, actor: Actor, now: datetime, **said: Any) -> EscalationPolicy:
    """A new policy. Raises Refused."""
    values = _checked(said)
    if EscalationPolicy.objects.filter(key=key).exists():
        raise Refused("policy_exists", f"There is a policy {key} already. Choose another key.")
    return EscalationPolicy.objects.create(key=key, changed_at=now, changed_by=str(actor), **values)


def change(policy: EscalationPolicy, *, said: Mapping[str, Any], actor: Actor, now: datetime, version: int | None = None) -> EscalationPolicy:
    """Climbs that began keep the steps they have. Raises Refused, or Conflict when the row is no longer in this version."""
    values = _checked(said)
    with transaction.atomic():
        row = EscalationPolicy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
        if version is not None and row.version != version:
            raise Conflict(f"{row} was changed meanwhile.", fields={}, version=row.version)
        if row.is_default and values.get("is_active") is False:
            raise Refused("usual_policy", "The usual policy stays on. Make another one the usual one first.")
        if any(getattr(row, name) != value for name, value in values.items()):
            EscalationPolicy.objects.filter(pk=row.pk).update(**values, version=F("version") + 1, changed_at=now, changed_by=str(actor))
            row.refresh_from_db()
    return row


def make_usual(policy: EscalationPolicy, *, actor: Actor, now: datetime) -> None:
    """Alerts of rules that name no policy climb by this one from now on."""
    with transaction.atomic():
        if not policy.is_active:
            raise Refused("policy_off", f"“{policy.name}” is off. Switch it on first.")
        EscalationPolicy.objects.filter(is_default=True).exclude(pk=policy.pk).update(is_default=False, version=F("version") + 1)
        EscalationPolicy.objects.filter(pk=policy.pk).update(is_default=True, version=F("version") + 1, changed_at=now, changed_by=str(actor))


def choose(policy: EscalationPolicy, *, rules: Collection[AlertRule]) -> None:
    """Alerts of exactly these rules climb by this policy."""
    with transaction.atomic():
        PolicyOfRule.objects.filter(policy=policy).exclude(rule__in=rules).delete()
        for rule in rules:
            PolicyOfRule.objects.update_or_create(rule=rule, defaults={"policy": policy})


def _checked(said: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in said.items() if name in _EDITABLE}
    if "steps" in values and (words := says.problem(values["steps"]) or unknown_key(values["steps"])):
        raise Refused("no_policy", f"{words} Nothing was changed.")
    if not 0 <= values.get("repeat", 0) <= says.MOST_REPEATS:
        raise Refused("bad_repeat", f"A policy begins again 0 to {says.MOST_REPEATS} times. Nothing was changed.")
    if values.get("least_severity", Severity.INFO) not in Severity.values:
        raise Refused("bad_severity", f"Use one of {', '.join(Severity.values)}. Nothing was changed.")
    if not Decimal(0) <= Decimal(values.get("large_arr", 0)) < Decimal(10) ** 12:
        raise Refused("bad_arr", "The ARR from which an account is large is an amount of money. Nothing was changed.")
    return values


def unknown_key(steps: list[dict[str, Any]]) -> str:
    """Which step names somebody who is not there, or nothing."""
    for number, step in enumerate(steps, 1):
        if step["do"] == StepKind.NOTIFY and (key := step.get("key", "")) and not _exists(step["whom"], key):
            return f"Step {number}: there is no {Whom(step['whom']).value} {key!r}."
    return ""


def _exists(whom: str, key: str) -> bool:
    match whom:
        case Whom.DUTY:
            return DutyRota.objects.filter(key=key).exists()
        case Whom.PERSON:
            return User.objects.filter(email__iexact=key, is_active=True).exists()
        case Whom.CHANNEL:
            return OutsideChannel.objects.filter(key=key).exists()
        case _:
            return Team.objects.filter(name=key).exists()


def names() -> dict[tuple[str, str], str]:
    """What the keys of steps stand for, for people to read."""
    found: dict[tuple[str, str], str] = {(Whom.DUTY, key): name for key, name in DutyRota.objects.values_list("key", "name")}
    found |= {(Whom.CHANNEL, key): name for key, name in OutsideChannel.objects.values_list("key", "name")}
    found |= {(Whom.PERSON, user.email): str(user) for user in User.objects.filter(is_active=True)}
    return found
