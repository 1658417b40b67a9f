"""Two people changed the same field: both values in words, and whose the other one is."""

from collections.abc import Sequence
from typing import Any

from apps.accounts.models import User
from apps.events import selectors as events

from ..edits import LABELS
from . import changed


def told(conflicts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Conflicts of `edits.carry_out` with words for a person: {"label", "yours_words", "theirs_words", "by", "at"} beside the values."""
    return [{**each, "fields": _fields(each["id"], each["fields"])} for each in conflicts]


def _fields(account_id: int, fields: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    last = {change.field: change for change in reversed(events.changes_of(f"account:{account_id}"))}
    people = _people(fields, last)
    found = {}
    for name, both in fields.items():
        change = last.get(name)
        found[name] = {
            **both,
            "label": LABELS.get(name, name),
            "yours_words": changed.words(name, both["yours"], people),
            "theirs_words": changed.words(name, both["theirs"], people),
            "by": changed.who(change.actor, people) if change else "",
            "at": change.at.isoformat() if change else "",
        }
    return found


def _people(fields: dict[str, dict[str, Any]], last: dict[str, Any]) -> dict[int, str]:
    keys = {both[side] for name, both in fields.items() if name == "owner_id" for side in ("yours", "theirs") if isinstance(both[side], int)}
    keys |= {int(key) for name in fields if name in last for kind, _, key in [last[name].actor.partition(":")] if kind == "user" and key.isdigit()}
    return {person.pk: str(person) for person in User.objects.filter(pk__in=keys)} if keys else {}
