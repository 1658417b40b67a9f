"""What became of the people of an audience: planned, sent, delivered, opened, clicked, answered."""

# ruff: noqa: S608 (the statements are put together from constants of this module)

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from apps.accounts.models import User
from apps.messaging.selectors import telling_providers

from ..models import Campaign
from .figures import Reached
from .units import book_of

# The message of a recipient, or those of the run that a sequence began for them; a digest speaks for those it took in.
_OF_RECIPIENTS = """
    select r.id as recipient_id, coalesce(digest.id, m.id) as message_id
    from campaigns_recipient r join campaigns_occurrence o on o.id = r.occurrence_id join messaging_message m on m.id = r.message_id
    left join messaging_message digest on m.state = 'merged' and digest.idem_key = 'digest:' || m.digest_id
    where o.campaign_id = %(campaign)s
    union
    select r.id, s.message_id
    from campaigns_recipient r join campaigns_occurrence o on o.id = r.occurrence_id
    join interventions_steprecord s on s.enrolment_id = r.enrolment_id and s.message_id is not null
    where o.campaign_id = %(campaign)s
"""
# Known to have arrived; or gone by a carrier that never tells, and not come back.
DELIVERED = "(m.state in ('delivered', 'replied') or (m.state = 'sent' and not (m.provider = any(%(telling)s))))"
_PEOPLE = f"""
with mine as ({_OF_RECIPIENTS}), told as (
    select mine.recipient_id, bool_or(m.sent_at is not null) as sent, bool_or({DELIVERED}) as delivered, bool_or(m.read_at is not null) as opened,
           bool_or(m.channel in ('in_app', 'whatsapp', 'push')) as tells_reading, bool_or(m.replied_at is not null) as replied
    from mine join messaging_message m on m.id = mine.message_id where m.sent_at <= %(now)s group by mine.recipient_id
), outside as (
    select t.contact_id, bool_or(t.kind = 'clicked') as clicked, bool_or(t.kind = 'opened') as opened
    from campaigns_outsidetouch t where t.campaign_id = %(campaign)s and t.contact_id is not null and t.at <= %(now)s group by t.contact_id
)
select r.occurrence_id, r.variant, grouping(r.occurrence_id, r.variant),
       count(*) filter (where r.state not in ('excluded', 'held_out')), count(*) filter (where r.state = 'excluded'),
       count(*) filter (where r.state = 'held_out'), count(*) filter (where r.state = 'handed'), count(*) filter (where t.sent),
       count(*) filter (where t.delivered), count(*) filter (where t.opened), count(*) filter (where t.tells_reading),
       count(*) filter (where t.delivered and x.opened), count(*) filter (where t.delivered and x.clicked), count(*) filter (where t.replied),
       count(distinct r.account_id) filter (where t.delivered)
from campaigns_recipient r join campaigns_occurrence o on o.id = r.occurrence_id
left join told t on t.recipient_id = r.id left join outside x on x.contact_id = r.contact_id
where o.campaign_id = %(campaign)s and o.frozen_at <= %(now)s and (%(book)s::bigint[] is null or r.account_id = any(%(book)s))
group by grouping sets ((), (r.occurrence_id), (r.variant))
"""
_TOLD_OUTSIDE = "select coalesce(bool_or(kind = 'clicked'), false), coalesce(bool_or(kind = 'opened'), false) from campaigns_outsidetouch"
_WHOLE, _BY_OCCURRENCE = 3, 1


@dataclass(frozen=True)
class ByWhom:
    """The counts of the whole campaign, of each occurrence by its id, of each variant by its name."""

    whole: Reached = field(default_factory=Reached)
    occurrences: dict[int, Reached] = field(default_factory=dict)
    variants: dict[str, Reached] = field(default_factory=dict)


def reached(campaign: Campaign, *, now: datetime, user: User | None = None) -> ByWhom:
    asked: dict[str, Any] = {"campaign": campaign.pk, "telling": telling_providers(), "now": now, "book": book_of(user)}
    whole, occurrences, variants = Reached(), {}, {}
    with connection.cursor() as cursor:
        cursor.execute(_TOLD_OUTSIDE)
        clicks_told, opens_told = cursor.fetchone()
        cursor.execute(_PEOPLE, asked)
        for occurrence, variant, grouped, *counts in cursor.fetchall():
            one = _told(counts, clicks_told, opens_told)
            if grouped == _WHOLE:
                whole = one
            elif grouped == _BY_OCCURRENCE:
                occurrences[occurrence] = one
            else:
                variants[variant] = one
    return ByWhom(whole, occurrences, variants)


def _told(counts: list[int], clicks_told: bool, opens_told: bool) -> Reached:
    planned, left, held, handed, sent, delivered, opened, tells, other_opens, clicked, replied, accounts = counts
    return Reached(
        planned=planned,
        left_out=left,
        held_out=held,
        handed=handed,
        sent=sent,
        delivered=delivered,
        opened=opened if tells else None,
        machine_opens=other_opens if opens_told else None,
        clicked=clicked if clicks_told else None,
        replied=replied,
        accounts_delivered=accounts,
    )
