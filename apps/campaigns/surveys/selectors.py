"""What is read of surveys: the score with its interval, how many answered of whom it reached, who answers, months, segments, loops."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth

from apps.experiments.selectors import Arm, wilson

from ..models import Campaign, Invitation, InvitationQuerySet
from ..types import InvitationState
from . import bias, definition
from .bias import Bias
from .scoring import Figure, figure
from .throttle import asked_lately
from .tokens import invitation_of

__all__ = ["Loops", "Part", "ReadOut", "asked_lately", "invitation_of", "latest", "read_out"]
_MOST_PARTS = 24


@dataclass(frozen=True)
class Part:
    """A month, or the accounts of one segment: its figure, and how many it reached."""

    name: str
    figure: Figure
    delivered: int
    answered: int


@dataclass(frozen=True)
class Loops:
    """Answers that wanted one of ours: how many got it in time, late, and wait, and how many of these too long."""

    wanted: int
    closed: int
    waiting: int
    overdue: int


@dataclass(frozen=True)
class ReadOut:
    """All of one survey in one book. `rate` is answered of delivered, with Wilson's interval; `open` may still answer."""

    campaign: Campaign
    kind: str
    question: str
    asked: int
    delivered: int
    answered: int
    open: int
    reminded: int
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    figure: Figure
    counts: Mapping[int, int]
    bias: Bias
    months: list[Part]
    segments: list[Part]
    loops: Loops
    as_of: datetime

    @property
    def rate_words(self) -> str:
        if self.rate is None or self.rate_low is None or self.rate_high is None:
            return "Nobody has got it yet."
        between = f"{100 * self.rate:.0f} % ({100 * self.rate_low:.0f} to {100 * self.rate_high:.0f} %)"
        return f"{self.answered} of {self.delivered} whom it reached have answered: {between}. {self.open} may still answer."


def read_out(campaign: Campaign, *, viewer: Any, now: datetime, since: datetime | None = None, until: datetime | None = None) -> ReadOut:
    """By when people were asked, [since, until). Answers are read as they stand now, of the accounts that the viewer may see."""
    rows: InvitationQuerySet = Invitation.objects.for_user(viewer).filter(campaign=campaign)
    rows = rows.filter(asked_at__gte=since) if since else rows
    rows = rows.filter(asked_at__lt=until) if until else rows
    reached = rows.delivered()
    answers = Q(response__isnull=False)
    told = reached.aggregate(
        delivered=Count("pk"),
        answered=Count("pk", filter=answers),
        open=Count("pk", filter=Q(state=InvitationState.ASKED, expires_at__gt=now)),
        reminded=Count("pk", filter=Q(reminded_at__isnull=False)),
    )
    kind, question = _said(campaign)
    counts = dict(reached.filter(answers).values_list("response__score").annotate(n=Count("pk")).order_by("response__score"))
    low, high = wilson(Arm(told["delivered"], told["answered"])) if told["delivered"] else (None, None)
    return ReadOut(
        campaign=campaign,
        kind=kind,
        question=question,
        asked=rows.counted().count(),
        **told,
        rate=told["answered"] / told["delivered"] if told["delivered"] else None,
        rate_low=low,
        rate_high=high,
        figure=figure(kind, counts),
        counts=counts,
        bias=bias.of(reached),
        months=_parts(kind, reached.annotate(part=TruncMonth("asked_at")), by_size=False),
        segments=_parts(kind, reached.annotate(part=F("account__segment")), by_size=True),
        loops=_loops(reached, now),
        as_of=now,
    )


def latest(viewer: Any, *, now: datetime, limit: int = 20) -> list[tuple[Campaign, int, int, Figure]]:
    """The surveys that asked somebody of this book, newest first: (campaign, delivered, answered, figure)."""
    mine = Invitation.objects.for_user(viewer).delivered()
    surveys = list(Campaign.objects.filter(pk__in=mine.values("campaign")).select_related("current").order_by("-pk")[:limit])
    rows = mine.filter(campaign__in=surveys).values_list("campaign", "response__score").annotate(n=Count("pk")).order_by()
    counts: dict[int, Counter[Any]] = defaultdict(Counter)
    for campaign, score, n in rows:
        counts[campaign][score] += n
    found = []
    for survey in surveys:
        mine_counts = counts[survey.pk]
        given = {score: n for score, n in mine_counts.items() if score is not None}
        found.append((survey, sum(mine_counts.values()), sum(given.values()), figure(_said(survey)[0], given)))
    return found


def _said(campaign: Campaign) -> tuple[str, str]:
    assert campaign.current is not None
    survey = definition.read(campaign.current.definition.get("survey"))
    return survey.kind, survey.asks("en")


def _parts(kind: str, rows: Any, *, by_size: bool) -> list[Part]:
    counts: dict[Any, Counter[Any]] = defaultdict(Counter)
    for part, score, n in rows.values_list("part", "response__score").annotate(n=Count("pk")).order_by():
        counts[part][score] += n
    order = sorted(counts, key=lambda part: (-sum(counts[part].values()), str(part))) if by_size else sorted(counts)[-_MOST_PARTS:]
    found = []
    for part in order[:_MOST_PARTS]:
        given = {score: n for score, n in counts[part].items() if score is not None}
        found.append(Part(_name(part), figure(kind, given), sum(counts[part].values()), sum(given.values())))
    return found


def _name(part: Any) -> str:
    return f"{part:%Y-%m}" if isinstance(part, date) else str(part) or "(none)"


def _loops(rows: InvitationQuerySet, now: datetime) -> Loops:
    wanted = Q(loop_due_at__isnull=False)
    closed = wanted & Q(response__loop_closed_at__isnull=False)
    waiting = wanted & Q(response__isnull=False, response__loop_closed_at=None)
    told = rows.aggregate(
        wanted=Count("pk", filter=wanted),
        closed=Count("pk", filter=closed),
        waiting=Count("pk", filter=waiting),
        overdue=Count("pk", filter=waiting & Q(loop_due_at__lte=now)),
    )
    return Loops(**told)
