"""The list of segments: how many are in each, how that moved, and who uses it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, IntegerField, Q, When
from django.db.models.functions import TruncDate

from apps.campaigns.models import Membership, Segment
from apps.campaigns.types import SegmentState

from ...types import Spark
from ..sparks import line
from .uses import uses
from .words import in_words

PAGE_SIZE = 50
DAYS = 30
TONES = {SegmentState.LIVE: "good", SegmentState.DRAFT: "calm", SegmentState.ARCHIVED: "calm"}
_ORDER = {state: place for place, state in enumerate((SegmentState.LIVE, SegmentState.DRAFT, SegmentState.ARCHIVED))}


@dataclass(frozen=True)
class Moved:
    """The size of a segment over the last 30 days, read back from who came and who went."""

    came: int = 0
    went: int = 0
    spark: Spark | None = None

    @property
    def change(self) -> int:
        return self.came - self.went


@dataclass(frozen=True)
class Row:
    segment: Segment
    words: str
    moved: Moved
    uses: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tone(self) -> str:
        return TONES[SegmentState(self.segment.state)]


@dataclass(frozen=True)
class Listing:
    page: Page
    states: list[tuple[str, str, int]]
    total: int


def listing(*, state: str, words: str, number: int, now: datetime) -> Listing:
    """Segments of a state (all but archived ones without it), the largest first; rates and counts are of every account of the house."""
    by_state = Case(*(When(state=one, then=place) for one, place in _ORDER.items()), output_field=IntegerField())
    rows = Segment.objects.select_related("current").order_by(by_state, "-size", "name", "pk")
    found = rows.filter(state=state) if state in SegmentState.values else rows.exclude(state=SegmentState.ARCHIVED)
    for word in words.split()[:5]:
        found = found.filter(Q(name__icontains=word) | Q(key__icontains=word) | Q(why__icontains=word))
    page: Page = Paginator(found, PAGE_SIZE).get_page(number)
    shown = list(page.object_list)
    moves, used = moved(shown, now), uses(shown)
    page.object_list = [Row(one, in_words(one.current.rule) if one.current else "has no rule yet", moves[one.pk], used[one.key]) for one in shown]
    counts: dict[str, int] = dict(Segment.objects.values_list("state").annotate(count=Count("pk")).order_by())
    return Listing(page, [(str(one.value), str(one.label), counts.get(one.value, 0)) for one in _ORDER], sum(counts.values()))


def moved(segments: Collection[Segment], now: datetime) -> dict[int, Moved]:
    """In two statements however many there are."""
    first = now - timedelta(days=DAYS)
    keys = [one.pk for one in segments]
    came, went = _by_day("entered_at", keys, first), _by_day("left_at", keys, first)
    today = now.date()
    return {one.pk: _moved(one.size, came[one.pk], went[one.pk], today) for one in segments}


def _by_day(name: str, keys: Collection[int], first: datetime) -> dict[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = defaultdict(dict)
    rows = Membership.objects.filter(segment__in=keys, **{f"{name}__gt": first}).annotate(day=TruncDate(F(name)))
    for key, day, count in rows.values_list("segment_id", "day").annotate(count=Count("pk")).order_by():
        found[key][day] = count
    return found


def _moved(size: int, came: dict[date, int], went: dict[date, int], today: date) -> Moved:
    at, sizes = size, []
    for back in range(DAYS):
        sizes.append(float(at))
        day = today - timedelta(days=back)
        at += went.get(day, 0) - came.get(day, 0)
    all_came, all_went = sum(came.values()), sum(went.values())
    words = f"{size:,} in it now, {size - all_came + all_went:,} thirty days ago; {all_came:,} came, {all_went:,} went"
    return Moved(all_came, all_went, line(sizes[::-1], words=words))
