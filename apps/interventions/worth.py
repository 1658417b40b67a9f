"""What tasks have saved so far: the outcomes that the save rates of ranking.py are drawn from."""

from dataclasses import dataclass
from datetime import datetime

from apps.core.reading import Reading, Rows

from .ranking import Outcomes, SaveRate, save_rate
from .types import TaskType

# Per account and type the newest task that was done so long ago that the definition's horizon is over. Whether they were reached or not counts alike:
# what is judged is the work, not the luck of it. Tasks that turned out not to be needed, and accounts without a chance at opening, tell nothing.
_SEEN = """
with horizon as (select coalesce(max(horizon_days), 90) days from churn_churndefinition where is_default),
seen as (
    select distinct on (t.account_id, t.type) t.type, a.segment, t.chance,
        coalesce(a.churned_on between (t.closed_at at time zone 'UTC')::date and (t.closed_at at time zone 'UTC')::date + horizon.days, false) gone
    from interventions_task t join accounts_account a on a.id = t.account_id, horizon
    where t.state = 'done' and t.chance is not null and t.result <> 'not_needed' and t.closed_at <= %(now)s - horizon.days * interval '1 day'
    order by t.account_id, t.type, t.closed_at desc, t.id desc)
select type, segment, count(*), sum(chance), count(*) filter (where gone) from seen group by grouping sets ((type), (type, segment))
"""


@dataclass(frozen=True)
class Rates:
    """Save rates by type and segment."""

    by_type: dict[str, Outcomes]
    by_segment: dict[tuple[str, str], Outcomes]

    def of(self, kind: str, segment: str) -> SaveRate:
        nothing = Outcomes()
        return save_rate(TaskType(kind), of_type=self.by_type.get(kind, nothing), of_segment=self.by_segment.get((kind, segment), nothing))


def rates(*, now: datetime) -> Reading[Rates]:
    rows = Rows(_SEEN, {"now": now})
    yield rows
    found = list(rows)
    return Rates(
        {kind: Outcomes(count, float(expected), left) for kind, segment, count, expected, left in found if segment is None},
        {(kind, segment): Outcomes(count, float(expected), left) for kind, segment, count, expected, left in found if segment is not None},
    )
