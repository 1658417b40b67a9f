"""One segment: why somebody is in it or not, who was in it on a day, what it shares with others, and how its rule changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator

from apps.accounts.models import Account, User
from apps.accounts.types import Stage
from apps.campaigns import selectors as campaigns_read
from apps.campaigns import services as campaigns
from apps.campaigns.models import Membership, Segment, SegmentVersion
from apps.campaigns.types import SegmentState

from ..sayings import hands
from .words import Change, between, in_words, of_version

PAGE_SIZE = 50
MOST_VERSIONS = 40
MOST_OTHERS = 60
SHOWN = 8


@dataclass(frozen=True)
class Line:
    """A line of the rule for one account: whether it holds, and what is known."""

    words: str
    holds: bool
    found: str
    depth: int


@dataclass(frozen=True)
class Explained:
    account: Account
    verdict: str
    lines: list[Line]
    stays: list[Membership] = field(default_factory=list)


@dataclass(frozen=True)
class Version:
    row: SegmentVersion
    by: str
    words: str
    changes: list[Change] = field(default_factory=list)


def customers() -> int:
    return Account.objects.exclude(stage=Stage.CHURNED).count()


def counting(segment: Segment) -> str:
    """How far the counting of a live segment is, in words; nothing when it is done."""
    if segment.state != SegmentState.LIVE or segment.filled_at is not None:
        return ""
    return f"being counted: {100 * campaigns_read.segments.progress(segment):.0f} % looked at"


def overlap(segment: Segment, *, now: datetime) -> list[tuple[Segment, int, int]]:
    """(segment, accounts in both, that part of this one in per cent), the largest first."""
    if segment.state != SegmentState.LIVE:
        return []
    others = list(Segment.objects.filter(state=SegmentState.LIVE).exclude(pk=segment.pk).order_by("-size", "pk")[:MOST_OTHERS])
    both = campaigns_read.segments.overlap([segment.pk, *(one.pk for one in others)], now)
    shared = [(one, both.both.get((min(one.pk, segment.pk), max(one.pk, segment.pk)), 0), both.share(segment.pk, one.pk)) for one in others]
    found = sorted((one for one in shared if one[1]), key=lambda one: -one[1])[:SHOWN]
    return [(one, count, round(100 * share)) for one, count, share in found]


def explained(user: User, segment: Segment, account_id: int, *, now: datetime) -> Explained | None:
    """For one account of the person's own book; None when it is not in it."""
    account = Account.objects.for_user(user).filter(pk=account_id).first()
    if account is None or segment.current is None:
        return None
    rule = campaigns.segments.rules.read(segment.current.rule)
    told = campaigns_read.segments.explain(rule, account.pk, now, segment_id=segment.pk)
    if told is None:
        return None
    stays = list(Membership.objects.filter(segment=segment, account=account).order_by("-entered_at")[:6])
    inside = any(stay.left_at is None for stay in stays)
    fits = "fits the rule" if told.holds else "does not fit the rule"
    if inside == told.holds:
        verdict = f"is in it: it {fits}." if inside else f"is not in it: it {fits}."
    else:
        verdict = f"is {'' if inside else 'not '}in it yet although it {fits}; that is settled within seconds, unless it stays for other reasons."
    return Explained(account, verdict if segment.state == SegmentState.LIVE else f"{fits}; a draft counts nobody.", list(_lines(told, 0)), stays)


def _lines(told: Any, depth: int) -> Iterator[Line]:
    """A rule's tree as lines: of a group first how its lines join, then each."""
    if told.joint:
        yield Line({"all": "all of these", "any": "one of these", "none": "none of these"}[told.joint], told.holds, "", depth)
        for part in told.parts:
            yield from _lines(part, depth + 1)
        return
    flips = f"; changes by itself {told.flips_at:%-d %b %H:%M} UTC" if told.flips_at else ""
    known = f"it is {_known(told.value)}" if told.value is not None else ""
    yield Line(told.words, told.holds, f"{known}{flips}".removeprefix("; "), depth)


def _known(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.6g}" if isinstance(value, int | float) else str(value)


def first_day(segment: Segment, now: datetime) -> date:
    """The day of the first member; today where there was none."""
    first = Membership.objects.filter(segment=segment).order_by("entered_at").values_list("entered_at", flat=True).first()
    return first.astimezone(now.tzinfo).date() if first else now.date()


def day(words: str, *, first: date, today: date) -> date:
    try:
        return min(max(date.fromisoformat(words), first), today)
    except ValueError:
        return today


def members(user: User, segment: Segment, *, at: datetime, number: int) -> Page:
    """Who of one's own book was in it at a moment, the largest first."""
    rows = Membership.objects.for_user(user).filter(segment=segment).at(at).select_related("account", "version")  # type: ignore[attr-defined]
    return Paginator(rows.order_by("-account__arr", "account_id"), PAGE_SIZE).get_page(number)


def versions(segment: Segment) -> list[Version]:
    """Newest first, each with what it changed."""
    rows = list(segment.versions.order_by("-number")[: MOST_VERSIONS + 1])
    by = hands(row.created_by for row in rows)
    before: Iterable[SegmentVersion | None] = [*rows[1:], None]
    return [
        Version(row, by[row.created_by], in_words(row.rule), between(of_version(old), of_version(row)) if old else [])
        for row, old in zip(rows, before, strict=True)
    ][:MOST_VERSIONS]
