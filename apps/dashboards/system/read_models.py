"""How old the figures are that pages show: what newer facts wait to be counted into them."""

from datetime import datetime
from functools import partial

from django.apps import apps
from django.db import connection

from ..saying import spell
from .queues import MOST_COUNTED
from .types import Group, State, Vital, judged

# A score follows its facts within seconds; after an import everything waits for a while.
SLOW, STOPPED = 60.0, 900.0
# Table of the marks, what is read from it, the job that works it off.
_MARKED = (
    ("churn", "AccountRisk", "Risk", "churn.score_stale"),
    ("health", "AccountHealth", "Health", "health.score_stale"),
    ("milestones", "PathMark", "Milestones", "milestones.evaluate_stale"),
    ("campaigns", "SegmentMark", "Segments", "campaigns.refresh_segments"),
    ("metrics", "AccountTally", "Figures", "metrics.refresh"),
    ("community", "MomentMark", "Right moments", "community.find_moments"),
)
_ONE = """
select %s::text, (select count(*) from (select 1 from {table} where stale_since <= %s limit {most}) few),
    (select min(stale_since) from {table} where stale_since <= %s)
"""


def read_models(now: datetime) -> list[Vital]:
    """One statement for all of them."""
    asked = " union all ".join(_ONE.format(table=_table(app, model), most=MOST_COUNTED) for app, model, _, _ in _MARKED)
    with connection.cursor() as cursor:
        cursor.execute(asked, [value for _, model, _, _ in _MARKED for value in (model, now, now)])
        found = {model: (count, oldest) for model, count, oldest in cursor.fetchall()}
    return [_vital(name, job, *found[model], now) for _, model, name, job in _MARKED]


def _table(app: str, model: str) -> str:
    return str(apps.get_model(app, model)._meta.db_table)


def _vital(name: str, job: str, count: int, oldest: datetime | None, now: datetime) -> Vital:
    seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    state = judged(seconds, slow=SLOW, stopped=STOPPED)
    many = f"{count:,}{' or more' if count >= MOST_COUNTED else ''} {'account' if count == 1 else 'accounts'}"
    says = f"{many} behind, the oldest for {spell(seconds)}" if count else "up to date"
    key = f"read-{name.lower().replace(' ', '-')}"
    vital = partial(Vital, key, Group.READ_MODELS, name, state, says, value=seconds, limit=SLOW, about={"depth": count, "job": job, "oldest": oldest})
    if state == State.OK:
        return vital()
    return vital(why=f"{name} of {many} is older than what is known of them.", todo=f"See whether the job {job} runs.", since=oldest)
