"""Touches and outcomes as SQL: what reached a customer, and what of worth happened to them. Common table expressions that others join."""

from ..types import AttributedOutcome
from .reached import DELIVERED

# ruff: noqa: S608 (the statements are put together from constants of this package)

# What certainly reached somebody: delivered messages of campaigns (also those of the run that a sequence began) and of plays; of outside tools what
# they say was delivered, and clicks. Openings are no touch: programs open more mails than people do. A click on a link of one of our campaigns is its
# touch.
TOUCHES = f"""
    select 'campaign:' || o.campaign_id as source, r.account_id, coalesce(m.delivered_at, m.sent_at) as at
    from campaigns_recipient r join campaigns_occurrence o on o.id = r.occurrence_id join messaging_message m on m.id = r.message_id
    where {DELIVERED} and m.sent_at > %(touched_since)s and m.sent_at <= %(now)s
    union all
    select coalesce('campaign:' || o.campaign_id, 'play:' || e.play_id), e.account_id, coalesce(m.delivered_at, m.sent_at)
    from messaging_message m join interventions_steprecord s on s.message_id = m.id join interventions_enrolment e on e.id = s.enrolment_id
    left join campaigns_recipient r on r.enrolment_id = e.id left join campaigns_occurrence o on o.id = r.occurrence_id
    where {DELIVERED} and m.sent_at > %(touched_since)s and m.sent_at <= %(now)s
    union all
    select coalesce('campaign:' || t.campaign_id, 'outside:' || t.source || ': ' || coalesce(nullif(t.campaign_name, ''), nullif(t.utm_campaign, ''),
           nullif(t.utm_source, ''), t.channel)), t.account_id, t.at
    from campaigns_outsidetouch t where t.kind in ('delivered', 'clicked') and t.at > %(touched_since)s and t.at <= %(now)s
"""
_MOVED = """
    select 'movement:' || v.id as id, v.account_id, (v.effective_on + 1)::timestamptz as at, (v.amount * coalesce(r.rate, 0))::float as arr
    from accounts_arrmovement v left join unnest(%(currencies)s::text[], %(rates)s::numeric[]) as r(currency, rate) on r.currency = v.currency
    where v.kind {kinds} and v.reverses_id is null and v.recorded_at <= %(now)s
      and v.effective_on >= %(since)s::date and v.effective_on <= %(now)s::date
      and not exists (select from accounts_arrmovement taken where taken.reverses_id = v.id)
"""
# What happens on a day counts at its end, so that touches of that day came before.
OUTCOMES: dict[str, str] = {
    AttributedOutcome.MILESTONE: """
    select 'milestone:' || p.id as id, p.account_id, p.achieved_at as at, 0.0::float as arr
    from milestones_progress p where p.state = 'achieved' and p.achieved_at >= %(since)s and p.achieved_at <= %(now)s
""",
    AttributedOutcome.RENEWAL: """
    select 'renewal:' || n.id as id, n.account_id, (n.decided_on + 1)::timestamptz as at, (n.outcome_arr * coalesce(r.rate, 0))::float as arr
    from accounts_renewal n left join unnest(%(currencies)s::text[], %(rates)s::numeric[]) as r(currency, rate) on r.currency = n.currency
    where n.state in ('renewed', 'expanded', 'contracted') and n.decided_on >= %(since)s::date and n.decided_on <= %(now)s::date
""",
    AttributedOutcome.EXPANSION: _MOVED.format(kinds="= 'expansion'"),
    AttributedOutcome.CONVERSION: _MOVED.format(kinds="in ('new', 'reactivation')"),
}
OUTCOME_WORDS = {
    AttributedOutcome.MILESTONE: "milestones reached",
    AttributedOutcome.RENEWAL: "renewals, with the yearly revenue they bring from then on",
    AttributedOutcome.EXPANSION: "expansions, with the yearly revenue they add",
    AttributedOutcome.CONVERSION: "customers who began or began again to pay, with their yearly revenue",
}
