"""Who gets the credit, by several models at once, and beside them what those held out did without a single message."""

# ruff: noqa: S608 (the statements are put together from constants of this package)

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from apps.accounts.models import User
from apps.accounts.selectors import revenue
from apps.interventions.models import Play
from apps.messaging.selectors import telling_providers

from ..models import Campaign
from ..types import AttributedOutcome, AttributionModel
from . import beyond
from .figures import Attribution, Credit, Incremental
from .touches import OUTCOME_WORDS, OUTCOMES, TOUCHES
from .units import book_of

# Half the weight after so many days.
HALF_LIFE_DAYS = 7
# Position-based: first and last touch 40 % each, those between share 20 %.
_CREDITS = """
with outcomes as materialized (
    select o.* from ({outcomes}) o where (%(book)s::bigint[] is null or o.account_id = any(%(book)s))
), touches as materialized (
    select t.* from ({touches}) t where (%(book)s::bigint[] is null or t.account_id = any(%(book)s))
), matched as (
    select t.source, o.id, o.arr, row_number() over (partition by o.id order by t.at, t.source) as place, count(*) over (partition by o.id) as n,
           power(2.0, -extract(epoch from o.at - t.at)::float / (86400.0 * %(half_life)s)) as decay
    from outcomes o join touches t on t.account_id = o.account_id and t.at < o.at and t.at >= o.at - %(window)s
), weighed as (
    select source, id, arr, (place = 1)::int::float as first, (place = n)::int::float as last, 1.0::float / n as linear,
           case when n = 1 then 1.0 when n = 2 then 0.5 when place in (1, n) then 0.4 else 0.2 / (n - 2) end::float as position,
           decay / sum(decay) over (partition by id) as decay
    from matched
), credited as (
    select source, sum(first) as first, sum(last) as last, sum(linear) as linear, sum(position) as position, sum(decay) as decay,
           sum(first * arr) as first_arr, sum(last * arr) as last_arr, sum(linear * arr) as linear_arr, sum(position * arr) as position_arr,
           sum(decay * arr) as decay_arr
    from weighed group by source
), seen as (
    select source, count(*) as touches, count(distinct account_id) as accounts from touches where at >= %(since)s group by source
)
select coalesce(s.source, c.source), coalesce(s.touches, 0), coalesce(s.accounts, 0), c.first, c.last, c.linear, c.position, c.decay,
       c.first_arr, c.last_arr, c.linear_arr, c.position_arr, c.decay_arr
from seen s full join credited c on c.source = s.source
union all
select '', (select count(*) from outcomes), (select count(*) from outcomes o where not exists (select from matched m where m.id = o.id)),
       null, null, null, null, null, (select coalesce(sum(arr), 0) from outcomes), null, null, null, null
"""


def attribution(
    *, outcome: AttributedOutcome, now: datetime, days: int = 90, window_days: int = 30, campaign_id: int | None = None, user: User | None = None
) -> Attribution:
    """Outcomes of the last `days`, and the touches in the `window_days` before each. `campaign_id`: only its row is told, all touches still count."""
    outcome = AttributedOutcome(outcome)
    since, window, rates = now - timedelta(days=days), timedelta(days=window_days), revenue.rates_on(now.date(), known_at=now)
    asked: dict[str, Any] = {"since": since, "touched_since": since - window, "now": now, "window": window, "half_life": HALF_LIFE_DAYS}
    asked |= {"book": book_of(user), "telling": telling_providers(), "currencies": list(rates), "rates": list(rates.values())}
    with connection.cursor() as cursor:
        cursor.execute(_CREDITS.replace("{outcomes}", OUTCOMES[outcome]).replace("{touches}", TOUCHES), asked)
        rows = cursor.fetchall()
    (total,) = [row for row in rows if not row[0]]
    sources = {row[0]: row for row in rows if row[0]}
    brought = beyond.incrementals(outcome, asked, campaign_id=campaign_id)
    names = _names({*sources, *brought})
    credits = [
        _credit(source, names, sources.get(source), brought.get(source))
        for source in names
        if campaign_id is None or source == f"campaign:{campaign_id}"
    ]
    credits.sort(key=lambda one: (-one.outcomes[AttributionModel.LAST], -one.touches, one.key))
    return Attribution(
        outcome=outcome,
        outcome_words=OUTCOME_WORDS[outcome],
        since=since,
        until=now,
        window_days=window_days,
        outcomes=total[1],
        arr=total[8],
        untouched=total[2],
        currency=settings.WORKSPACE_CURRENCY,
        credits=credits,
        words=_words(credits, total[1], total[2]),
    )


def _names(sources: set[str]) -> dict[str, tuple[str, str]]:
    """Source -> (kind, name); what has been deleted meanwhile keeps its key as a name."""
    ids: Mapping[str, list[int]] = defaultdict(list)
    for source in sources:
        kind, _, rest = source.partition(":")
        if kind != "outside":
            ids[kind].append(int(rest))
    campaigns, plays = Campaign.objects.in_bulk(ids["campaign"]), Play.objects.in_bulk(ids["play"])
    found = {}
    for source in sorted(sources):
        kind, _, rest = source.partition(":")
        if kind == "outside":
            found[source] = (kind, rest)
        else:
            row = (campaigns if kind == "campaign" else plays).get(int(rest))
            found[source] = (kind, row.name if row is not None else source)
    return found


def _credit(source: str, names: Mapping[str, tuple[str, str]], row: Sequence[Any] | None, brought: Incremental | str | None) -> Credit:
    kind, name = names[source]
    given = row or (source, 0, 0, *(None,) * 10)
    counts = {model: float(given[3 + place] or 0) for place, model in enumerate(AttributionModel)}
    money = {model: float(given[8 + place] or 0) for place, model in enumerate(AttributionModel)}
    why_not = brought if isinstance(brought, str) else ""
    if brought is None:
        why_not = "Nobody is held out from it here." if kind == "outside" else "Nobody was held out whose window is over."
    return Credit(source, kind, name, given[1], given[2], counts, money, brought if isinstance(brought, Incremental) else None, why_not)


_WHY = (
    "Last touch gives an outcome to whoever spoke last. It cannot see what would have happened without any word: customers who were about to buy "
    "anyway look for a page or open a message just before they do, and whoever meets them there is paid for it. Only those held out show it."
)


def _words(credits: Sequence[Credit], outcomes: int, untouched: int) -> str:
    told = [_WHY, f"{untouched:,} of {outcomes:,} had no touch at all within the window." if outcomes else "Nothing of this kind happened."]
    for one in credits:
        if one.incremental is None:
            continue
        last, found = one.outcomes[AttributionModel.LAST], one.incremental
        given = f"“{one.name}” is given {last:,.0f} by last touch"
        if (factor := one.last_over_incremental) is not None:
            told.append(f"{given} and brought {found.outcomes:,.0f}: {factor:.1f} times as many as it brought.")
        elif last and not found.sure:
            told.append(f"{given}; we cannot tell yet that it brought any ({found.low:,.0f} to {found.high:,.0f}).")
    return " ".join(told[:5])
