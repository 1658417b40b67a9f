"""Who is stuck, behind or on track with what: the board of milestones, ranked by what is at stake."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, FloatField, IntegerField, Value, When
from django.db.models.functions import Cast, Coalesce

from apps.accounts.models import Account, User
from apps.accounts.types import Stage
from apps.milestones.models import Milestone, Progress
from apps.milestones.types import MilestoneState, Pace

from .. import risk

PAGE_SIZE = 40
MOST_CHOICES = 60
_ORDER = (Pace.STUCK, Pace.BEHIND, Pace.ON_TRACK)
TONES = {Pace.STUCK: "bad", Pace.BEHIND: "warn", Pace.ON_TRACK: "good"}


@dataclass(frozen=True)
class Sought:
    """What the board is narrowed to; empty words narrow nothing. `owner` is a person's number, or `nobody`."""

    pace: str = ""
    owner: str = ""
    milestone: str = ""
    plan: str = ""


@dataclass(frozen=True)
class Row:
    """One account on its way to one milestone. `days`: how long it has been open; `told`: how that compares with others of its kind."""

    progress: Progress
    account: Account
    risk: Any
    stake: float
    tone: str
    days: int
    told: str
    heads: bool = False

    @property
    def share(self) -> int:
        return max(0, min(99, int(100 * self.progress.have / self.progress.target))) if self.progress.target > 0 else 0


@dataclass(frozen=True)
class Board:
    page: Page
    counts: list[tuple[str, str, int]]
    total: int


def board(user: User, sought: Sought, *, number: int, now: datetime) -> Board:
    """Ways that are open in this person's book: the stuck first, then who is behind; within each the most ARR × risk first, then the most ARR."""
    rows = _rows(user, sought)
    found: dict[str, int] = dict(rows.values_list("pace").annotate(count=Count("pk")).order_by())
    counts = [(str(pace.value), str(pace.label), found.get(pace.value, 0)) for pace in _ORDER]
    if sought.pace in Pace.values:
        rows = rows.filter(pace=sought.pace)
    rank = Case(*(When(pace=pace, then=Value(place)) for place, pace in enumerate(_ORDER)), output_field=IntegerField())
    stake = Cast(F("account__arr"), FloatField()) * Coalesce(F("account__risk__probability"), Value(0.0))
    ranked = rows.annotate(rank=rank, stake=stake).order_by("rank", F("stake").desc(), F("account__arr").desc(), "pk")
    page: Page = Paginator(ranked.select_related("account__risk", "account__owner", "milestone"), PAGE_SIZE).get_page(number)
    shown: list[Row] = []
    for row in page.object_list:
        shown.append(_row(row, now, heads=not shown or shown[-1].progress.pace != row.pace))
    page.object_list = shown
    return Board(page, counts, sum(found.values()))


def _rows(user: User, sought: Sought) -> Any:
    rows: Any = Progress.objects.under_way().for_user(user).filter(milestone__state=MilestoneState.LIVE).exclude(account__stage=Stage.CHURNED)
    if sought.owner == "nobody":
        rows = rows.filter(account__owner=None)
    elif sought.owner:
        rows = rows.filter(account__owner=int(sought.owner))
    if sought.milestone:
        rows = rows.filter(milestone__key=sought.milestone)
    if sought.plan:
        rows = rows.filter(account__plan=sought.plan)
    return rows


def _row(row: Any, now: datetime, *, heads: bool) -> Row:
    opened = row.opened_at or row.started_at or row.offered_at
    days = max((now - opened).days, 0) if opened else 0
    return Row(row, row.account, risk.of(row.account, with_reasons=False), row.stake, TONES[Pace(row.pace)], days, lateness(row, now), heads)


def lateness(row: Progress, now: datetime) -> str:
    """How long it takes beside others of its cohort, from what the row itself keeps."""
    if row.opened_at is None or row.behind_at is None or row.stuck_at is None:
        return "how long others take is not known yet"
    most, nearly = (row.stuck_at - row.opened_at).days, (row.behind_at - row.opened_at).days
    if row.pace == Pace.STUCK:
        return f"{_days((now - row.stuck_at).days)} past day {most}, by which nine of ten are there"
    if row.pace == Pace.BEHIND:
        return f"{_days((now - row.behind_at).days)} past day {nearly}, by which three of four are there; stuck from day {most}"
    return f"behind from day {nearly}, in {_days((row.behind_at - now).days)}"


def _days(count: int) -> str:
    return f"{max(count, 0)} day{'' if count == 1 else 's'}"


def choices(user: User) -> Mapping[str, list[tuple[str, str]]]:
    """What the filters offer: owners of this person's book, live milestones, plans."""
    book = Account.objects.for_user(user)
    owners = User.objects.filter(pk__in=book.values("owner")).order_by("full_name", "email", "pk")[:MOST_CHOICES]
    live = Milestone.objects.filter(state=MilestoneState.LIVE)[:MOST_CHOICES]
    plans = book.exclude(plan="").order_by("plan").values_list("plan", flat=True).distinct()[:MOST_CHOICES]
    return {
        "owners": [*((str(one.pk), str(one)) for one in owners), ("nobody", "nobody")],
        "milestones": [(one.key, one.name) for one in live],
        "plans": [(plan, plan) for plan in plans],
    }
