"""Programs: versions that are never changed, and the states that a program goes through."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.milestones import services as milestones
from apps.milestones.models import Milestone, RewardRule

from ..models import ReferralProgram, ReferralProgramVersion
from ..types import PROGRAM_TURNS, ProgramState, Side
from .definition import Definition, Flaws, plain, read


def create(*, key: str, name: str, says: Any, actor: Actor, now: datetime) -> ReferralProgram:
    """A new program as a draft with its first version. Raises Flaws where it cannot be understood."""
    read(says)
    with transaction.atomic():
        program, created = ReferralProgram.objects.get_or_create(key=key, defaults={"name": name})
        if not created:
            raise Refused("program_exists", f"There is a program {key!r} already; save a new version of it.")
        save_version(program, says=says, note="First version.", actor=actor, now=now)
    program.refresh_from_db()
    return program


def save_version(program: ReferralProgram, *, says: Any, note: str = "", actor: Actor, now: datetime) -> ReferralProgramVersion:
    """The next version, for referrals from now on; those under way keep theirs. The same words again make no new version."""
    definition = read(says)
    wanted = definition.first_value.milestone
    if wanted and not Milestone.objects.filter(key=wanted).exists():
        raise Flaws([("first_value.milestone", f"There is no milestone {wanted!r}.")])
    with transaction.atomic():
        row = ReferralProgram.objects.select_for_update().get(pk=program.pk)
        latest = row.versions.order_by("-number").first()
        if latest is not None and latest.definition == plain(definition):
            return latest
        number = latest.number + 1 if latest else 1
        made = ReferralProgramVersion.objects.create(
            program=row, number=number, definition=plain(definition), note=note[:250], created_by=str(actor), created_at=now
        )
        ReferralProgram.objects.filter(pk=row.pk).update(current=made, version=F("version") + 1)
    return made


def turn(program: ReferralProgram, state: str, *, actor: Actor, now: datetime) -> ReferralProgram:
    """Put a program live, pause or end it."""
    with transaction.atomic():
        row = ReferralProgram.objects.select_for_update().get(pk=program.pk)
        if state not in PROGRAM_TURNS[row.state]:
            raise Refused("no_such_turn", f"“{row.name}” is {row.get_state_display()} and cannot become {ProgramState(state).label}.")
        row.state = state
        if state == ProgramState.LIVE:
            row.live_at = row.live_at or now
        row.version += 1
        row.save(update_fields=["state", "live_at", "version"])
    return row


def says(version: ReferralProgramVersion) -> Definition:
    """A version as it was read when it was saved."""
    return read(version.definition)


def current(program: ReferralProgram) -> ReferralProgramVersion:
    if program.current is None:
        raise Refused("no_version", f"“{program.name}” has no version yet.")
    return program.current


def refuse_unless_live(program: ReferralProgram) -> None:
    if program.state != ProgramState.LIVE:
        raise Refused("program_not_live", f"“{program.name}” is {program.get_state_display()}: it takes nothing new.")


def rule_of(version: ReferralProgramVersion, side: str, *, actor: Actor, now: datetime) -> RewardRule | None:
    """The rule of the ledger under which a side is paid by this version; None where it gets nothing."""
    promised = says(version).promised(side)
    if promised is None:
        return None
    return milestones.promise(
        key=f"referral-{version.program_id}-{version.number}-{side}",
        name=f"{version.program.name}: {Side(side).label}",
        unit=promised.unit,
        currency=promised.currency,
        amount=Decimal(promised.amount),
        actor=actor,
        now=now,
    )
