"""The one writer of a referral's state: a conditional update, its line in the log of decisions, and the word of it."""

from datetime import datetime
from typing import Any

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import ReferralChanged

from ..models import Referral, ReferralDecision
from ..types import REFERRAL_TURNS, ReferralState


def move(row: Referral, to: str, *, reason: str, actor: Actor, now: datetime, event: Event | None = None, **values: Any) -> None:
    """Refused where the referral may not move there any more; inside a transaction."""
    froms = [state for state, targets in REFERRAL_TURNS.items() if to in targets]
    moved = Referral.objects.filter(pk=row.pk, state__in=froms).update(state=to, reason=reason[:250], **values)
    if not moved:
        row.refresh_from_db()
        raise Refused("decided_already", f"This referral is {row.get_state_display()}; nothing was changed.")
    row.state, row.reason = to, reason[:250]
    for name, value in values.items():
        setattr(row, name, value)
    log(row, reason=reason, actor=actor, now=now, event=event)


def log(row: Referral, *, reason: str, actor: Actor, now: datetime, event: Event | None = None) -> None:
    """Write down what a referral is now and why, and say it."""
    ReferralDecision.objects.create(
        referral=row, account_id=row.account_id, state=row.state, score=row.score, signs=row.signs, reason=reason[:250], actor=str(actor), at=now
    )
    said = ReferralChanged(
        account_id=row.account_id,
        referral_id=row.pk,
        program=row.program.key,
        state=ReferralState(row.state).value,
        reason=reason[:250],
        friend_account_id=row.friend_account_id,
    )
    events.publish(said, actor=actor, now=now, cause=event)
