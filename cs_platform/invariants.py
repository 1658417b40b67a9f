"""What must always be true, as SQL that finds the rows where it is not. Run after every fault and whenever in doubt."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.accounts.services import rollups
from apps.metrics import services as metrics
from apps.milestones import selectors as milestones


@dataclass(frozen=True)
class Invariant:
    name: str
    words: str
    sql: str


INVARIANTS = (
    Invariant(
        "rollups_equal_events",
        "A daily rollup differs from the activity events of that day",
        rollups.DIFFERENCES,
    ),
    Invariant(
        "tallies_equal_accounts",
        "A kept figure is not the sum of what its accounts bring",
        metrics.DIFFERENCES,
    ),
    Invariant(
        "recount_found_nothing",
        "The newest count of everything found accounts that brought something else than was kept",
        "select id from metrics_recount where differing + tallies > 0 and at = (select max(at) from metrics_recount)",
    ),
    Invariant(
        "tally_forgotten",
        "What changed at an account has waited for ten minutes to be taken into the figures",
        "select account_id from metrics_accounttally where stale_since < %(now)s - interval '10 minutes'",
    ),
    Invariant(
        "message_counted_twice",
        "An activity event has no key that makes it count once, or shares it with another",
        """select min(e.id) from accounts_activityevent e
           left join accounts_messagekey k on k.key = accounts_message_key(e.source, e.message_id)
           group by e.source, e.message_id having count(*) > 1 or bool_or(k.key is null)""",
    ),
    Invariant(
        "ledger_equals_arr",
        "The movements of an account do not add up to its present ARR",
        """select coalesce(p.account_id, b.account_id) from
             (select id as account_id, currency, arr from accounts_account where stage <> 'churned' and arr > 0
              union all
              select s.account_id, s.currency, sum(s.arr) from accounts_subscription s join accounts_account a on a.id = s.account_id
              where a.stage <> 'churned' and s.state = 'active' and s.currency <> a.currency and s.arr > 0 group by 1, 2) p
           full join (select account_id, currency, sum(amount) as arr from accounts_arrmovement group by 1, 2 having sum(amount) <> 0) b
           using (account_id, currency) where p.arr is distinct from b.arr""",
    ),
    Invariant(
        "ledger_below_zero",
        "The ARR of an account falls below zero on some day",
        """select account_id from (select account_id, sum(sum(amount)) over (partition by account_id, currency order by effective_on) as arr
                                   from accounts_arrmovement group by account_id, currency, effective_on) days where arr < 0 group by 1""",
    ),
    Invariant(
        "sent_without_consent",
        "A message was claimed although the newest word of its recipient was no",
        """select m.id from messaging_message m
           cross join lateral (select allowed from messaging_consent c where c.contact_id = m.contact_id and c.channel = m.channel
                               and c.topic = m.topic and c.at <= m.claimed_at order by c.at desc, c.id desc limit 1) word
           where m.state in ('sent', 'delivered', 'replied') and m.lane <> 'transactional' and m.guest = '' and not word.allowed""",
    ),
    Invariant(
        "climb_without_a_next_step",
        "An alert climbs, and no step of its climb is due or waits",
        """select c.id from alerts_climb c where c.state in ('running', 'paused')
           and not exists (select 1 from alerts_climbstep s where s.climb_id = c.id and s.done_at is null)""",
    ),
    Invariant(
        "hold_forgotten",
        "Promotions are kept back for a run that is not running",
        """select h.id from messaging_hold h left join interventions_enrolment e on e.id = nullif(split_part(h.source, ':', 2), '')::bigint
           where h.source like 'enrolment:%%' and (e.id is null or e.state = 'ended')""",
    ),
    Invariant(
        "lease_forgotten",
        "A message is being sent by a worker whose lease ended ten minutes ago",
        "select id from messaging_message where state = 'sending' and lease_until < %(now)s - interval '10 minutes'",
    ),
    Invariant(
        "sent_without_attempt",
        "A message counts as sent by email and nobody tried",
        """select id from messaging_message m where channel = 'email' and state = 'sent'
           and not exists (select 1 from messaging_messageattempt a where a.message_id = m.id)""",
    ),
    Invariant(
        "held_out_contacted",
        "An account held out of a play got a message of that play",
        """select r.id from interventions_steprecord r join interventions_enrolment e on e.id = r.enrolment_id
           where e.arm = 'held_out' and r.message_id is not null""",
    ),
    Invariant(
        "held_out_stepped",
        "An account held out of a play was taken through a step, or asked for as a task",
        """select e.id from interventions_enrolment e where e.arm = 'held_out' and (
               exists (select 1 from interventions_steprecord r where r.enrolment_id = e.id and r.step <> '')
               or exists (select 1 from interventions_task t where t.enrolment_id = e.id and t.reason <> 'let_in'))""",
    ),
    Invariant(
        "steps_out_of_order",
        "A run's later step was recorded before an earlier one",
        """select a.enrolment_id from interventions_steprecord a join interventions_steprecord b on b.enrolment_id = a.enrolment_id
           where a.position < b.position and a.at > b.at""",
    ),
    Invariant(
        "step_ahead",
        "A run has a record of a step that it has yet to come to",
        """select e.id from interventions_enrolment e join interventions_steprecord r on r.enrolment_id = e.id
           where e.state = 'waiting' and (r.position > e.position or (r.position = e.position and e.waits_for = ''))""",
    ),
    Invariant(
        "runs_twice",
        "An account runs twice through a play that allows one run at a time",
        """select min(e.id) from interventions_enrolment e where e.state <> 'ended' and e.exclusive
           group by e.play_id, e.account_id having count(*) > 1""",
    ),
    Invariant(
        "ended_without_reason",
        "A run ended and nobody knows why or when, or has a reason and goes on",
        """select id from interventions_enrolment where (state = 'ended') <> (exit_reason <> '') or (state = 'ended') <> (ended_at is not null)""",
    ),
    Invariant(
        "runs_in_a_paused_play",
        "A play is paused and a run of it is not, or the other way round",
        """select e.id from interventions_enrolment e join interventions_play p on p.id = e.play_id
           where e.state <> 'ended' and e.paused <> (p.state = 'paused')""",
    ),
    Invariant(
        "goal_after_window",
        "A goal counts that was reached before the run began or after its window closed",
        "select id from interventions_enrolment where goal_met_at < entered_at or goal_met_at > window_ends_at",
    ),
    Invariant(
        "event_waiting",
        "An event waits for a handler for more than ten minutes",
        "select id from events_delivery where state = 'pending' and due_at < %(now)s - interval '10 minutes'",
    ),
    Invariant(
        "step_overdue",
        "A play's step is overdue by more than ten minutes",
        "select id from interventions_enrolment where state = 'waiting' and not paused and due_at < %(now)s - interval '10 minutes'",
    ),
    Invariant(
        "risk_differs_from_prediction",
        "The present risk of an account is not the prediction it names",
        """select r.id from churn_accountrisk r join churn_prediction p on p.id = r.prediction_id
           where p.account_id <> r.account_id or r.band <> p.band""",
    ),
    Invariant(
        "history_altered",
        "A change in the history does not fit its digest",
        "select id from events_change c where erased_at is null and digest <> events_change_digest(c)",
    ),
    Invariant(
        "reached_before_open",
        "A milestone counts as reached by its criteria before it opened, or by nobody's standing word",
        """select p.id from milestones_progress p where p.state = 'achieved' and (
               (p.via = 'rule' and (p.opened_at is null or p.achieved_at < p.opened_at))
               or (p.via <> 'rule' and not exists (select 1 from milestones_claim c where c.account_id = p.account_id
                   and c.milestone_id = p.milestone_id and not c.denies and c.withdrawn_at is null and c.at = p.achieved_at)))""",
    ),
    Invariant(
        "balance_differs_from_ledger",
        "A balance of rewards is not the sum of its movements",
        milestones.BALANCE_DIFFERENCES,
    ),
    Invariant(
        "sides_do_not_sum_to_nought",
        "What stands in all books of rewards together, of accounts that are still there, does not sum to nought",
        """select min(b.id) from milestones_rewardbalance b where not exists (select 1 from milestones_rewardmovement m
           where m.account_id is null and (m.source not in ('company', 'budget') or m.target not in ('company', 'budget')))
           group by b.unit, b.currency having sum(b.amount) <> 0""",
    ),
    Invariant(
        "reward_paid_twice",
        "The same cause was paid more than once and not taken back, or a claim was paid another amount than it says",
        """select c.id from milestones_rewardclaim c left join milestones_rewardmovement m on m.claim_id = c.id and m.kind in ('grant', 'approve')
           where c.state = 'granted' group by c.id having count(m.id) <> 1 or sum(m.amount) <> c.amount""",
    ),
    Invariant(
        "budget_passed",
        "More was granted from a month's budget than was planned",
        """select b.id from milestones_rewardbudget b join milestones_rewardmovement m on m.budget_id = b.id
           group by b.id having sum(case when m.source = 'budget' and m.target <> 'company' then m.amount
                                         when m.target = 'budget' and m.source <> 'company' then -m.amount else 0 end) > b.amount""",
    ),
    Invariant(
        "set_aside_without_redemption",
        "What is set aside for a redemption is not what it costs, or was not given back or handed over at its end",
        """select r.id from milestones_redemption r left join milestones_rewardmovement m on m.redemption_id = r.id
           group by r.id having coalesce(sum(case when m.target = 'reserved' then m.amount when m.source = 'reserved' then -m.amount end), 0)
               <> case when r.state in ('asked', 'approved') then r.cost else 0 end""",
    ),
    Invariant(
        "shown_without_consent",
        "A person stands on a board that reaches further than they chose",
        """select p.id from milestones_boardplace p join milestones_board b on b.id = p.board_id
           left join milestones_recognitionchoice c on c.contact_id = p.contact_id
           where array_position(array['none', 'team', 'company', 'public']::varchar[], coalesce(c.level, 'none'))
               < array_position(array['none', 'team', 'company', 'public']::varchar[], b.circle)""",
    ),
    Invariant(
        "asked_against_a_no",
        "Somebody was asked by a message that left after they had said no to being asked",
        """select m.id from messaging_message m cross join lateral (
               select s.allowed from community_sharingchoice s
               where s.contact_id = m.contact_id and s.surface = m.topic and s.at < m.sent_at order by s.id desc limit 1) said
           where m.topic in ('referral', 'advocacy') and m.sent_at is not null and not said.allowed""",
    ),
    Invariant(
        "in_a_challenge_without_a_yes",
        "A person takes part in a challenge who did not choose to, or took it back",
        """select e.id from community_challengeentry e where not coalesce((
               select s.allowed from community_sharingchoice s
               where s.contact_id = e.contact_id and s.surface = 'boards' order by s.id desc limit 1), false)""",
    ),
    Invariant(
        "number_gives_a_few_away",
        "Two numbers that were shown differ by fewer than ten accounts",
        """with shown as (select distinct on (statement_id, number, behind) id, statement_id, number, behind from community_published
               where verdict = 'published' order by statement_id, number, behind, id)
           select a.id from shown a join shown b on a.id <> b.id and (a.statement_id <> b.statement_id or a.number <> b.number)
           where (select count(*) from (select unnest(a.behind) except select unnest(b.behind)) few) between 1 and 9""",
    ),
    Invariant(
        "goal_unread",
        "The goal of a coaching session should have been read a day ago and was not",
        "select id from coaching_goalreading where read_at is null and due_at < %(now)s - interval '1 day'",
    ),
    Invariant(
        "goal_without_readings",
        "A session took place with an agreed action, and nothing says when its goal is read",
        """select g.id from coaching_goal g join coaching_session s on s.id = g.session_id
           where s.state in ('held', 'follow_up', 'done') and not exists (select 1 from coaching_goalreading r where r.goal_id = g.id)""",
    ),
    Invariant(
        "segment_size",
        "A segment counts another number of members than there are",
        """select s.id from campaigns_segment s
           where s.size <> (select count(*) from campaigns_membership m where m.segment_id = s.id and m.left_at is null)""",
    ),
    Invariant(
        "segment_stays_overlap",
        "An account is in a segment twice at a time",
        """select a.id from campaigns_membership a join campaigns_membership b
               on b.segment_id = a.segment_id and b.account_id = a.account_id and b.id <> a.id
           where b.entered_at >= a.entered_at and (a.left_at is null or b.entered_at < a.left_at)""",
    ),
    Invariant(
        "segment_rebuilt_otherwise",
        "The last look at everybody found accounts that were in a segment and should not be, or the other way round",
        """select distinct on (r.segment_id) r.id from campaigns_segmentrebuild r
           where r.missing + r.surplus > 0 and r.at = (select max(o.at) from campaigns_segmentrebuild o where o.segment_id = r.segment_id)""",
    ),
    Invariant(
        "segment_mark_waiting",
        "A change waits for ten minutes to be taken into segments",
        "select account_id from campaigns_segmentmark where stale_since < %(now)s - interval '10 minutes'",
    ),
    Invariant(
        "segment_wake_waiting",
        "An account should have been looked at ten minutes ago because time alone could move it",
        "select id from campaigns_segmentwake where due_at < %(now)s - interval '10 minutes'",
    ),
    Invariant(
        "surveyed_twice",
        "A person was asked in a survey while the quiet time of another went on",
        """select later.id from campaigns_invitation earlier join campaigns_invitation later on later.contact_id = earlier.contact_id
           where earlier.state <> 'withdrawn' and later.state <> 'withdrawn' and later.id <> earlier.id
           and later.asked_at >= earlier.asked_at and later.asked_at < earlier.quiet_until""",
    ),
    Invariant(
        "loop_unannounced",
        "A bad answer to a survey waited too long for one of ours, and nobody was told",
        """select i.id from campaigns_invitation i join accounts_surveyresponse r on r.id = i.response_id
           where i.loop_due_at < %(now)s - interval '1 hour' and i.loop_overdue_at is null and r.loop_closed_at is null""",
    ),
    Invariant(
        "left_but_running",
        "A play runs for a customer who left",
        """select e.id from interventions_enrolment e join accounts_account a on a.id = e.account_id
           where e.state = 'waiting' and a.stage = 'churned' and a.churned_on < (%(now)s - interval '1 day')::date
           and a.churned_on >= e.entered_at::date""",
    ),
)


def broken(now: datetime) -> list[dict[str, object]]:
    """Name, words, how many rows, and the first ids of every broken invariant; empty when all is well."""
    found = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql, {"now": now})
            rows = [row[0] for row in cursor.fetchall()]
            if rows:
                found.append({"name": invariant.name, "words": invariant.words, "rows": len(rows), "first": rows[:5]})
    return found
