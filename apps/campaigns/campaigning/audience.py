"""Who would be written to and who is left out for which one reason: one statement, for freezing, for looking ahead and for the second look.

The reasons stand in the order of types.Left. Where an account's best person is asked for, that is the first of its people whom nothing keeps away;
where something keeps all of them away, the one who would have been best, with their reason.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from apps.messaging import selectors as messaging
from apps.messaging.types import BY_PHONE, Channel

from ..definition import Definition
from ..models import Campaign
from ..surveys import definition as surveys
from ..surveys import drip
from ..types import CampaignKind
from .sharing import Shares

# As core.shares.position reckons it, but for the last 12 of its 64 bits.
_PLACE = "('x' || substr(encode(sha256(convert_to({salt} || ':' || a.id, 'UTF8')), 'hex'), 1, 13))::bit(52)::bigint / 4503599627370496.0"
_FINGERPRINT = "'sha256:' || encode(sha256(convert_to('suppressed:' || {address}, 'UTF8')), 'hex')"
_PREFERRED = "array_position(array['champion', 'admin', 'sponsor', 'user'], c.role::text)"
_HAD = """exists (select 1 from campaigns_recipient r join campaigns_occurrence o on o.id = r.occurrence_id where r.contact_id = c.id
    and r.state = 'handed' and r.settled_at > %(again)s and o.campaign_id = %(campaign)s and o.id <> %(occurrence)s)"""
# As surveys.throttle says it; who is invited is decided there.
_SURVEYED = """(
    exists (select 1 from campaigns_invitation i where i.contact_id = c.id and i.state <> 'withdrawn'
        and (i.asked_at > %(surveyed)s or i.quiet_until > %(now)s))
    or exists (select 1 from accounts_surveyresponse s where s.contact_id = c.id and s.at > %(surveyed)s and s.at <= %(now)s))"""


@dataclass(frozen=True)
class Looked:
    """What the statement is asked with. `whom` chooses the accounts: a condition over `a`, its values in `values`; `people` the people, over `c`."""

    campaign: Campaign
    says: Definition
    shares: Shares
    now: datetime
    whom: str = "true"
    people: str = "true"
    limit: int | None = None
    as_of: datetime | None = None
    occurrence_id: int = 0
    # Whoever is named is looked at, the best of their account or not.
    all_named: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


def topics(says: Definition) -> dict[str, str]:
    """By channel the topic that its words are about, where there are words; a sequence is asked by its own engine."""
    keys = [variant.template for variant in says.variants]
    known = messaging.topics_of(keys)
    return {channel: topic for channel in says.channels if (topic := next((known[key, channel] for key in keys if (key, channel) in known), ""))}


def judged(look: Looked) -> tuple[str, dict[str, Any]]:
    """SQL of the CTEs `near` (accounts) and `found` (account_id, contact_id, zone, why, open, place, lot), and its values."""
    says, about = look.says, topics(look.says)
    channels = [channel for channel in says.channels if channel in about or look.campaign.kind == CampaignKind.SEQUENCE]
    values: dict[str, Any] = {
        **look.values,
        "day": look.now.date(),
        "now": look.now,
        "salt": f"campaign:{look.campaign.key}",
        "lot": f"campaign:{look.campaign.key}:variant",
        "roles": says.people.roles,
        "limit": look.limit,
    }
    turn = _their_week(look, values)
    one = look.campaign.kind == CampaignKind.SEQUENCE or says.people.who == "best"
    first = "distinct on (n.id)" if one and not look.all_named else ""
    order = "order by n.id, (j.why is not null), (j.email = ''), j.role_rank, j.id" if first else ""
    sql = f"""
near as materialized (
    select a.id, a.stage, a.time_zone, {_PLACE.format(salt="%(salt)s")} as place, {_PLACE.format(salt="%(lot)s")} as lot, {_kept(look)} as kept
    from accounts_account a {_of_segment(look, values)}
    where {look.whom}
    order by a.id limit %(limit)s
), judged as materialized (
    select c.id, c.account_id, c.email, {_PREFERRED} as role_rank, nullif(c.time_zone, '') as zone, o.open,
        case when cardinality(o.open) > 0 then {_again(look, values)}
             when not (o.has) then 'no_address' when not (o.free) then 'suppressed' else 'no_consent' end as why
    from near n join accounts_contact c on c.account_id = n.id
    cross join lateral ({_open(channels, about, values)} offset 0) o
    where (c.departed_on is null or c.departed_on > %(day)s) and (cardinality(%(roles)s::text[]) = 0 or c.role = any(%(roles)s)) and {look.people} and {turn}
), found as (
    select {first} n.id as account_id, j.id as contact_id, coalesce(j.zone, nullif(n.time_zone, ''), 'UTC') as zone, coalesce(j.open, '{{}}') as open,
        n.place, n.lot,
        case when n.stage = 'churned' then 'gone' when j.id is null then 'nobody'
             when j.why in ('no_address', 'suppressed', 'no_consent') then j.why
             when n.kept <> '' then n.kept else j.why end as why
    from near n left join judged j on j.account_id = n.id
    where {"j.id is not null" if turn != "true" else "true"}
    {order}
)"""  # noqa: S608 (put together from our own words)
    return sql, values


def _their_week(look: Looked, values: dict[str, Any]) -> str:
    """Of a survey that is spread over thirteen weeks only those whose week it is are in the audience."""
    if look.campaign.kind != CampaignKind.SURVEY or look.all_named or not surveys.read(look.says.survey).drip:
        return "true"
    values |= {"drip_key": look.campaign.key, "week": drip.week(look.now)}
    return f"{drip.PLACE_SQL.format(contact='c.id')} = %(week)s"


def _of_segment(look: Looked, values: dict[str, Any]) -> str:
    if look.campaign.segment_id is None or look.as_of is None:
        return ""
    values |= {"segment": look.campaign.segment_id, "as_of": look.as_of}
    return """join campaigns_membership m on m.account_id = a.id and m.segment_id = %(segment)s
        and m.entered_at <= %(as_of)s and (m.left_at is null or m.left_at > %(as_of)s)"""


def _kept(look: Looked) -> str:
    """What keeps a whole account out."""
    if not look.says.promotion:
        return "''"
    return """case when exists (select 1 from messaging_hold h where h.account_id = a.id) then 'saving'
        when exists (select 1 from accounts_ticket t where t.account_id = a.id and t.priority = 'p1' and t.state <> 'solved') then 'ticket'
        else '' end"""


def _open(channels: Collection[str], about: Mapping[str, str], values: dict[str, Any]) -> str:
    """A row of three: the channels on which they may be written to, in order; whether there is an address at all; and one that is not barred."""
    confirmed = messaging.confirmed_topics()
    parts, has, free = [], [], []
    for place, channel in enumerate(channels):
        address = {Channel.EMAIL.value: "lower(c.email)"}.get(channel, r"translate(c.phone, ' -()./' || chr(160), '')" if channel in BY_PHONE else "")
        there = f"{address} <> ''" if address else "true"
        barred = (
            f"exists (select 1 from messaging_suppression s where s.channel = %(channel{place})s "  # noqa: S608
            f"and s.address in ({address}, {_FINGERPRINT.format(address=address)}))"
            if address
            else "false"
        )
        values[f"channel{place}"] = channel
        word = "true"
        if channel in about:
            values |= {f"topic{place}": about[channel], f"yes{place}": about[channel] not in confirmed}
            word = (
                f"coalesce((select k.allowed from messaging_consent k where k.contact_id = c.id and k.channel = %(channel{place})s "  # noqa: S608
                f"and k.topic = %(topic{place})s order by k.at desc, k.id desc limit 1), %(yes{place})s)"
            )
        parts.append(f"case when {there} and not {barred} and {word} then %(channel{place})s::text end")
        has.append(there)
        free.append(f"({there} and not {barred})")
    listed = ", ".join(parts) or "null"
    any_has, any_free = " or ".join(has) or "false", " or ".join(free) or "false"
    return f"select array_remove(array[{listed}]::text[], null) as open, ({any_has}) as has, ({any_free}) as free"


def _again(look: Looked, values: dict[str, Any]) -> str:
    """Whether a person had this campaign, or any survey, too short a time ago."""
    whens = []
    if look.says.again:
        values |= {"campaign": look.campaign.pk, "occurrence": look.occurrence_id, "again": look.now - timedelta(days=look.says.again)}
        whens.append(f"when {_HAD} then 'again'")
    if look.campaign.kind == CampaignKind.SURVEY:
        values["surveyed"] = look.now - timedelta(days=surveys.read(look.says.survey).throttle_days)
        whens.append(f"when {_SURVEYED} then 'surveyed'")
    return f"case {' '.join(whens)} end" if whens else "null::text"
