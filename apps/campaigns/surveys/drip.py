"""Spreading a survey: every person has their week of the thirteen, by their number alone, so that the score is read all the time and not once."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

WEEKS = 13
# A Monday; rounds of thirteen weeks are counted from it, so that 91 days lie between two askings of one person.
_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
# The same place in SQL, for a statement that freezes an audience: `{contact}` is the person's id there.
PLACE_SQL = "(('x' || left(md5(%(drip_key)s || ':' || {contact}), 8))::bit(32)::bigint * 13 / 4294967296)"


def place(key: str, contact_id: int) -> int:
    """The week of this person in a round, 0 to 12, for the campaign of this key."""
    digest = hashlib.md5(f"{key}:{contact_id}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) * WEEKS >> 32


def week(now: datetime) -> int:
    """The week of the round that it is now; weeks begin on Monday, UTC."""
    return (now - _FIRST).days // 7 % WEEKS


def due(key: str, contact_ids: Iterable[int], now: datetime) -> set[int]:
    """Whose week it is."""
    this = week(now)
    return {contact_id for contact_id in contact_ids if place(key, contact_id) == this}
