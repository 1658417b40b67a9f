"""How a challenge stands, as one who takes part reads it: their own count, and of others only made-up names, and only where there are enough."""

from dataclasses import dataclass

from apps.accounts.models import Contact
from apps.milestones.selectors import pseudonym

from ..models import Challenge, ChallengeEntry
from ..sharing.reading import may
from ..types import Surface

MOST = 20


@dataclass(frozen=True)
class Place:
    """`rank` is shared by all who have as many."""

    rank: int
    name: str
    count: int
    reached: bool
    mine: bool


@dataclass(frozen=True)
class Standing:
    """`places` is None while fewer than `least` take part; `own` is the reader's entry, told to them alone."""

    places: list[Place] | None
    taking_part: int | None
    reached: int | None
    own: ChallengeEntry | None
    least: int


def standing(challenge: Challenge, *, reader: Contact | None) -> Standing:
    """By the present choices, not by those at joining."""
    rows = list(ChallengeEntry.objects.filter(challenge=challenge, contact__departed_on=None).order_by("-count", "id"))
    willing = may({row.contact_id for row in rows}, Surface.BOARDS)
    shown = [row for row in rows if row.contact_id in willing]
    own = next((row for row in rows if reader and _is(row, reader)), None)
    if len(shown) < challenge.least:
        return Standing(None, None, None, own, challenge.least)
    ranks: dict[int, int] = {}
    for place, row in enumerate(shown, 1):
        ranks.setdefault(row.count, place)
    # The made-up names are of this challenge alone; whoever took part in another has another there.
    lines = [_place(challenge, row, ranks[row.count], mine=row is own) for row in shown[:MOST]]
    return Standing(lines, len(shown), sum(row.reached_at is not None for row in shown), own, challenge.least)


def _place(challenge: Challenge, row: ChallengeEntry, rank: int, *, mine: bool) -> Place:
    name = pseudonym(challenge.salt, row.account_id if row.team else row.contact_id)
    return Place(rank, name, row.count, row.reached_at is not None, mine)


def _is(row: ChallengeEntry, reader: Contact) -> bool:
    return row.account_id == reader.account_id if row.team else row.contact_id == reader.pk
