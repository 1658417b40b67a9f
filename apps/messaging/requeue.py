"""Another try for what is dead: the same message under the same key, so it can never become two."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit

from .models import Message
from .states import move_one
from .types import DEAD, MessageState

# What a person sends again is worth sending for this long.
SECOND_LIFE = timedelta(hours=72)


def requeue(*, message: Message, actor: Actor, now: datetime) -> None:
    """Queue a message that failed or came too late again, with a new budget of attempts; the governor is asked as for any other."""
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        if row.guest:
            raise Refused("guest_forgotten", "It went to somebody who is no contact, and their address is forgotten. Ask for a new invitation.")
        if row.state not in DEAD:
            raise Refused("not_dead", f"“{row.subject}” is {row.get_state_display()}; only what failed or came too late can be queued again.")
        life = {"due_at": now, "expires_at": max(row.expires_at, now + SECOND_LIFE), "forgiven": row.attempt}
        move_one(row, MessageState.QUEUED, reason="Queued again by a person.", now=now, actor=actor, **life)
        after_commit("messaging.send", row.channel)
