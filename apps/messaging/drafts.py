"""Messages that leave at their hour unless somebody stops them."""

from datetime import datetime
from typing import Any

from apps.accounts.models import User

from . import quiet
from .types import MessageState


def waiting_for(approver: User, sends_at: datetime, now: datetime) -> dict[str, Any]:
    """The columns of such a message; without time left to stop it there is nothing to wait for, and it is queued like any other."""
    if sends_at <= now:
        return {}
    zone, _ = quiet.zone_of(approver.time_zone)
    local = sends_at.astimezone(zone)
    reason = f"Sends {local:%a %-d %b %H:%M} ({zone.key}) unless {approver} stops it."[:250]
    return {"state": MessageState.HELD, "approver": approver, "reason": reason}
