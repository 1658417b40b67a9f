"""Next campaigns, from what many accounts share and nothing addresses: drivers of their churn risk, and parts of their health that fell."""

# ruff: noqa: S608 (the statements are put together from constants of this module)

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from apps.accounts.models import User
from apps.accounts.selectors import revenue
from apps.churn import selectors as churn
from apps.health import selectors as health
from apps.interventions.models import Play
from apps.interventions.types import PlayState

from ..models import Campaign
from ..types import CampaignState
from .figures import Suggestion
from .units import book_of

_MOST = 20
# A campaign that reached an account so lately addresses it.
_LATELY = timedelta(days=30)
# Points of 100 that a measure lost in 28 days.
_FELL = 20
# Customers whom no running play and no campaign of late addresses; amounts in the workspace's currency.
_FREE = """
free as (
    select a.id, (a.arr * coalesce(r.rate, 0))::float as arr from accounts_account a
    left join unnest(%(currencies)s::text[], %(rates)s::numeric[]) as r(currency, rate) on r.currency = a.currency
    where a.stage <> 'churned' and (%(book)s::bigint[] is null or a.id = any(%(book)s))
      and not exists (
        select from interventions_enrolment e join interventions_play p on p.id = e.play_id
        where e.account_id = a.id and e.state = 'waiting' and e.arm = 'treated' and p.state = 'live'
      ) and not exists (
        select from campaigns_recipient c join campaigns_occurrence o on o.id = c.occurrence_id join campaigns_campaign g on g.id = o.campaign_id
        where c.account_id = a.id and g.state = 'live' and c.state in ('planned', 'handed') and o.due_at > %(lately)s
      )
)"""
# Whatever raises their risk, with the words of the strongest cases.
_DRIVERS = f"""
with {_FREE}, told as (
    select f.id, f.arr, reason ->> 'feature' as feature, reason ->> 'words' as words, (reason ->> 'contribution')::float as weight, k.probability
    from free f join churn_accountrisk k on k.account_id = f.id and k.band in ('medium', 'high')
    cross join lateral jsonb_array_elements(k.reasons) reason
    where (reason ->> 'contribution')::float > 0
)
select feature, count(distinct id), sum(arr), avg(weight), avg(probability), (array_agg(words order by weight desc))[1:3]
from told group by feature having count(distinct id) >= %(least)s order by sum(arr) desc, feature limit 100
"""
_HEALTH = f"""
with {_FREE}, fell as (
    select f.id, f.arr, part ->> 'measure' as measure, ((earlier ->> 'points')::float - (part ->> 'points')::float) / 100 as lost
    from free f join health_accounthealth h on h.account_id = f.id
    join lateral (
        select parts from health_healthscore s where s.account_id = f.id and s.as_of <= %(month_ago)s order by s.as_of desc, s.id desc limit 1
    ) before on true
    cross join lateral jsonb_array_elements(h.parts) part
    join lateral jsonb_array_elements(before.parts) earlier on earlier ->> 'measure' = part ->> 'measure'
    where (earlier ->> 'points')::float - (part ->> 'points')::float >= 100 * %(fell)s
)
select measure, count(distinct id), sum(arr), avg(lost) from fell
group by measure having count(distinct id) >= %(least)s order by sum(arr) desc, measure limit 100
"""


def suggestions(*, now: datetime, user: User | None = None, least: int = 5) -> Sequence[Suggestion]:
    """Churn drivers and falling parts of health that at least `least` accounts share and no live campaign or play addresses; most revenue first."""
    rates = revenue.rates_on(now.date(), known_at=now)
    asked: dict[str, Any] = {"book": book_of(user), "least": least, "lately": now - _LATELY, "month_ago": now - timedelta(days=28), "fell": _FELL}
    asked |= {"currencies": list(rates), "rates": list(rates.values())}
    taken = addressed()
    with connection.cursor() as cursor:
        cursor.execute(_DRIVERS, asked)
        found = [_driver(*row) for row in cursor.fetchall() if row[0] not in taken and not churn.is_static(row[0])]
        cursor.execute(_HEALTH, asked)
        found += [_fallen(*row) for row in cursor.fetchall() if f"health:{row[0]}" not in taken]
    return sorted(found, key=lambda one: (-one.arr, -one.accounts, one.key))[:_MOST]


def addressed() -> set[str]:
    """Drivers that the segment of a live campaign names, or the definition of a live play; measures of health as health:KEY."""
    found: set[str] = set()
    for campaign in Campaign.objects.filter(state=CampaignState.LIVE).select_related("segment__current", "current"):
        if campaign.segment is not None and campaign.segment.current is not None:
            found |= set(_named(campaign.segment.current.rule))
    for play in Play.objects.filter(state=PlayState.LIVE, current__isnull=False).select_related("current"):
        found |= set(_named(play.current.definition))  # type: ignore[union-attr]
    return found


def _named(said: Any) -> Iterator[str]:
    if isinstance(said, Mapping):
        if said.get("kind") == "driver" and isinstance(said.get("feature"), str):
            yield said["feature"]
        if isinstance(said.get("measure"), str):
            yield f"health:{said['measure']}"
        for inner in said.values():
            yield from _named(inner)
    elif isinstance(said, list):
        for inner in said:
            yield from _named(inner)


def _driver(feature: str, accounts: int, arr: float, weight: float, risk: float, words: Sequence[str]) -> Suggestion:
    # As the feature tells itself, the number left open.
    name = re.sub(r"\{\w+\}", "…", churn.describe(feature).words) or churn.plain(feature.partition(":")[2] or feature)
    told = [
        f"It raises the churn risk of {accounts:,} customers who are at medium or high risk, {risk:.0%} on average.",
        f"Nothing live addresses it; they bring {arr:,.0f} {settings.WORKSPACE_CURRENCY} a year.",
        *(f"For one of them: {one}." for one in dict.fromkeys(words)),
    ]
    rule = {"all": [{"kind": "driver", "feature": feature}, {"any": [{"kind": "risk", "band": band} for band in ("medium", "high")]}]}
    return _suggested(f"driver:{feature}", "driver", f"Help with “{name}”", told, accounts, arr, rule)


def _fallen(measure: str, accounts: int, arr: float, lost: float) -> Suggestion:
    name = health.BY_KEY[measure].name if measure in health.BY_KEY else churn.plain(measure)
    told = [
        f"It fell by {lost:.0f} of 100 points on average within 28 days, for {accounts:,} customers.",
        f"Nothing live addresses it; they bring {arr:,.0f} {settings.WORKSPACE_CURRENCY} a year.",
    ]
    # Segments know health as a whole; who lost this very part is among the poor and the fair.
    rule = {"any": [{"kind": "health", "band": band} for band in ("poor", "fair")]}
    return _suggested(f"health:{measure}", "health", f"Lift “{name}” again", told, accounts, arr, rule)


def _suggested(key: str, kind: str, name: str, evidence: list[str], accounts: int, arr: float, rule: Mapping[str, Any]) -> Suggestion:
    segment = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:40]
    definition = {
        "segment": segment,
        "when": {"kind": "manual"},
        "people": {"who": "best"},
        "channels": ["email", "in_app"],
        "hour": "best",
        "variants": [{"name": "help", "template": segment, "weight": 1}],
        "holdout_percent": 20,
        "goal": {"reached": {"kind": "recovers", "percent": 80}},
        "window_days": 30,
        "promotion": False,
        "lane": "nurture",
    }
    return Suggestion(key, kind, name, evidence[0], accounts, float(arr), settings.WORKSPACE_CURRENCY, evidence, rule, definition)
