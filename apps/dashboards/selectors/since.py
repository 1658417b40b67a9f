"""What is different since somebody's last visit: the first thing they want to know."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Account
from apps.core.reading import Reading, gather
from apps.health import selectors as health

from ..types import Kind, Moment, RiskView
from . import changed, past

# Told in words; the other kinds are counted.
_LOUD = (Kind.ALERT, Kind.TICKET, Kind.SURVEY, Kind.NOTE)
_TOLD = 4


@dataclass(frozen=True)
class Since:
    """`risk` and `health` are (then, now) in points where they moved; `counts` name a kind of moment and how many there are."""

    at: datetime
    risk: tuple[int, int] | None
    health: tuple[int, int] | None
    fields: list[changed.Step]
    told: list[Moment]
    counts: list[tuple[str, str, int]]
    more: bool

    @property
    def nothing(self) -> bool:
        return not (self.risk or self.health or self.fields or self.told or self.counts)


@dataclass(frozen=True)
class Before:
    """What a visitor saw the last time, and the fields that changed since."""

    at: datetime
    risk: RiskView | None
    health: Any
    fields: list[changed.Step]


def before(account: Account, at: datetime, *, now: datetime) -> Reading[Before]:
    risks, healths, fields = yield from gather(past.risks([account.pk], at), health.at([account.pk], at), changed.since(account, at, until=now))
    return Before(at, risks.get(account.pk), healths.get(account.pk), fields)


def strip(before: Before, *, risk: RiskView | None, present: Any, moments: list[Moment]) -> Since:
    """`moments` are the newest of the story, `present` the health of now."""
    at = before.at
    fresh = [moment for moment in moments if moment.at > at or (moment.whole_day and moment.at.date() > at.date())]
    told = [moment for moment in fresh if moment.kind in _LOUD or moment.icon == "reply"][:_TOLD]
    counts = Counter(moment.kind for moment in fresh if moment not in told and moment.kind not in (Kind.RISK, Kind.CHANGE))
    return Since(
        at=at,
        risk=_moved(before.risk.points if before.risk else None, risk.points if risk else None),
        health=_moved(before.health.points if before.health else None, present.points if present else None),
        fields=before.fields[:8],
        told=told,
        counts=[(kind, Kind(kind).label.lower(), count) for kind, count in counts.most_common()],
        more=len(fresh) == len(moments) > 0,
    )


def _moved(then: int | None, now: int | None) -> tuple[int, int] | None:
    return (then, now) if then is not None and now is not None and then != now else None
