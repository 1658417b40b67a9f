"""What surveys told: the score with its interval, who answers, how it moved, and whom somebody has to answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Campaign, Invitation
from apps.campaigns.types import SCALES

from ..types import Spark
from .sparks import line

MOST_LOOPS = 50
# The ends of each scale of figures, for drawing.
_ENDS = {"nps": (-100.0, 100.0), "csat": (0.0, 100.0), "ces": (1.0, 7.0)}


@dataclass(frozen=True)
class Bar:
    """An interval as per cents of its scale."""

    low: float
    high: float
    at: float
    left: str
    right: str


@dataclass(frozen=True)
class Row:
    campaign: Campaign
    delivered: int
    figure: Any
    bar: Bar | None

    @property
    def answered(self) -> int:
        return int(self.figure.n)


def bar(figure: Any) -> Bar | None:
    if figure.value is None:
        return None
    low, high = _ENDS[figure.kind]
    place = lambda value: round(100 * (value - low) / (high - low), 1)  # noqa: E731
    return Bar(place(figure.low), place(figure.high), place(figure.value), f"{low:g}".replace("-", "−"), f"{high:g}")


def listing(user: User, *, now: datetime) -> list[Row]:
    return [Row(campaign, delivered, figure, bar(figure)) for campaign, delivered, _, figure in campaigns.surveys.latest(user, now=now)]


def page(user: User, campaign: Campaign, *, now: datetime) -> dict[str, Any]:
    read = campaigns.surveys.read_out(campaign, viewer=user, now=now)
    low, high = SCALES[read.kind]  # type: ignore[index]
    most = max(read.counts.values(), default=0) or 1
    return {
        "read": read,
        "bar": bar(read.figure),
        "scores": [(score, count := read.counts.get(score, 0), round(100 * count / most), _tone(read.kind, score)) for score in range(low, high + 1)],
        "trend": _trend(read),
        "loops": waiting(user, campaign),
    }


def _tone(kind: str, score: int) -> str:
    low, high = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 5)}[kind]
    return "bad" if score <= low else "good" if score >= high else "warn"


def _trend(read: Any) -> Spark | None:
    """The figure of each month in which enough people answered."""
    told = [part for part in read.months if part.figure.enough]
    if len(told) < 2:
        return None
    low, high = _ENDS[read.kind]
    words = "; ".join(f"{part.name}: {part.figure.words}" for part in told)
    return line([part.figure.value - low for part in told], words=words, most=high - low)


def waiting(user: User, campaign: Campaign | None = None) -> list[Invitation]:
    """Answers of one's own book that nobody has answered yet, the most urgent first."""
    rows = Invitation.objects.for_user(user).filter(loop_due_at__isnull=False, response__isnull=False, response__loop_closed_at=None)
    if campaign is not None:
        rows = rows.filter(campaign=campaign)
    return list(rows.select_related("account", "contact", "response", "loop_task", "campaign").order_by("loop_due_at", "pk")[:MOST_LOOPS])
