"""Six weeks of coaching in the demo company: profiles every three weeks, tips for whoever had none, and success managers who answer most of them.

What customers do was drawn before and does not follow the tips; so the demo shows how tips are chosen, answered and read, and no effect of theirs.
"""

from datetime import datetime, timedelta

from apps.coaching import services as coaching
from apps.coaching.models import ProfileFit, Recommendation
from apps.coaching.types import Answer, RecommendationState
from apps.core.actor import Actor
from apps.core.shares import position

BEGAN = timedelta(weeks=6)
_JOB = Actor.job("coaching.recommend")
_AT_ONCE = 200
# The product looks anew every week; here three looks are enough.
_REFIT = timedelta(days=20)
# So many customers are coached; of the tips that wait so many are answered on any day.
_COACHED = 0.12
_PER_DAY = 0.22
# Of what helps so much is accepted and the rest done at once; of what does not, so much is “not now” and the rest not useful.
_ACCEPTED, _NOT_NOW = 0.7, 0.4
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
    if not ProfileFit.objects.filter(made_at__gt=midnight - _REFIT).exists():
        coaching.refit(now=midnight)
    due = [key for key in coaching.turn_of(now=midnight, limit=10_000) if position("coached", key) < _COACHED]
    for place in range(0, len(due), _AT_ONCE):
        coaching.recommend(due[place : place + _AT_ONCE], now=midnight, actor=_JOB)
    coaching.end_stale(now=midnight)
    coaching.read_due(now=midnight)
    _answer(midnight)


def _answer(now: datetime) -> None:
    at, day = now + timedelta(hours=9), f"{now:%Y-%m-%d}"
    waiting = Recommendation.objects.shown().filter(state__in=(RecommendationState.OPEN, RecommendationState.ACCEPTED))
    chosen = [key for key, state in waiting.order_by("pk").values_list("pk", "state") if _today(day, key, state)]
    for row in waiting.filter(pk__in=chosen).order_by("pk").select_related("account__owner", "tip", "slate__pattern"):
        by = Actor.user(row.account.owner) if row.account.owner_id else _JOB
        if row.state == RecommendationState.ACCEPTED:
            coaching.answer(row.pk, Answer.DONE, now=at, actor=by)
            continue
        word = _word(row, position(f"word:{day}", row.pk), position(f"kind:{day}", row.pk))
        notes = _NOTES.get(word, ("",))
        coaching.answer(row.pk, word, note=notes[row.pk % len(notes)], now=at, actor=by)


def _today(day: str, key: int, state: str) -> bool:
    """Whether something is said about it on this day."""
    if state == RecommendationState.ACCEPTED:
        return position(f"done:{day}", key) < _DONE_PER_DAY
    return position(f"answer:{day}", key) < _PER_DAY


def _word(row: Recommendation, drawn: float, kind: float) -> Answer:
    """Each tip helps a share of the accounts of a pattern that is its own, 10 to 70 in a hundred: that is what the choice finds out."""
    pattern = row.slate.pattern.key if row.slate.pattern is not None else ""
    if drawn < 0.1 + 0.6 * position("helps", f"{row.tip.key}:{pattern}"):
        return Answer.ACCEPT if kind < _ACCEPTED else Answer.DONE
    return Answer.NOT_NOW if kind < _NOT_NOW else Answer.NOT_USEFUL
