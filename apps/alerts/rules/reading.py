"""What a rule reads: whom it looks at, and their figures day by day. The watch and the back-test read through the same door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from apps.accounts.models import Account
from apps.accounts.types import Stage
from apps.campaigns.models import Membership, Segment
from apps.metrics.types import Metric, Point

from . import figures, house
from .definition import ACCOUNT, HOUSE, BandChange, Definition, Flaws, Whom
from .judging import WARM_UP, Judge, Past

# The house is looked at as one subject without a number.
Subject = int | None
Points = Mapping[Subject, Sequence[Point]]
CHUNK = 1_000


@dataclass(frozen=True)
class Known:
    """The figure of a definition: what it is, and how it is judged."""

    metric: Metric
    counts: bool = False
    bands: tuple[str, ...] = ()


def known(says: Definition) -> Known:
    """Raises Flaws where there is no such figure, or it is none for this kind of rule."""
    if says.of == HOUSE:
        found = next((one for one in house.figures() if one.key == says.figure), None)
        if found is None:
            raise Flaws([("figure", f"The house has no figure {says.figure!r}.")])
        return Known(found)
    try:
        one = figures.figure(says.figure)
    except figures.UnknownFigure as error:
        raise Flaws([("figure", error.message)]) from error
    return Known(one.metric, one.counts, one.bands)


def is_known(says: Definition) -> bool:
    """Whether there still is such a figure."""
    try:
        known(says)
    except Flaws:
        return False
    return True


def check(says: Definition) -> None:
    """Raises Flaws where what it says does not fit what there is."""
    one = known(says)
    if isinstance(says, BandChange):
        if not one.bands:
            raise Flaws([("figure", f"{one.metric.name} has no bands.")])
        if unknown := sorted(set(says.into) - set(one.bands)):
            raise Flaws([("into", f"There is no band {unknown[0]!r}; there are {', '.join(one.bands)}.")])
    elif one.bands:
        raise Flaws([("figure", f"{one.metric.name} is a band: only a change of it can be watched.")])
    if says.kind == "absence" and one.metric.unit != "days":
        raise Flaws([("figure", f"{one.metric.name} does not count days.")])
    if says.whom.segment and not Segment.objects.filter(key=says.whom.segment, state="live").exists():
        raise Flaws([("whom.segment", f"There is no live segment {says.whom.segment!r}.")])


def judge(says: Definition, *, score: float | None = None) -> Judge:
    one = known(says)
    return Judge(says, score, one.counts, one.bands)


def moves_within_a_day(says: Definition) -> bool:
    """Whether it can be judged before the day is over: things counted per day cannot."""
    return says.of == ACCOUNT and not known(says).counts


def subjects(says: Definition, *, since: date) -> list[Subject]:
    """Whom it looks at from a day on: everybody who was a customer on it or later, by number."""
    if says.of == HOUSE:
        return [None]
    return list(_whom(says.whom).filter(~Q(stage=Stage.CHURNED) | Q(churned_on__gt=since)).order_by("pk").values_list("pk", flat=True))


def among(says: Definition, account_ids: Sequence[int]) -> list[int]:
    """Which of these it looks at now."""
    return list(_whom(says.whom).exclude(stage=Stage.CHURNED).filter(pk__in=account_ids).order_by("pk").values_list("pk", flat=True))


def _whom(whom: Whom) -> QuerySet[Account]:
    accounts = Account.objects.all()
    if whom.stages:
        # Whoever has left was in one of them before.
        accounts = accounts.filter(stage__in=[*whom.stages, Stage.CHURNED])
    if whom.least_arr:
        accounts = accounts.filter(arr__gte=whom.least_arr)
    if whom.segment:
        accounts = accounts.filter(pk__in=Membership.objects.filter(segment__key=whom.segment, left_at__isnull=True).values("account"))
    return accounts


def points(says: Definition, of: Sequence[Subject], *, start: date, end: date, until: datetime | None = None) -> Points:
    """The figure of each subject at the end of every day."""
    if says.of == HOUSE:
        return {None: house.daily(says.figure, start=start, end=end, filters=says.filters, until=until)}
    return figures.daily(says.figure, [one for one in of if one is not None], start=start, end=end, until=until)  # type: ignore[return-value]


def before(judge: Judge, *, begin: bool) -> int:
    """How many days before a day must be read: to go on, or to begin."""
    return max(judge.says.look_back, WARM_UP if begin and judge.learns else 0) + (1 if begin else 0)


def past(found: Sequence[Point], *, first: date, last: date) -> Past:
    """What is known of the days from first to last."""
    return [(point.day, point.value) for point in found if first <= point.day <= last and point.value is not None]


def window(judge: Judge, found: Sequence[Point], day: date) -> Past:
    """The past that a day is judged by."""
    return past(found, first=day - timedelta(days=judge.says.look_back), last=day - timedelta(days=1))


def beginning(judge: Judge, found: Sequence[Point], day: date) -> Past:
    """The past, and the day itself, that a rule begins by."""
    return past(found, first=day - timedelta(days=before(judge, begin=True)), last=day)
