"""The raw rows behind a reason of a risk: what was counted, as it was known when the score was told. Newest first, never later than its moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.dateparse import parse_datetime

from apps.accounts.models import Account, ActivityEvent, DailyRollup, EventName
from apps.accounts.types import Meaning
from apps.core.reading import Reading, gather
from apps.events.models import Change

from . import features, records, relations
from .registry import DATED, NAME, TRAIT, Feature, describe
from .types import Fact

LIMIT = 12
WEEKS = 12
_NAMES = 8
_PATTERN = 56
# The one window that does not end with the last known day.
_ENDS_BEFORE = {"n_28_before": 28}
_USE = {"level", "trend", "active days", "breadth"}
_RECORDED = {"tickets", "surveys", "invoices", *relations.READERS}
_TROUBLE = {"support": Meaning.SUPPORT, "payment": Meaning.PAYMENT, "leaving": Meaning.LEAVING}
# Which field of an account a figure is read from.
_FIELDS = {"arr": "arr", "seats": "seats", "renewal": "renews_on", "tenure": "started_on", "plan": "plan"}


@dataclass(frozen=True)
class Named:
    """How often an activity was counted in the window, and how often the 8 weeks before it make usual for a window of that length."""

    name: str
    count: int
    usual: float | None


@dataclass(frozen=True)
class Behind:
    """What stands behind one reason. `first` and `last` are the days (UTC) that were counted; none where the figure is a field of the account.

    `facts` were counted, `beside` are records of the same matter. `weeks`: events in each of the twelve weeks before the score. `late` events of
    those days came in after the score and did not count. `older` asks for the next rows; `more`: records beyond these stand in the account's story.
    """

    feature: str
    family: str
    first: date | None = None
    last: date | None = None
    facts: tuple[Fact, ...] = ()
    beside: tuple[Fact, ...] = ()
    names: tuple[Named, ...] = ()
    weeks: tuple[int, ...] = ()
    late: int = 0
    older: str = ""
    more: bool = False


@dataclass(frozen=True)
class _Asked:
    account: Account
    feature: Feature
    as_of: datetime
    known: datetime
    cut: date
    before: str
    limit: int


def behind(account: Account, key: str, *, as_of: datetime, known: datetime | None = None, before: str = "", limit: int = LIMIT) -> Reading[Behind]:
    """At most `limit` rows behind a figure of a score as of a moment; `known` is when the score was made, and rows that came in later did not count.

    `before` is the `older` of the page before. A figure that is no longer counted has no rows.
    """
    feature = describe(key)
    asked = _Asked(account, feature, as_of, known or as_of, features.moment(as_of)["cut"], before, limit)
    return (yield from _reader(feature)(asked))


def _reader(feature: Feature) -> Callable[[_Asked], Reading[Behind]]:
    if feature.family in _USE or feature.key.startswith(NAME):
        return _use
    if feature.family in _TROUBLE:
        return _trouble
    if feature.family == "silence":
        return _silence
    if feature.source in _RECORDED:
        return _recorded
    return _field if feature.key in _FIELDS or feature.key.startswith((TRAIT, DATED)) else _nothing


def _use(asked: _Asked) -> Reading[Behind]:
    """Whole days, as the figure was counted."""
    last = asked.cut - timedelta(days=_ENDS_BEFORE.get(asked.feature.key, 0) + 1)
    first = last - timedelta(days=asked.feature.window - 1)
    events = _events(asked).filter(at__gte=_midnight(first), at__lt=_midnight(last + timedelta(days=1)))
    pattern = first - timedelta(days=_PATTERN)
    names = (
        _rollups(asked)
        .filter(day__gte=pattern, day__lte=last)
        .values_list("name")
        .annotate(now=Sum("count", filter=Q(day__gte=first)), usual=Sum("count", filter=Q(day__lt=first)))
        .order_by(F("now").desc(nulls_last=True), F("usual").desc(nulls_last=True), "name")[:_NAMES]
    )
    found = yield from _told(asked, events, names)
    per_window = asked.feature.window / _PATTERN
    compared = asked.feature.window <= _PATTERN
    return replace(
        found,
        first=first,
        last=last,
        names=tuple(Named(name, now or 0, round((usual or 0) * per_window, 1) if compared else None) for name, now, usual in names),
    )


def _trouble(asked: _Asked) -> Reading[Behind]:
    """Days in whole and the present one up to the moment, with the tickets or invoices of the same weeks beside."""
    first = asked.cut - timedelta(days=asked.feature.window)
    last = asked.cut if features.moment(asked.as_of)["today"] else asked.cut - timedelta(days=1)
    events = _events(asked).filter(at__gte=_midnight(first), at__lte=features.moment(asked.as_of)["seen"])
    names = events.filter(received_at__lte=asked.known).values_list("name").annotate(count=Count("id")).order_by("-count", "name")[:_NAMES]
    bounds = features.moment(asked.as_of)
    beside = records.beside(asked.account, asked.feature.family, first=first, seen=bounds["seen"], last=bounds["last"])
    found, told = yield from gather(_told(asked, events, names), beside)
    return replace(
        found,
        first=first,
        last=last,
        names=tuple(Named(name, count, None) for name, count in names),
        beside=tuple(told[: asked.limit]),
    )


def _silence(asked: _Asked) -> Reading[Behind]:
    """The last activity before it fell quiet; of the present day too, because who is back is not silent."""
    events = _events(asked).filter(at__gte=_midnight(asked.cut - timedelta(days=asked.feature.window)), at__lte=features.moment(asked.as_of)["seen"])
    found = yield from _told(asked, events)
    return replace(found, first=asked.cut - timedelta(days=asked.feature.window), last=asked.as_of.astimezone(UTC).date())


def _told(asked: _Asked, events: QuerySet[ActivityEvent], *more: QuerySet[Any]) -> Reading[Behind]:
    """The newest of these events that were known, how many came late, and the weeks up to the score."""
    known = events.filter(received_at__lte=asked.known)
    if asked.before and (cursor := _cursor(asked.before)):
        at, key = cursor
        known = known.filter(Q(at__lt=at) | Q(at=at, id__lt=key))
    rows = known.select_related("contact").order_by("-at", "-id")[: asked.limit + 1]
    late = events.filter(received_at__gt=asked.known).order_by().values_list("account").annotate(count=Count("id"))
    start = asked.cut - timedelta(days=7 * WEEKS)
    days = _rollups(asked).filter(day__gte=start, day__lt=asked.cut).values_list("day").annotate(count=Sum("count")).order_by("day")
    yield rows, late, days, *more
    weeks = [0] * WEEKS
    for day, count in days:
        weeks[(day - start).days // 7] += count
    shown = list(rows)[: asked.limit]
    return Behind(
        feature=asked.feature.key,
        family=asked.feature.family,
        facts=tuple(_event(row) for row in shown),
        weeks=tuple(weeks),
        late=next((count for _, count in late), 0),
        older=f"{shown[-1].at.isoformat()}~{shown[-1].pk}" if len(rows) > asked.limit else "",
    )


def _recorded(asked: _Asked) -> Reading[Behind]:
    """Tickets, answers to surveys, invoices, people, words, messages or health as they were then."""
    bounds = features.moment(asked.as_of)
    seen, last = bounds["seen"], bounds["last"]
    if asked.feature.source in relations.READERS:
        found = yield from relations.behind(relations.Asked(asked.account, asked.feature, seen, last, bounds["since_28"], bounds["midnight"]))
    else:
        found = yield from records.behind(asked.account, asked.feature, seen=seen, last=last)
    return Behind(asked.feature.key, asked.feature.family, facts=tuple(found[: asked.limit]), more=len(found) > asked.limit)


def _field(asked: _Asked) -> Reading[Behind]:
    """What the account's record said then, and how it came to say so."""
    key = asked.feature.key
    field = _FIELDS.get(key) or f"traits.{key.removeprefix(TRAIT).removeprefix(DATED)}"
    about = Change.objects.filter(subject=f"account:{asked.account.pk}", field=field)
    steps = about.filter(at__lte=asked.as_of).order_by("-at", "-id")[: asked.limit]
    later = about.filter(at__gt=asked.as_of).order_by("at", "id")[:1]
    yield steps, later
    present = asked.account.traits.get(field.removeprefix("traits.")) if field.startswith("traits.") else getattr(asked.account, field)
    value = next((step.before for step in later), present)
    record = Fact("account", asked.account.pk, None, f"The record said: {_plain(value)}", "a field of the account")
    changes = tuple(
        Fact("change", step.pk, step.at, f"Became {_plain(step.after)}", f"was {_plain(step.before)}, from {step.source}") for step in steps
    )
    return Behind(key, asked.feature.family, facts=(record, *changes))


def _nothing(asked: _Asked) -> Reading[Behind]:
    yield ()
    return Behind(asked.feature.key, asked.feature.family)


def _events(asked: _Asked) -> QuerySet[ActivityEvent]:
    return ActivityEvent.objects.filter(_named(asked.feature), account=asked.account)


def _rollups(asked: _Asked) -> QuerySet[DailyRollup]:
    return DailyRollup.objects.filter(_named(asked.feature), account=asked.account)


def _named(feature: Feature) -> Q:
    """The names of activity that a figure counts."""
    if feature.key.startswith(NAME):
        return Q(name=feature.key.removeprefix(NAME))
    if feature.family in _TROUBLE:
        return Q(name__in=EventName.objects.filter(meaning=_TROUBLE[feature.family]).values("name"))
    return ~Q(name__in=EventName.objects.filter(meaning__in=features.NOT_USE).values("name"))


def _event(row: ActivityEvent) -> Fact:
    words = [f"by {row.contact}" if row.contact else "", f"value {row.value:g}" if row.value != 1 else "", f"from {row.source}"]
    return Fact("event", row.pk, row.at, row.name, " · ".join(word for word in words if word))


def _plain(value: Any) -> str:
    if value in (None, ""):
        return "nothing"
    return f"{value:%-d %b %Y}" if isinstance(value, date) else str(value)[:120]


def _cursor(word: str) -> tuple[datetime, int] | None:
    at, _, key = word.partition("~")
    try:
        moment = parse_datetime(at)
    except ValueError:
        return None
    return (moment, int(key)) if moment is not None and moment.tzinfo is not None and key.isascii() and key.isdigit() and len(key) < 19 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
