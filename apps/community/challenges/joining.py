"""Joining and leaving: a person's own word, at once, everywhere."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import ChallengeJoined

from ..models import Challenge, ChallengeEntry
from ..sharing.reading import may
from ..types import ChallengeState, Surface
from .counting import count
from .window import ends_at


def fits(challenge: Challenge, contact: Contact) -> bool:
    """Whether their account is comparable to the others."""
    return not challenge.cohort or getattr(contact.account, challenge.cohort) == challenge.cohort_value


def join(*, challenge: Challenge, contact: Contact, actor: Actor, now: datetime) -> ChallengeEntry:
    """They take part from now on, a team for all of its account. All they did in its days counts. Joining twice is joining once."""
    with transaction.atomic():
        row = Challenge.objects.select_for_update().get(pk=challenge.pk)
        if row.state != ChallengeState.OPEN or ends_at(row) <= now:
            raise Refused(
                "challenge_not_open", f"“{row.name}” takes nobody any more." if row.state != ChallengeState.DRAFT else "It is not open yet."
            )
        if not fits(row, contact):
            raise Refused("not_comparable", f"“{row.name}” is for {row.get_cohort_display()} {row.cohort_value}.")
        if contact.pk not in may([contact.pk], Surface.BOARDS):
            raise Refused("did_not_choose", f"{contact} did not choose to be in challenges; only they can, on their own page.")
        mine = {"team": True, "account_id": contact.account_id} if row.team else {"team": False, "contact": contact}
        known = ChallengeEntry.objects.filter(challenge=row, **mine).first()
        if known is not None:
            return known
        entry = ChallengeEntry.objects.create(challenge=row, account_id=contact.account_id, contact=contact, team=row.team, joined_at=now)
        _tell(entry, row, takes_part=True, actor=actor, now=now)
        count(row)
        entry.refresh_from_db()
    return entry


def leave(*, challenge: Challenge, contact: Contact, actor: Actor, now: datetime) -> bool:
    """They are gone from it in this transaction, with all that was counted. True when they were in it."""
    with transaction.atomic():
        mine = {"team": True, "account_id": contact.account_id} if challenge.team else {"team": False, "contact": contact}
        entry = ChallengeEntry.objects.select_for_update().filter(challenge=challenge, **mine).first()
        if entry is None:
            return False
        _remove(entry, challenge, actor=actor, now=now)
    return True


def leave_all(*, contact: Contact, actor: Actor, now: datetime) -> int:
    """They take part in nothing any more, neither themselves nor as the one who spoke for their team."""
    with transaction.atomic():
        mine = list(ChallengeEntry.objects.filter(contact=contact).select_for_update(of=("self",)).select_related("challenge").order_by("pk"))
        for entry in mine:
            _remove(entry, entry.challenge, actor=actor, now=now)
    return len(mine)


def _remove(entry: ChallengeEntry, challenge: Challenge, *, actor: Actor, now: datetime) -> None:
    _tell(entry, challenge, takes_part=False, actor=actor, now=now)
    entry.delete()


def _tell(entry: ChallengeEntry, challenge: Challenge, *, takes_part: bool, actor: Actor, now: datetime) -> None:
    said = ChallengeJoined(account_id=entry.account_id, challenge_id=challenge.pk, key=challenge.key, takes_part=takes_part)
    events.publish(said, actor=actor, now=now)
