"""The audience of an occurrence is written down, batch by batch of accounts; each batch is one statement and one transaction with how far it came.

Whoever is killed leaves whole batches behind; whoever goes on begins after the last of them. Nobody is looked at again. The segment is read as of
the moment at which the freezing began, so that all batches see the same one.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import CampaignFrozen

from ..definition import Definition
from ..models import Campaign, Occurrence, Recipient
from ..types import CampaignState, OccurrenceState, RecipientState
from . import audience, moments, sharing

BATCH = 5_000
_ACTOR = Actor.job("campaigns.advance")
_INSERT = """
with {judged}, timed as (
    select f.*, coalesce(z.due, %(due)s) as due,
        case when f.why is not null then f.why when coalesce(z.due, %(due)s) + %(life)s <= %(now)s then 'late' end as reason
    from found f left join unnest(%(zones)s::text[], %(dues)s::timestamptz[]) as z(name, due) on z.name = f.zone
), placed as (
    select t.*, case when reason is not null then 'excluded' when t.place * 100 < %(holdout)s then 'held_out' else 'planned' end as state from timed t
), drawn as (
    select p.*, v.name as variant, v.share, {spread} as turn from placed p left join unnest(%(names)s::text[], %(froms)s::float8[], %(tos)s::float8[],
        %(shares)s::float8[]) as v(name, begin, "end", share) on p.state = 'planned' and p.lot >= v.begin and p.lot < v."end"
), written as (
    insert into campaigns_recipient (occurrence_id, account_id, contact_id, state, "left", variant, weights, propensity, due_at)
    select %(occurrence)s, account_id, contact_id, state, coalesce(reason, ''), coalesce(variant, ''), %(weights)s, share,
        case when state <> 'excluded' then turn end
    from drawn order by account_id, contact_id
    on conflict do nothing
    returning state
)
select (select count(*) from near), (select max(id) from near),
    (select jsonb_object_agg(state, n) from (select state, count(*) n from written group by 1) w)
"""
# What a throttle lets go in an hour stands one after the other.
_SPREAD = """greatest(p.due, %(start)s + (%(before)s + count(*) filter (where p.state = 'planned')
    over (order by p.due, p.account_id, p.contact_id rows unbounded preceding) - 1) * %(gap)s::interval)"""


def freeze(occurrence: Occurrence, *, now: datetime, batch: int = BATCH, most: int | None = None) -> bool:
    """Write down the audience as far as it has not been; at most so many batches. True when it stands whole."""
    done = 0
    while most is None or done < most:
        standing = _one_batch(occurrence.pk, now=now, size=batch)
        if standing is not None:
            occurrence.refresh_from_db()
            return standing
        done += 1
    return False


def _one_batch(occurrence_id: int, *, now: datetime, size: int) -> bool | None:
    """True: it stands whole; False: not now (paused, or another worker is at it); None: a batch was written and there may be more."""
    with transaction.atomic():
        rows = Occurrence.objects.filter(pk=occurrence_id).select_related("campaign", "version")
        row = rows.select_for_update(of=("self",), skip_locked=True).first()
        if row is None:
            return False
        if row.state not in (OccurrenceState.PLANNED, OccurrenceState.FREEZING):
            return row.state in (OccurrenceState.SENDING, OccurrenceState.DONE)
        if not _is_live(row.campaign):
            return False
        if row.state == OccurrenceState.PLANNED:
            row.state, row.frozen_at = OccurrenceState.FREEZING, now
        whom = "a.id > %(after)s" if row.campaign.segment_id else "a.id > %(after)s and a.stage <> 'churned'"
        looked, last, _ = _write(row, whom=whom, values={"after": row.frozen_to}, limit=size, as_of=row.frozen_at, now=now)
        row.frozen_to = last or row.frozen_to
        whole = looked < size
        if whole:
            row.state = OccurrenceState.SENDING
        row.save(update_fields=["state", "frozen_at", "frozen_to"])
        if whole:
            _tell(row, now)
    return True if whole else None


def _is_live(campaign: Campaign) -> bool:
    """Asked under a lock that a pause waits for."""
    return bool(
        Campaign.objects.raw("select id, state from campaigns_campaign where id = %s for share", [campaign.pk])[0].state == CampaignState.LIVE
    )


def join(occurrence: Occurrence, account_ids: Collection[int], *, now: datetime) -> Counter[str]:
    """The same for accounts that come one by one, into an occurrence that stands open. Call it in a transaction. Returns how many by state."""
    _, _, counted = _write(occurrence, whom="a.id = any(%(ids)s)", values={"ids": sorted(account_ids)}, limit=None, as_of=None, now=now)
    return counted


def _write(
    row: Occurrence, *, whom: str, values: dict[str, Any], limit: int | None, as_of: datetime | None, now: datetime
) -> tuple[int, int | None, Counter[str]]:
    says, campaign = row.version.says, row.campaign
    drawn = sharing.shares(campaign, says)
    look = audience.Looked(campaign, says, drawn, now, whom=whom, limit=limit, as_of=as_of, occurrence_id=row.pk, values=values)
    sql, given = audience.judged(look)
    spread = "p.due"
    if says.throttle_per_hour:
        spread = _SPREAD
        given |= {
            "start": max(row.due_at, row.frozen_at or now),
            "before": Recipient.objects.filter(occurrence=row, state=RecipientState.PLANNED).count(),
            "gap": timedelta(hours=1) / says.throttle_per_hour,
        }
    names, froms, tos = _parts(drawn)
    given |= {
        **_turns(says, row, now),
        "life": timedelta(hours=says.expires_hours),
        "holdout": says.holdout_percent,
        "occurrence": row.pk,
        "weights": drawn.version,
        "names": names,
        "froms": froms,
        "tos": tos,
        "shares": list(drawn.shares.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(judged=sql, spread=spread), given)
        looked, last, counted = cursor.fetchone()
    return looked, last, Counter(_plain(counted))


def _plain(counted: Any) -> dict[str, int]:
    import json  # noqa: PLC0415

    return json.loads(counted) if isinstance(counted, str) else counted or {}


def _parts(drawn: sharing.Shares) -> tuple[list[str], list[float], list[float]]:
    """Where each variant begins and ends in [0, 1)."""
    names, froms, tos, begin = list(drawn.shares), [], [], 0.0
    for share in drawn.shares.values():
        froms.append(begin)
        begin += share
        tos.append(begin)
    if tos:
        tos[-1] = 1.0
    return names, froms, tos


def _turns(says: Definition, row: Occurrence, now: datetime) -> dict[str, Any]:
    """When it is whose turn: by zone, and for clocks that nobody knows."""
    wall = moments.wall_of(says, row.key)
    if wall is None or not moments.is_local(says):
        return {"zones": [], "dues": [], "due": row.due_at if wall is not None else max(row.due_at, now)}
    by_zone = _by_zone(wall)
    return {"zones": list(by_zone), "dues": list(by_zone.values()), "due": by_zone["UTC"]}


@lru_cache(maxsize=32)
def _by_zone(wall: datetime) -> dict[str, datetime]:
    return moments.turns(wall, sorted(available_timezones() | {"UTC"}))


def _tell(row: Occurrence, now: datetime) -> None:
    counted = counts(row.pk)
    told = CampaignFrozen(
        campaign_id=row.campaign_id,
        occurrence_id=row.pk,
        key=row.key,
        planned=counted["planned"],
        excluded=counted["excluded"],
        held_out=counted["held_out"],
    )
    events.publish(told, actor=_ACTOR, now=now)


def counts(occurrence_id: int) -> Counter[str]:
    """How many recipients stand where."""
    with connection.cursor() as cursor:
        cursor.execute("select state, count(*) from campaigns_recipient where occurrence_id = %s group by 1", [occurrence_id])
        return Counter(dict(cursor.fetchall()))
