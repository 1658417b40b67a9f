"""How many minutes of somebody's day are free for tasks."""

from apps.accounts.models import User
from apps.core.errors import Refused

from .models import WorkingTime

_MOST = 960


def set_capacity(user: User, *, minutes: int) -> None:
    """A person says how many minutes of their day are free for tasks, 0 to 960."""
    if not 0 <= minutes <= _MOST:
        raise Refused("capacity", f"A day has room for 0 to {_MOST} minutes of tasks, not {minutes}. Nothing was changed.")
    WorkingTime.objects.update_or_create(
        user=user, defaults={"capacity_minutes": minutes}, create_defaults={"user": user, "capacity_minutes": minutes}
    )
