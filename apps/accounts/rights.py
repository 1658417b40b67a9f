"""What a member of staff may do and see."""

from datetime import datetime

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import RightsChanged

from .models import User

# Fields of a person from which rights, the book of accounts or the session follow.
RIGHTS = frozenset({"is_active", "is_staff", "is_superuser", "groups", "team"})


def note_rights(user: User, *, actor: Actor, now: datetime) -> None:
    """Announce that a person's rights were changed, so that what is open under the old ones is looked at."""
    events.publish(RightsChanged(user_id=user.pk), actor=actor, now=now)
