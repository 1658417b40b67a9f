"""Reading what came of tips: whether the behaviour moved within the window, and which open ones are out of date before."""

from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from apps.accounts.models import Account
from apps.accounts.types import Stage
from apps.experiments import services as experiments

from ..models import Recommendation
from ..types import RecommendationState, TipState
from . import counted
from .answering import learn
from .choosing import rules_now

_BATCH = 500
_WEEK = timedelta(days=7)
_GONE, _RETIRED, _BY_THEMSELVES = "the customer left", "the tip was retired", "they do it already"
_UNANSWERED = (RecommendationState.OPEN, RecommendationState.LATER)


def read_due(*, now: datetime, limit: int = 2_000) -> int:
    """Read the effect of every recommendation whose window is over, shown or held back alike. Returns how many."""
    with transaction.atomic():
        rows = list(Recommendation.objects.due(now).select_for_update(skip_locked=True, of=("self",)).select_related("version")[:limit])
        afters = counted.in_windows([_window(row) for row in rows])
        for row, after in zip(rows, afters, strict=True):
            row.after, row.read_at = after, now
            row.moved = row.version.says.target.moved(row.before, after)
            if row.state in _UNANSWERED:
                row.state, row.ended_because = RecommendationState.STALE, "nobody answered in time"
            _teach(row, now)
        Recommendation.objects.bulk_update(rows, ["after", "read_at", "moved", "state", "ended_because"], batch_size=_BATCH)
    return len(rows)


def _window(row: Recommendation) -> counted.Window:
    """The days from the one it was shown on; that day counts to the time after, as the day before is the last that was over."""
    first = row.at.astimezone(UTC).date()
    return row.account_id, first, first + (row.due_at - row.at), row.version.says.target.activity


def _teach(row: Recommendation, now: datetime) -> None:
    # Who says that it is done, or that it was of no use, has the last word.
    if row.state in (RecommendationState.ACCEPTED, RecommendationState.STALE) and row.ended_because != _GONE:
        learn(row, helped=bool(row.moved), at=now)


def end_stale(*, now: datetime, limit: int = 5_000) -> int:
    """Open recommendations that nobody needs to answer any more: the customer left, the tip was retired, or they do already what it asks."""
    with transaction.atomic():
        waiting = Recommendation.objects.filter(state__in=_UNANSWERED, held_back=False).order_by("pk")
        rows = list(waiting.select_for_update(skip_locked=True, of=("self",)).select_related("account", "tip", "version")[:limit])
        today = now.astimezone(UTC).date()
        sums = counted.in_windows([_since(row, today) for row in rows])
        ended = [row for row, since in zip(rows, sums, strict=True) if (because := _because(row, since)) and _end(row, because, now)]
        Recommendation.objects.bulk_update(ended, ["state", "ended_because"], batch_size=_BATCH)
    return len(ended)


def _since(row: Recommendation, today: date) -> counted.Window:
    first = row.at.astimezone(UTC).date()
    return row.account_id, first, max(today, first) + timedelta(days=1), row.version.says.target.activity


def _because(row: Recommendation, since: float) -> str:
    if row.account.stage == Stage.CHURNED:
        return _GONE
    if row.tip.state == TipState.RETIRED:
        return _RETIRED
    return _BY_THEMSELVES if row.version.says.target.moved(row.before, since) else ""


def _end(row: Recommendation, because: str, now: datetime) -> bool:
    row.state, row.ended_because = RecommendationState.STALE, because
    if because == _BY_THEMSELVES:
        learn(row, helped=True, at=now)
    elif because == _GONE and row.decision is not None:
        # Their silence says nothing about the tip.
        experiments.drop([row.decision])
    return True


def turn_of(*, now: datetime, limit: int) -> list[int]:
    """Present customers who had no slate for a week and have room for a tip: the never told first, then who waits longest."""
    open_ones = Recommendation.objects.filter(account=OuterRef("pk"), state=RecommendationState.OPEN).order_by().values("account")
    rows = Account.objects.at_risk().annotate(last=Max("slates__at")).filter(Q(last__isnull=True) | Q(last__lte=now - _WEEK))
    # Who has no room would stand at the front for weeks and keep the others from their turn.
    rows = rows.annotate(waiting=Coalesce(Subquery(open_ones.annotate(count=Count("pk")).values("count")), 0)).filter(waiting__lt=rules_now().slots)
    return list(rows.order_by(F("last").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:limit])
