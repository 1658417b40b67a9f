"""Six weeks of coaching in the demo company: profiles every week, tips for whoever had none, and success managers who answer most of them.

What customers do was drawn before and does not follow the tips; so the demo shows how tips are chosen, answered and read, and no effect of theirs.
"""

from datetime import datetime, timedelta

from apps.accounts.models import Account
from apps.coaching import services as coaching
from apps.coaching.models import ProfileFit, Recommendation
from apps.coaching.types import Answer, RecommendationState
from apps.core.actor import Actor
from apps.core.shares import position

BEGAN = timedelta(weeks=6)
_JOB = Actor.job("coaching.recommend")
_AT_ONCE = 200
# Of the tips that wait, so many are answered on any day; the rest wait on.
_PER_DAY = 0.22
_WORDS = ((0.46, Answer.ACCEPT), (0.66, Answer.DONE), (0.84, Answer.NOT_NOW), (1.0, Answer.NOT_USEFUL))
_NOTES = {
    Answer.NOT_USEFUL: ("They have no reports in their plan of work.", "They do this in another program."),
    Answer.NOT_NOW: ("After the season.",),
}
# Of what was accepted, so much is said to be done within a week or so.
_DONE_PER_DAY = 0.05


def live(midnight: datetime, *, until: datetime) -> None:
    """One day of it."""
    if midnight < until - BEGAN:
        return
    if not ProfileFit.objects.exists():
        coaching.ensure_tips(now=midnight)
    if not ProfileFit.objects.filter(made_at__gt=midnight - timedelta(days=7)).exists():
        coaching.refit(now=midnight)
    due = coaching.turn_of(now=midnight, limit=10_000)
    for place in range(0, len(due), _AT_ONCE):
        coaching.recommend(due[place : place + _AT_ONCE], now=midnight, actor=_JOB)
    coaching.end_stale(now=midnight)
    coaching.read_due(now=midnight)
    _answer(midnight)


def _answer(now: datetime) -> None:
    at = now + timedelta(hours=9)
    for row in Recommendation.objects.shown().filter(state__in=(RecommendationState.OPEN, RecommendationState.ACCEPTED)).select_related("account"):
        day = f"{now:%Y-%m-%d}"
        by = Actor.user(row.account.owner) if row.account.owner_id else _JOB
        if row.state == RecommendationState.ACCEPTED:
            if position(f"done:{day}", row.pk) < _DONE_PER_DAY:
                coaching.answer(row.pk, Answer.DONE, now=at, actor=by)
        elif position(f"answer:{day}", row.pk) < _PER_DAY:
            # People find useful what fits: what was expected to help is accepted more often.
            drawn = min(position(f"word:{day}", row.pk) * (1.25 - row.expected), 0.999)
            word = next(word for edge, word in _WORDS if drawn < edge)
            notes = _NOTES.get(word, ("",))
            coaching.answer(row.pk, word, note=notes[row.pk % len(notes)], now=at, actor=by)


def counts() -> dict[str, int]:
    return {"tips": Recommendation.objects.shown().count(), "coached": Account.objects.filter(recommendations__isnull=False).distinct().count()}
