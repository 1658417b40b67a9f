"""Writing tips: versions that are never changed, and the states a tip goes through."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.core.actor import Actor
from apps.core.errors import Refused

from . import definition
from .models import Tip, TipVersion
from .types import TIP_TURNS, TipState


def create_tip(*, key: str, name: str, says: Any, note: str = "", actor: Actor, now: datetime) -> Tip:
    """A new tip as a draft with its first version. Raises Flaws where the definition cannot be understood."""
    definition.read(says)
    with transaction.atomic():
        if Tip.objects.filter(key=key).exists():
            raise Refused("tip_exists", f"There is a tip {key!r} already; save a new version of it.")
        tip = Tip.objects.create(key=key, name=name)
        save_tip_version(tip, says=says, note=note or "First version.", actor=actor, now=now)
    return tip


def save_tip_version(tip: Tip, *, says: Any, note: str = "", actor: Actor, now: datetime) -> TipVersion:
    """The next version, which new recommendations take at once; those made keep theirs. The same words again make no new version."""
    said = definition.plain(definition.read(says))
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)
        latest = tip.versions.order_by("-number").first()
        if latest is not None and latest.definition == said:
            return latest
        number = (tip.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = TipVersion.objects.create(tip=tip, number=number, definition=said, note=note[:250], created_at=now, created_by=str(actor))
        tip.current, tip.version = version, tip.version + 1
        tip.save(update_fields=["current", "version"])
    return version


def turn_tip(tip: Tip, state: str, *, actor: Actor, now: datetime) -> None:
    """Move a tip to another state. What was recommended of a retired tip goes out of date with the next look."""
    allowed = [before for before, afters in TIP_TURNS.items() if state in afters]
    if state == TipState.LIVE and tip.current_id is None:
        raise Refused("tip_empty", f"“{tip.name}” says nothing yet.")
    if not Tip.objects.filter(pk=tip.pk, state__in=allowed).update(state=state):
        tip.refresh_from_db()
        raise Refused("tip_cannot_turn", f"“{tip.name}” is {tip.get_state_display()}; it cannot become {TipState(state).label} from there.")
    tip.state = state
