"""What is different since somebody's last visit: the first thing they want to know."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Account
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


def strip(account: Account, at: datetime, *, now: datetime, risk: RiskView | None, present: Any, moments: list[Moment]) -> Since:
    """`moments` are the newest of the story, `present` the health of now."""
    fresh = [moment for moment in moments if moment.at > at or (moment.whole_day and moment.at.date() > at.date())]
    before = past.risks([account.pk], at).get(account.pk)
    felt = health.at([account.pk], at).get(account.pk)
    told = [moment for moment in fresh if moment.kind in _LOUD or moment.icon == "reply"][:_TOLD]
    counts = Counter(moment.kind for moment in fresh if moment not in told and moment.kind not in (Kind.RISK, Kind.CHANGE))
    return Since(
        at=at,
        risk=_moved(before.points if before else None, risk.points if risk else None),
        health=_moved(felt.points if felt else None, present.points if present else None),
        fields=changed.since(account, at, until=now)[:8],
        told=told,
        counts=[(kind, Kind(kind).label.lower(), count) for kind, count in counts.most_common()],
        more=len(fresh) == len(moments) > 0,
    )


def _moved(then: int | None, now: int | None) -> tuple[int, int] | None:
    return (then, now) if then is not None and now is not None and then != now else None
