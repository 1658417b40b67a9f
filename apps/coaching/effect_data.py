"""The units of every effect, read set-based from rollups: what was shown or held back, who was coached, and who was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from apps.accounts.models import Account, User

from .effect.cohort import Cohort, log_rate
from .models import Recommendation, Session
from .session_types import Measure

# Lengths in days: three periods before that follow each other, and the weeks after of which each is told apart.
PERIOD, WEEKS = 28, 8
_SETTLED = timedelta(days=PERIOD + 1)
# Nobody who was coached within so many days around the same moment stands for those who were not.
_APART = timedelta(days=90)
_MOST = 20_000

_COUNTS = """
with units as (
    select * from unnest(%(places)s::int[], %(accounts)s::bigint[], %(days)s::date[], %(names)s::text[]) as u(place, account, day, name)
)
select u.place,
       case when r.day < u.day then -((u.day - r.day - 1) / 28 + 1) else (r.day - u.day - 1) / 7 + 1 end as period,
       sum(r.count)
from units u join accounts_dailyrollup r
  on r.account_id = u.account and r.day >= u.day - 84 and r.day <= u.day + 56 and r.day <> u.day
 and (u.name = '' or r.name = any(string_to_array(u.name, chr(31))))
group by 1, 2
"""


@dataclass(frozen=True)
class Unit:
    """One account at one moment, and the activity that was to change (several joined by chr(31); empty: any). `way`: its strategy, or nothing."""

    account: int
    at: datetime
    name: str
    treated: bool
    way: str = ""
    chance: float = float("nan")


@dataclass(frozen=True)
class Units:
    """Units with their cohort and log rates of each week after (NaN: not over yet)."""

    units: Sequence[Unit]
    cohort: Cohort
    after: np.ndarray

    def only(self, chosen: np.ndarray) -> "Units":
        return Units([unit for unit, yes in zip(self.units, chosen, strict=True) if yes], self.cohort.only(chosen), self.after[chosen])


def by_lot(user: User, *, since: datetime, now: datetime, tip: str = "") -> Units:
    """Tips that were shown against those held back at random; only slots whose four weeks after are over."""
    rows = Recommendation.objects.for_user(user).filter(at__gte=since, at__lte=now - _SETTLED, version__isnull=False)
    if tip:
        rows = rows.filter(tip__key=tip)
    found = rows.order_by("-at", "-id").values_list("account", "at", "version__definition", "held_back", "held_chance")[:_MOST]
    units = []
    for account, at, says, held, chance in found:
        names = chr(31).join(says.get("target", {}).get("activity", []))
        units.append(Unit(account, at, names, not held, str(says.get("strategy", "teach")), chance if held else 1 - chance))
    return counted(units, now=now)


def of_sessions(user: User, *, since: datetime, now: datetime) -> Units:
    """Accounts by their first session in the period, against accounts of the same book that nobody coached around the same day.

    Every other account is looked at around the day, and at the behaviour, of one of the coached, which its number picks: so seasons and behaviours
    are spread over both sides alike.
    """
    coached: dict[int, Unit] = {}
    sessions: Any = Session.objects.took_place().for_user(user).filter(ended_at__gte=since, ended_at__lte=now - _SETTLED)
    rows = sessions.order_by("ended_at", "id").values_list("account", "ended_at", "goal__measure", "goal__name", "strategy__key")[:_MOST]
    for account, at, measure, name, way in rows:
        coached.setdefault(account, Unit(account, at, name if measure == Measure.ACTIVITY else "", True, way))
    anchors = [coached[key] for key in sorted(coached)]
    if not anchors:
        return counted([], now=now)
    near = Session.objects.took_place().filter(ended_at__gte=since - _APART, ended_at__lte=now).values("account")
    alone = Account.objects.for_user(user).exclude(pk__in=near).order_by("pk")
    others = []
    for key, started in alone.values_list("pk", "started_on")[:_MOST]:
        anchor = anchors[key % len(anchors)]
        if started is None or started <= (anchor.at - timedelta(days=3 * PERIOD)).date():
            others.append(Unit(key, anchor.at, anchor.name, False))
    return counted([*anchors, *others], now=now)


def counted(units: Sequence[Unit], *, now: datetime) -> Units:
    """One statement: what each unit did in the 12 weeks before its day and the 8 after; its own day counts for neither."""
    n = len(units)
    before, after = np.zeros((n, 3)), np.zeros((n, WEEKS))
    if units:
        asked: dict[str, Any] = {
            "places": list(range(n)),
            "accounts": [unit.account for unit in units],
            "days": [unit.at.date() for unit in units],
            "names": [unit.name for unit in units],
        }
        with connection.cursor() as cursor:
            cursor.execute(_COUNTS, asked)
            for place, period, acts in cursor.fetchall():
                if period < 0:
                    before[place, 3 + period] = float(acts)
                else:
                    after[place, period - 1] = float(acts)
    weekly = log_rate(after, 1.0)
    over = np.array([(now.date() - unit.at.date()).days for unit in units], dtype=float).reshape(n, 1)
    weekly[np.broadcast_to(np.arange(1, WEEKS + 1) * 7, (n, WEEKS)) >= over] = np.nan
    rates = log_rate(before, PERIOD / 7)
    cohort = Cohort(
        np.array([unit.treated for unit in units], dtype=bool),
        rates[:, 0],
        rates[:, 1:],
        log_rate(after[:, : PERIOD // 7].sum(axis=1), PERIOD / 7),
        np.array([unit.account for unit in units], dtype=np.int64),
        np.array([unit.chance for unit in units], dtype=float),
    )
    return Units(units, cohort, weekly)
