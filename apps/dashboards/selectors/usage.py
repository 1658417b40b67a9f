"""What an account does with the product, week by week and by meaning."""

from dataclasses import dataclass
from datetime import date, timedelta

from apps.accounts.models import Account
from apps.accounts.types import Meaning
from apps.core.reading import Reading, Rows

WEEKS = 26
_WIDE, _HIGH = 520, 96

_BY_NAME = """
select r.name, coalesce(n.meaning, 'other'), (r.day - %(first)s::date) / 7, sum(r.count)
from accounts_dailyrollup r left join accounts_eventname n on n.name = r.name
where r.account_id = %(account)s and r.day between %(first)s and %(last)s
group by 1, 2, 3
"""


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    height: float
    words: str


@dataclass(frozen=True)
class Chart:
    """Bars per week in a box of 520 x 96, and the same as a table."""

    meaning: str
    word: str
    bars: tuple[Bar, ...]
    weeks: tuple[tuple[date, int], ...]
    most: int
    total: int
    words: str


@dataclass(frozen=True)
class Name:
    name: str
    meaning: str
    lately: int
    before: int

    @property
    def change(self) -> int | None:
        return None if not self.before else round(100 * (self.lately - self.before) / self.before)


@dataclass(frozen=True)
class Usage:
    charts: list[Chart]
    names: list[Name]
    weeks: int
    width: float


def usage(account: Account, *, until: date, weeks: int = WEEKS) -> Reading[Usage]:
    """Charts of every meaning that occurs, the busiest first, and the activity names with their last four weeks against the four before."""
    first = until - timedelta(days=7 * weeks - 1)
    rows = Rows(_BY_NAME, {"account": account.pk, "first": first, "last": until})
    yield rows
    by_meaning: dict[str, list[int]] = {}
    by_name: dict[str, tuple[str, list[int]]] = {}
    for name, meaning, week, count in rows:
        by_meaning.setdefault(meaning, [0] * weeks)[week] += int(count)
        by_name.setdefault(name, (meaning, [0] * weeks))[1][week] += int(count)
    width = round(_WIDE / weeks - 3, 2)
    charts = [_chart(meaning, counts, first) for meaning, counts in by_meaning.items()]
    names = [Name(name, Meaning(meaning).label, sum(counts[-4:]), sum(counts[-8:-4])) for name, (meaning, counts) in by_name.items()]
    return Usage(
        charts=sorted(charts, key=lambda chart: -chart.total),
        names=sorted(names, key=lambda name: (-name.lately, -name.before, name.name))[:15],
        weeks=weeks,
        width=width,
    )


def _chart(meaning: str, counts: list[int], first: date) -> Chart:
    most, step = max(counts), _WIDE / len(counts)
    weeks = tuple((first + timedelta(days=7 * week), count) for week, count in enumerate(counts))
    bars = tuple(
        Bar(round(week * step, 1), round(_HIGH * (1 - count / most), 1), round(_HIGH * count / most, 1), f"{count:,} in the week of {day:%-d %b %Y}")
        for week, (day, count) in enumerate(weeks)
    )
    lately, before = sum(counts[-4:]) / 4, sum(counts[:-4]) / max(1, len(counts) - 4)
    rare = f"{sum(counts):,} in {len(counts)} weeks"
    words = rare if sum(counts) < len(counts) else f"{lately:,.0f} a week over the last 4 weeks, {before:,.0f} a week before"
    return Chart(meaning, Meaning(meaning).label, bars, weeks, most, sum(counts), words)
