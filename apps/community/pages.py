"""What a customer's page of challenges says, put into sentences."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.accounts.models import Contact

from .cards import card_token
from .challenges.joining import fits
from .challenges.standing import Standing, standing
from .challenges.window import ends_at
from .models import Challenge
from .sharing import languages
from .types import ChallengeState

# So long an ended one still tells those who took part how it ended.
_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Line:
    key: str
    name: str
    text: str
    facts: list[str]
    standing: Standing
    over: bool
    card: str


def challenges_of(contact: Contact, language: str, *, now: datetime) -> list[Line]:
    """Those that are open to them, and those that they were in and that ended lately."""
    rows = Challenge.objects.exclude(state=ChallengeState.DRAFT).exclude(closed_at__lt=now - _AFTER)
    found = [(row, standing(row, reader=contact)) for row in rows if fits(row, contact)]
    return [_line(row, shown, language, now) for row, shown in found if shown.own or ends_at(row) > now]


def _line(row: Challenge, shown: Standing, language: str, now: datetime) -> Line:
    said, own = languages.words(language), shown.own
    words = row.words.get(language) or row.words["en"]
    facts = [
        said["challenge_days"].format(first=row.first_day.isoformat(), last=row.last_day.isoformat(), zone=row.zone),
        said["challenge_target"].format(target=row.target),
    ]
    if row.team:
        facts.append(said["challenge_team"])
    if own:
        facts.append(said["challenge_reached"] if own.reached_at else said["challenge_own"].format(count=own.count, target=row.target))
        if own.late:
            facts.append(said["challenge_late"].format(late=own.late))
    if shown.places is None:
        facts.append(said["challenge_few"].format(least=shown.least))
    else:
        facts.append(said["challenge_others"].format(reached=shown.reached, all=shown.taking_part))
    return Line(row.key, words["name"], words["text"], facts, shown, ends_at(row) <= now, card_token("challenge", row.key, language))
