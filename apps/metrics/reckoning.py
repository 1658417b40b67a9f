"""Figures that change by whole tables at once: revenue of a year, messages of 28 days, effects. Reckoned every few minutes for everybody together by
the selectors that know them, and kept beside the sums, so that reading one never reads a ledger."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from apps.accounts.models import User
from apps.accounts.selectors import rates, revenue
from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.types import CampaignState
from apps.coaching import selectors as coaching
from apps.community import selectors as community
from apps.community.models import ReferralProgram
from apps.core.actor import Actor
from apps.interventions.selectors import impact

from .keeping import tell
from .models import NOBODY, Reckoned

HOUSE = -1  # sums that are known of the house only
YEAR, QUARTER, MONTH = timedelta(days=365), timedelta(days=90), timedelta(days=28)
# Nobody in particular, who may read everything: jobs reckon for the house.
EVERYBODY = User(is_superuser=True, is_active=True)

Key = tuple[str, str, str, int, str]  # measure, dimension, value, owner, currency
_REVENUE = {
    "year_opening": lambda f: f.opening,
    "year_kept": lambda f: f.opening + f.kept_change,
    "year_held": lambda f: f.opening - f.shrunk,
    "year_customers": lambda f: f.customers,
    "year_lost": lambda f: f.lost,
}
_QUARTER = {
    "quarter_opening": lambda f: f.opening,
    "quarter_contraction": lambda f: f.contraction,
    "quarter_expansion": lambda f: f.expansion,
}
_MESSAGES = ("messages_sent_28", "messages_delivered_28", "messages_complained_28")
SUMS = (*_REVENUE, *_QUARTER, *_MESSAGES)

_COUNT_MESSAGES = """
select coalesce(a.owner_id, 0), count(*), count(*) filter (where m.state in ('delivered', 'replied')),
       count(*) filter (where exists (select 1 from messaging_providerevent p where p.message_id = m.id and p.raw ->> 'type' = 'complained'))
from messaging_message m join accounts_account a on a.id = m.account_id
where m.claimed_at >= %(since)s and m.claimed_at <= %(now)s and m.state in ('sent', 'delivered', 'returned', 'replied') group by 1
"""
_KEEP = """
with found as materialized (
    select measure, dimension, value, owner_id, currency, amount
    from jsonb_to_recordset(%(rows)s::jsonb) as r(measure text, dimension text, value text, owner_id bigint, currency text, amount numeric)
), gone as (
    delete from metrics_tally t where t.measure = any(%(measures)s) and not exists (
        select 1 from found f
        where (f.measure, f.dimension, f.value, f.owner_id, f.currency) = (t.measure, t.dimension, t.value, t.owner_id, t.currency)
    ) returning measure
), kept as (
    insert into metrics_tally as t (measure, dimension, value, owner_id, currency, amount) select * from found order by 1, 2, 3, 4, 5
    on conflict (measure, dimension, value, owner_id, currency) do update set amount = excluded.amount where t.amount <> excluded.amount
    returning measure
)
select array_agg(distinct measure) from (select measure from gone union all select measure from kept) moved
"""


def reckon_sums(*, now: datetime, actor: Actor) -> list[str]:
    """Revenue of the year and quarter until now and messages of 28 days, per owner and for the house per plan and segment; what moved."""
    rows = {**revenue_sums(now), **_message_sums(now)}
    items = [
        {"measure": measure, "dimension": dimension, "value": value[:80], "owner_id": owner, "currency": currency, "amount": str(amount)}
        for (measure, dimension, value, owner, currency), amount in rows.items()
        if amount
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_KEEP, {"rows": json.dumps(items), "measures": list(SUMS)})
        moved = cursor.fetchone()[0] or []
        tell(moved, actor=actor, now=now)
    return sorted(moved)


def revenue_sums(now: datetime, *, until: datetime | None = None) -> dict[Key, Decimal]:
    """What the ledger says of the year and the quarter that end with the day of `until`, as known `now`."""
    end = (until or now).date() + timedelta(days=1)
    found: dict[Key, Decimal] = {}
    for days, parts in ((YEAR, _REVENUE), (QUARTER, _QUARTER)):
        period = revenue.Period(end - days, end)
        for by in ("owner", "plan", "segment"):
            for one in revenue.figures(EVERYBODY, [period], by=by, known_at=now):
                place = ("", "", int(one.key or NOBODY)) if by == "owner" else (by, one.key, HOUSE)
                for measure, part in parts.items():
                    money = "" if measure in ("year_customers", "year_lost") else rates.workspace()
                    key = (measure, *place, money)
                    found[key] = found.get(key, Decimal()) + Decimal(part(one))
    return found


def _message_sums(now: datetime) -> dict[Key, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_MESSAGES, {"since": now - MONTH, "now": now})
        rows = cursor.fetchall()
    return {(measure, "", "", owner, ""): Decimal(amount) for owner, *amounts in rows for measure, amount in zip(_MESSAGES, amounts, strict=True)}


def reckon_house(*, now: datetime, actor: Actor) -> int:
    """Figures of the house that are no sums, each by the selector that knows it; returns how many moved."""
    moved = []
    for key, reckon in HOUSE_FIGURES.items():
        found = reckon(now)
        before = Reckoned.objects.filter(key=key).order_by("-day").values_list("value", "of", "low", "high").first()
        with transaction.atomic():
            Reckoned.objects.update_or_create(key=key, day=now.date(), defaults={**vars(found), "at": now})
            if before != (found.value, found.of, found.low, found.high):
                tell([key], actor=actor, now=now)
                moved.append(key)
    return len(moved)


class Figured:
    """A reckoned figure; without a value its words say why."""

    def __init__(self, value: float | None, *, of: int | None = None, low: float | None = None, high: float | None = None, words: str = "") -> None:
        self.value, self.of, self.low, self.high, self.words = value, of, low, high, words[:500]


def _interventions(now: datetime) -> Figured:
    whole = impact.of_everything(EVERYBODY, now=now)
    if whole is None:
        return Figured(None, words="Nobody is left alone by every play, so nothing says what would have happened anyway.")
    found = whole.stayed
    if found.difference is None:
        return Figured(None, words=found.words)
    return Figured(found.difference, of=found.treated.n + found.held_out.n, low=found.low, high=found.high, words=found.words)


def _viral(now: datetime) -> Figured:
    found = [community.referrals.analytics(program, now=now).whole for program in ReferralProgram.objects.exclude(state="draft")]
    exposed, approved = sum(one.exposed for one in found), sum(one.approved for one in found)
    if not any(one.can_tell for one in found):
        return Figured(None, of=exposed, words=f"{approved} approved referrals of {exposed} people asked are too few to tell.")
    # One program's interval is its own; over several the widest bounds stand.
    return Figured(approved / exposed, of=exposed, low=min(one.low for one in found), high=max(one.high for one in found))


def _campaigns(now: datetime) -> Figured:
    """Goals reached beyond those held out: each campaign's difference times those it treated. Campaigns without a comparison count nowhere."""
    keys = list(Campaign.objects.filter(state__in=(CampaignState.LIVE, CampaignState.DONE)).values_list("pk", flat=True))
    compared = [day.figures["whole"]["goal"] for day in campaigns.results.incrementals(keys).values()]
    compared = [goal for goal in compared if goal["difference"] is not None]
    if not compared:
        return Figured(None, words="No campaign has been compared with those held out from it.")
    value, low, high = (sum(goal[name] * goal["treated"][1] for goal in compared) for name in ("difference", "low", "high"))
    return Figured(value, of=sum(goal["treated"][1] for goal in compared), low=low, high=high)


def _coaching(now: datetime) -> Figured:
    units = coaching.effect_data.by_lot(EVERYBODY, since=now - timedelta(days=180), now=now)
    found = coaching.verdict.by_lot(units.cohort)
    if found.main is None or found.standing == coaching.verdict.Standing.WAITING:
        return Figured(None, words=found.sentence)
    value, low, high = (one / 100 for one in found.main.percent)
    return Figured(value, of=found.main.treated + found.main.others, low=low, high=high, words=found.sentence)


HOUSE_FIGURES: Mapping[str, Callable[[datetime], Figured]] = {
    "intervention_effect": _interventions,
    "viral_k": _viral,
    "campaign_effect": _campaigns,
    "coaching_effect": _coaching,
}


def past_months(today: datetime, months: int = 12) -> Iterator[datetime]:
    """The last moments of the months before this one, newest first."""
    first = today.replace(day=1)
    for _ in range(months):
        last = first - timedelta(days=1)
        yield last
        first = last.replace(day=1)
