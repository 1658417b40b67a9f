"""Whether to choose by predicted gain whom to write to, and the gains. Shut unless ranking is better than luck on rows that were randomised."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from apps.experiments.selectors import uplift

from ..models import Campaign
from .figures import Targeting
from .said import of
from .units import Numbers, of_campaign

COLUMNS = ("yearly revenue", "activity of 4 weeks", "trend of activity", "age as a customer", "share of seats in use")
# Known of each account before the moment, and of nothing after it.
_BEFORE = """
select u.account, ln(1 + greatest(coalesce(m.arr, 0), 0))::float, ln(1 + coalesce(d.month, 0))::float,
       (ln(1 + coalesce(d.month, 0)) - ln(1 + coalesce(d.before, 0)))::float,
       case when a.started_on is not null then ln(1 + greatest(u.at::date - a.started_on, 0)) end::float,
       case when a.seats > 0 and a.seats_used is not null then least(a.seats_used::float / a.seats, 2) end::float
from unnest(%(accounts)s::bigint[], %(moments)s::timestamptz[]) with ordinality as u(account, at, place)
join accounts_account a on a.id = u.account
left join lateral (select sum(amount) as arr from accounts_arrmovement m where m.account_id = u.account and m.effective_on < u.at::date) m on true
left join lateral (
    select sum(count) filter (where r.day >= u.at::date - 28) as month, sum(count) filter (where r.day < u.at::date - 28) as before
    from accounts_dailyrollup r where r.account_id = u.account and r.day >= u.at::date - 56 and r.day < u.at::date
) d on true
order by u.place
"""


def targeting(campaign: Campaign, *, now: datetime) -> Targeting:
    """The gate: at least 2,000 randomised accounts whose window is over, 200 of them with the goal, and a 5 % bound of Qini above 0."""
    says = of(campaign)
    units = of_campaign(campaign, says, now=now).first_of_each()
    units = units.only(units.over)
    rows, outcomes = len(units), int(units.reached.sum())
    held = int(units.held.sum())
    if not held or held == rows:
        return Targeting(False, "Not by predicted gain: nobody is held out whose window is over, so nobody's gain can be learned.", rows, outcomes)
    if rows < uplift.LEAST_ROWS or outcomes < uplift.LEAST_OUTCOMES:
        words = f"{uplift.LEAST_ROWS:,} accounts drawn by lot and {uplift.LEAST_OUTCOMES} of them with the goal; there are {rows:,} and {outcomes:,}"
        return Targeting(False, f"Not by predicted gain: it takes {words}. Until then everybody in the segment is written to.", rows, outcomes)
    told = _before([row.account for row in units.rows], [row.at for row in units.rows])
    found = uplift.best(told, ~units.held, units.reached)
    named = _drivers(found.learned)
    open_now = found.low > 0
    if open_now:
        words = f"By predicted gain: ranking is better than luck (Qini {found.qini:.2f}, at least {found.low:.2f} with 95 %)."
        words += f" The best {found.share:.0%} of the accounts carry the gain."
    else:
        words = f"Not by predicted gain: ranking is no better than luck (Qini {found.qini:.2f}, but it may be as low as {found.low:.2f})."
        words += " The campaign does about the same for everybody, or too little to tell them apart."
    model = {
        "mean": found.learned.scale.mean.tolist(),
        "deviation": found.learned.scale.deviation.tolist(),
        "treated": found.learned.treated.tolist(),
        "control": found.learned.control.tolist(),
        "columns": list(COLUMNS),
    }
    if not open_now:
        return Targeting(False, words, rows, outcomes, found.learner, found.qini, found.low)
    return Targeting(True, words, rows, outcomes, found.learner, found.qini, found.low, found.share, named, model)


def gains(campaign: Campaign, account_ids: Sequence[int], *, now: datetime) -> Mapping[int, float] | None:
    """Predicted gain of each account; None while the gate is shut."""
    found = targeting(campaign, now=now)
    if not found.open:
        return None
    model: Mapping[str, Any] = found.model
    scale = uplift.Scale(np.array(model["mean"]), np.array(model["deviation"]))
    learned = uplift.Learned(scale, np.array(model["treated"]), np.array(model["control"]))
    keys = sorted(set(account_ids))
    told = _before(keys, [now] * len(keys))
    return dict(zip(keys, map(float, learned.gain(told)), strict=True)) if keys else {}


def _before(accounts: Sequence[int], moments: Sequence[datetime]) -> Numbers:
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, {"accounts": list(accounts), "moments": list(moments)})
        rows = cursor.fetchall()
    return np.array([[np.nan if value is None else value for value in row[1:]] for row in rows], dtype=np.float64).reshape(len(rows), len(COLUMNS))


def _drivers(learned: uplift.Learned) -> list[tuple[str, float]]:
    """What goes with a larger gain, strongest first: the difference of the two arms' weights per deviation."""
    found = zip(COLUMNS, (learned.treated - learned.control)[:-1].tolist(), strict=True)
    return sorted(found, key=lambda pair: -abs(pair[1]))
