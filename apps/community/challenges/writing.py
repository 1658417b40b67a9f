"""Writing challenges, opening and closing them. An open one no longer changes what it counts: people joined for that."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import ChallengeChanged

from ..models import Challenge, ChallengeEntry
from ..types import ChallengeState
from .counting import count
from .window import closes_at, ends_at, starts_at

# What may still be said in other words while people take part.
_LATER = frozenset({"name", "words", "least"})


def write_challenge(*, key: str, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Challenge:
    with transaction.atomic():
        row = Challenge.objects.select_for_update().filter(key=key).first() or Challenge(key=key, salt=secrets.token_hex(16))
        changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
        if row.state != ChallengeState.DRAFT and (fixed := sorted(set(changed) - _LATER)):
            raise Refused("challenge_open", f"“{row.name}” is {row.get_state_display()}; {', '.join(fixed)} can no longer change.")
        for name, value in changed.items():
            setattr(row, name, value)
        _check(row)
        row.version += 0 if row.pk is None else 1
        row.save()
    return row


def _check(row: Challenge) -> None:
    try:
        row.full_clean()
        starts_at(row)
    except ValidationError as error:
        raise Refused("invalid_challenge", "; ".join(error.messages)) from error
    except (ValueError, KeyError, OSError) as error:
        raise Refused("invalid_challenge", f"There is no zone {row.zone}.") from error
    check_words(row.words, ("name", "text"))


def check_words(words: Any, parts: tuple[str, ...]) -> None:
    """In English at least, and every language whole."""
    if not isinstance(words, dict) or "en" not in words or not all(_whole(said, parts) for said in words.values()):
        raise Refused("invalid_words", f'Words are {{"en": {{{", ".join(parts)}}}, …}}, English at least, each of them whole.')


def _whole(said: Any, parts: tuple[str, ...]) -> bool:
    return isinstance(said, dict) and all(isinstance(said.get(part), str) and said[part].strip() for part in parts)


def open_challenge(challenge: Challenge, *, actor: Actor, now: datetime) -> bool:
    """From now on people may join. True when it was not open."""
    with transaction.atomic():
        row = Challenge.objects.select_for_update().get(pk=challenge.pk)
        if row.state == ChallengeState.OPEN:
            return False
        if row.state == ChallengeState.CLOSED or ends_at(row) <= now:
            raise Refused("challenge_over", f"“{row.name}” is over; write another.")
        return _turn(row, ChallengeState.OPEN, actor=actor, now=now)


def close_due(*, actor: Actor, now: datetime) -> int:
    """Close those whose days and grace are over, with a last count; returns how many."""
    due = [row for row in Challenge.objects.filter(state=ChallengeState.OPEN).order_by("pk") if closes_at(row) <= now]
    for row in due:
        with transaction.atomic():
            mine = Challenge.objects.select_for_update().get(pk=row.pk)
            if mine.state != ChallengeState.OPEN:
                continue
            count(mine)
            mine.reached_by = ChallengeEntry.objects.filter(challenge=mine, reached_at__isnull=False).count()
            mine.closed_at = now
            mine.save(update_fields=["reached_by", "closed_at"])
            _turn(mine, ChallengeState.CLOSED, actor=actor, now=now)
    return len(due)


def _turn(row: Challenge, state: ChallengeState, *, actor: Actor, now: datetime) -> bool:
    Challenge.objects.filter(pk=row.pk).update(state=state)
    row.state = state
    events.publish(ChallengeChanged(challenge_id=row.pk, key=row.key, state=state.value), actor=actor, now=now)
    return True


def fields_of(form: type[Model]) -> list[str]:
    """What staff write of a row of this kind."""
    hidden = {"id", "version", "salt", "key", "state", "reached_by", "closed_at"}
    return [field.name for field in form._meta.concrete_fields if field.name not in hidden]
