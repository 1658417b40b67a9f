"""The Revenue page: what was asked, the sentence, the waterfall, the months, the groups, and the movements behind each figure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date

from apps.accounts.models import User
from apps.accounts.selectors import rates, revenue
from apps.core.reading import read

from .changed import behind, named, who

PAGE_SIZE = 50
PERIODS = {
    "12m": "Last 12 months",
    "month": "This month",
    "last_month": "Last month",
    "quarter": "This quarter",
    "last_quarter": "Last quarter",
    "year": "This year",
    "last_year": "Last year",
    "custom": "Other days",
}
GROUPINGS = {"plan": "Plan", "tier": "Tier", "segment": "Segment", "owner": "Owner", "currency": "Currency", "tag": "Tag"}
FIGURES = {
    "opening": "ARR at the start",
    "new": "New",
    "expansion": "Expansion",
    "reactivation": "Came back",
    "contraction": "Contraction",
    "churn": "Churn",
    "closing": "ARR at the end",
    "nrr": "Net revenue retention",
    "grr": "Gross revenue retention",
    "lost": "Customers lost",
}
_MOST_MONTHS, _MOST_NARROWINGS = 36, 6


@dataclass(frozen=True)
class Asked:
    """What the address asks for; nonsense means the default."""

    period: str = "12m"
    begin: date | None = None
    end: date | None = None
    by: str = "plan"
    only: tuple[tuple[str, str], ...] = ()
    known: date | None = None
    figure: str = "closing"

    @classmethod
    def read(cls, params: QueryDict) -> "Asked":
        period, by, figure = params.get("period", ""), params.get("by", ""), params.get("figure", "")
        narrowings = [word.replace("\0", "").partition(":") for word in params.getlist("only")]
        begin, end = _day(params.get("from", "")), _day(params.get("to", ""))
        custom = period == "custom" and begin is not None and end is not None and begin <= end
        return cls(
            period=period if period in PERIODS and (period != "custom" or custom) else "12m",
            begin=begin if custom else None,
            end=end if custom else None,
            by=by if by in GROUPINGS else "plan",
            only=tuple(dict.fromkeys((group, key) for group, _, key in narrowings if group in GROUPINGS))[:_MOST_NARROWINGS],
            known=_day(params.get("known", "")),
            figure=figure if figure in FIGURES else "closing",
        )

    def address(self, **changes: Any) -> str:
        asked = replace(self, **changes)
        words: dict[str, str | list[str]] = {}
        if asked.period != "12m":
            words["period"] = asked.period
        if asked.begin and asked.end:
            words |= {"from": asked.begin.isoformat(), "to": asked.end.isoformat()}
        if asked.by != "plan":
            words["by"] = asked.by
        if asked.only:
            words["only"] = [":".join(pair) for pair in asked.only]
        if asked.known:
            words["known"] = asked.known.isoformat()
        return f"?{urlencode(words, doseq=True)}" if words else "?"

    def movements(self, figure: str, **changes: Any) -> str:
        """The door of a figure: the movements that make it."""
        words = self.address(**changes).removeprefix("?")
        return f"{reverse('movements')}?{urlencode({'figure': figure})}{'&' if words else ''}{words}"

    def span(self, today: date) -> revenue.Period:
        """The days asked for; a period that still runs ends with today."""
        tomorrow = today + timedelta(days=1)
        month, year = today.replace(day=1), today.replace(month=1, day=1)
        quarter = month.replace(month=(today.month - 1) // 3 * 3 + 1)
        spans = {
            "month": (month, tomorrow),
            "last_month": (back(month, 1), month),
            "quarter": (quarter, tomorrow),
            "last_quarter": (back(quarter, 3), quarter),
            "year": (year, tomorrow),
            "last_year": (year.replace(year=year.year - 1), year),
            "12m": (back(month, 11), tomorrow),
        }
        if self.begin and self.end:
            return revenue.Period(self.begin, self.end + timedelta(days=1))
        return revenue.Period(*spans[self.period])

    def known_at(self, now: datetime) -> datetime:
        """The end of the chosen day in the reader's zone, or this moment."""
        return min(now, datetime.combine(self.known + timedelta(days=1), time(), now.tzinfo)) if self.known else now


def _day(words: str) -> date | None:
    try:
        found = parse_date(words)
    except ValueError:
        return None
    return found if found and 1990 <= found.year <= 2100 else None


def back(month: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def months_of(period: revenue.Period) -> list[revenue.Period]:
    """The calendar months of a period, the first and the last as far as they belong to it; the newest ones where there are too many."""
    found, start = [], period.start
    while start < period.end:
        end = min(back(start.replace(day=1), -1), period.end)
        found.append(revenue.Period(start, end))
        start = end
    return found[-_MOST_MONTHS:]


@dataclass(frozen=True)
class Bar:
    """A step of the waterfall: where it floats between 0 and 100, and its door."""

    label: str
    amount: Decimal
    left: float
    width: float
    tone: str
    href: str


@dataclass(frozen=True)
class Line:
    """One month of the chart; `x` and `y` in a box of 100 x 100, None where we cannot tell."""

    figures: revenue.Figures
    x: float
    nrr: float | None
    grr: float | None


@dataclass(frozen=True)
class Chart:
    """The months as lines: points for polylines, and the shares at top and bottom."""

    lines: tuple[Line, ...]
    nrr: str
    grr: str
    top: int
    bottom: int
    full: float


@dataclass(frozen=True)
class Group:
    figures: revenue.Figures
    name: str
    doors: dict[str, str]
    href: str


def page(user: User, asked: Asked, *, now: datetime) -> dict[str, Any]:
    """Everything on the page in three statements and the owners' names."""
    period, known_at = asked.span(now.date()), asked.known_at(now)
    whole = revenue.total(user, period, only=asked.only, known_at=known_at)
    months = revenue.figures(user, months_of(period), only=asked.only, known_at=known_at)
    groups = revenue.figures(user, [period], by=asked.by, only=asked.only, known_at=known_at)
    names = _names(asked.by, groups)
    return {
        "asked": asked,
        "period": period,
        "whole": whole,
        "doors": {figure: asked.movements(figure) for figure in FIGURES},
        "verdict": verdict(whole),
        "bars": waterfall(whole, asked),
        "chart": chart(months),
        "groups": [
            Group(one, names.get(one.key, one.key) or _nobody(asked.by), _doors(asked, one), asked.address(only=_inside(asked, one)))
            for one in groups
        ],
        "narrowings": narrowings(asked),
        "anything": bool(groups),
        "workspace": rates.workspace(),
    }


def verdict(found: revenue.Figures) -> str:
    """The page in one sentence."""
    if found.nrr is None or found.grr is None:
        if found.closing:
            return "Nobody paid at the start of this period, so there is nothing to retain yet: we cannot tell NRR and GRR."
        return "There is no recurring revenue in this period."
    gross, net = float(found.grr) * 100, float(found.nrr) * 100
    kept = f"Of every 100 {found.currency} at the start, {gross:.1f} were kept (GRR), and with growth it is {net:.1f} now (NRR)."
    lost = f" {found.lost} of {found.customers} customers left." if found.lost else f" None of {found.customers} customers left."
    return kept + lost


def waterfall(found: revenue.Figures, asked: Asked) -> list[Bar]:
    steps = [("opening", found.opening), ("new", found.new), ("expansion", found.expansion), ("reactivation", found.reactivation)]
    steps += [("contraction", found.contraction), ("churn", found.churn), ("closing", found.closing)]
    peak = max(found.opening + found.new + found.expansion + found.reactivation, found.closing, Decimal(1))
    bars, level = [], Decimal()
    for figure, amount in steps:
        if figure in ("opening", "closing"):
            low, high, level = Decimal(), amount, amount
        else:
            low, high = min(level, level + amount), max(level, level + amount)
            level += amount
        tone = "calm" if figure in ("opening", "closing") else "down" if amount < 0 else "up"
        left, width = min(float(max(low, Decimal()) / peak * 100), 99.5), float(max(high - low, Decimal()) / peak * 100)
        bars.append(Bar(FIGURES[figure], amount, round(left, 2), round(min(width, 100 - left), 2), tone, asked.movements(figure)))
    return bars


def chart(months: list[revenue.Figures]) -> Chart | None:
    """None where there are fewer than two months to connect."""
    told = [float(value) for one in months for value in (one.nrr, one.grr) if value is not None]
    if len(months) < 2 or not told:
        return None
    top, bottom = max(*told, 1.01), min(*told, 0.99)
    pad = (top - bottom) * 0.08
    top, bottom = top + pad, bottom - pad

    def y(value: Decimal | float | None) -> float | None:
        return None if value is None else round((top - float(value)) / (top - bottom) * 100, 2)

    lines = tuple(Line(one, round(place / (len(months) - 1) * 100, 2), y(one.nrr), y(one.grr)) for place, one in enumerate(months))
    return Chart(
        lines=lines,
        nrr=" ".join(f"{line.x},{line.nrr}" for line in lines if line.nrr is not None),
        grr=" ".join(f"{line.x},{line.grr}" for line in lines if line.grr is not None),
        top=round(top * 100),
        bottom=round(bottom * 100),
        full=y(1.0) or 0.0,
    )


def _inside(asked: Asked, found: revenue.Figures) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((*asked.only, (asked.by, found.key))))


def _doors(asked: Asked, found: revenue.Figures) -> dict[str, str]:
    return {figure: asked.movements(figure, only=_inside(asked, found)) for figure in FIGURES}


def _names(by: str, groups: list[revenue.Figures]) -> dict[str, str]:
    if by != "owner":
        return {}
    keys = [int(one.key) for one in groups if one.key]
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=keys)}


def _nobody(by: str) -> str:
    return {"owner": "no owner", "tag": "no tag"}.get(by, f"no {by}")


def narrowings(asked: Asked) -> list[tuple[str, str]]:
    """What the page is narrowed to, in words, each with the address that widens it again."""
    found = []
    for by, key in asked.only:
        owner = User.objects.filter(pk=int(key)).first() if by == "owner" and key.isascii() and key.isdigit() and len(key) < 18 else None
        wider = asked.address(only=tuple(pair for pair in asked.only if pair != (by, key)))
        found.append((f"{GROUPINGS[by]}: {owner or key or _nobody(by)}", wider))
    return found


def movements(user: User, asked: Asked, *, now: datetime, number: int) -> dict[str, Any]:
    """One page of the movements behind a figure, their sum at the period's rates, and how many could not be converted."""
    period, known_at = asked.span(now.date()), asked.known_at(now)
    rows = revenue.movements(user, period, figure=asked.figure, only=asked.only, known_at=known_at)
    sums = rows.aggregate(sum=Sum("worth"), rows=Count("pk"), rated=Count("worth"))
    found: Page = Paginator(rows, PAGE_SIZE).get_page(number)
    currency = revenue.currency_of(asked.only) or rates.workspace()
    people = read(named(behind(row.actor for row in found)))
    for row in found:
        row.by = who(row.actor, people)
    return {
        "asked": asked,
        "period": period,
        "label": FIGURES[asked.figure],
        "page": found,
        "sum": sums["sum"] or Decimal(),
        "unconverted": sums["rows"] - sums["rated"],
        "currency": currency,
        "back": reverse("revenue") + asked.address(),
        "narrowings": narrowings(asked),
    }
