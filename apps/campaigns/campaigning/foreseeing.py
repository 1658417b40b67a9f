"""What a launch would do now, before anybody does it: by the same statement that freezes the audience."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import available_timezones

from django.db import connection

from apps.messaging import selectors as messaging

from ..definition import Definition, Once, Recurring
from ..models import Campaign, Segment
from ..types import CampaignKind, Left
from . import audience, launching, moments, sharing

_ZONES = available_timezones()
_COUNT = """
with {judged}
select coalesce(f.why, '') as why, f.why is null and f.place * 100 < %(holdout)s as out, coalesce(f.open[1], '') as channel,
    f.why is null and {full} as full, count(*), count(distinct f.account_id),
    coalesce(array_agg(distinct f.zone) filter (where f.why is null), '{{}}')
from found f group by 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Consequence:
    """`people` are written to, in `accounts`; `left_out` counts by reason; `full` of the people have had as much lately as the contact policy allows,
    so theirs would wait. `cost` is by the prices of the policy; what has none costs nothing. `words` say all of it in sentences."""

    people: int = 0
    accounts: int = 0
    held_out: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    by_channel: dict[str, int] = field(default_factory=dict)
    by_variant: dict[str, int] = field(default_factory=dict)
    full: int = 0
    cost: Decimal = Decimal(0)
    currency: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def consequence(campaign: Campaign, says: Definition, *, now: datetime) -> Consequence:
    """Also for a version that nobody has saved yet; nothing is written."""
    rows = _rows(campaign, says, now)
    left: dict[str, int] = {}
    channels: dict[str, int] = {}
    people = accounts = held_out = full = 0
    zones: set[str] = set()
    for why, out, channel, is_full, count, of, named in rows:
        if why:
            left[why] = left.get(why, 0) + count
        elif out:
            held_out += count
        else:
            people, accounts, full = people + count, accounts + of, full + count * is_full
            channels[channel] = channels.get(channel, 0) + count
            zones |= set(named)
    in_order = {str(reason): left[reason] for reason in Left.values if reason in left}
    shares = sharing.shares(campaign, says).shares if says.variants else {}
    first, last = _when(says, zones, people, now)
    cost, currency = _cost(channels)
    made = Consequence(
        people=people,
        accounts=accounts,
        held_out=held_out,
        left_out=in_order,
        by_channel=channels,
        by_variant={name: round(share * people) for name, share in shares.items()},
        full=full,
        cost=cost,
        currency=currency,
        first_at=first,
        last_at=last,
        problems=launching.problems(campaign, says, now=now),
    )
    made.words.extend(_words(made, campaign, says))
    return made


def _rows(campaign: Campaign, says: Definition, now: datetime) -> list[tuple[str, bool, str, bool, int, int, list[str]]]:
    segment = Segment.objects.filter(key=says.segment).first() if says.segment else None
    if says.segment and segment is None:
        return []
    asked = Campaign(pk=campaign.pk or 0, key=campaign.key, kind=campaign.kind, segment=segment)
    whom = "true" if segment else "a.stage <> 'churned'"
    sql, values = audience.judged(audience.Looked(asked, says, sharing.Shares(0, {}), now, whom=whom, as_of=now))
    full, of_full = messaging.full_condition("f.contact_id", "f.open[1]", now=now)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(judged=sql, full=full), {**values, **of_full, "holdout": says.holdout_percent})
        return cursor.fetchall()


def _when(says: Definition, zones: set[str], people: int, now: datetime) -> tuple[datetime | None, datetime | None]:
    due = moments.next_due(says, after=now)
    if due is None or not isinstance(says.when, Once | Recurring):
        return None, None
    wall = moments.wall_of(says, moments.key_of(says, due) if isinstance(says.when, Recurring) else says.when.at)
    assert wall is not None
    turns = sorted(moments.turns(wall, zones & _ZONES).values()) if moments.is_local(says) else []
    first, last = (turns[0], turns[-1]) if turns else (due, due)
    if says.throttle_per_hour:
        last = max(last, first + timedelta(hours=people / says.throttle_per_hour))
    return max(first, now), max(last, now)


def _cost(channels: dict[str, int]) -> tuple[Decimal, str]:
    prices, currency = messaging.usual_prices()
    return sum((prices[channel] * count for channel, count in channels.items()), Decimal(0)), currency


def _words(found: Consequence, campaign: Campaign, says: Definition) -> list[str]:
    whom = "runs begin" if campaign.kind == CampaignKind.SEQUENCE else "people are written to"
    said = [f"{found.people:,} {whom} now, at {found.accounts:,} customers; {found.held_out:,} are held out to compare with."]
    if says.triggered:
        said = [f"Of those who could come, {found.people:,} fit now and {found.held_out:,} would be held out; each comes when it happens."]
    said += [f"{count:,} left out: {Left(reason).label}." for reason, count in found.left_out.items()]
    if found.cost:
        said.append(f"It costs about {found.cost:.2f} {found.currency}.")
        if says.budget.money is not None and found.cost > Decimal(str(says.budget.money)):
            said.append(f"The budget of {says.budget.money:.2f} {found.currency} does not last for all.")
    if says.budget.recipients is not None and found.people > says.budget.recipients:
        said.append(f"Only {says.budget.recipients:,} of them are written to: so the budget says.")
    if found.full:
        said.append(f"{found.full:,} of them have had as much as the contact policy allows: theirs wait until there is room, or are too late.")
    return said
