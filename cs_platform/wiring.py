"""Who reacts to what: the whole conversation between the apps on one screen. Handlers are listed in the order a reader should think of them."""

from collections.abc import Mapping

from apps.alerts import handlers as alerts
from apps.alerts.escalation import handlers as escalation
from apps.campaigns import handlers as campaigns
from apps.campaigns import selectors as campaigns_said
from apps.churn import handlers as churn
from apps.churn import selectors as churn_said
from apps.community import handlers as community
from apps.dashboards import handlers as dashboards
from apps.events import vocabulary as said
from apps.events.switchboard import Handler
from apps.health import handlers as health
from apps.integrations import handlers as integrations
from apps.integrations.services import offers
from apps.interventions import handlers as interventions
from apps.metrics import handlers as metrics
from apps.milestones import handlers as milestones

WIRING: Mapping[type[said.DomainEvent], tuple[Handler, ...]] = {
    said.ActivityReceived: (
        *(churn.mark_stale, health.mark_stale, milestones.mark_stale, milestones.reward_acts, interventions.look_again),
        *(campaigns.mark_segments, community.look_at_referrals, metrics.count),
        dashboards.hint,
    ),
    said.ImportFinished: (
        *(milestones.mark_all_stale, health.mark_all_stale, churn.mark_imported_stale, interventions.stop_for_leavers),
        *(interventions.look_at_all, alerts.settle_leavers, campaigns.mark_all_segments, metrics.mark_imported_stale),
        dashboards.hint,
    ),
    said.StoryChanged: (
        *(health.mark_stale, churn.mark_changed_stale, interventions.look_again, interventions.close_promised, campaigns.mark_segments),
        *(community.look_at_changed, alerts.mark_changed, metrics.mark_stale),
        dashboards.hint,
    ),
    said.MeaningGiven: (health.mark_all_stale, churn.mark_users_stale, campaigns.mark_all_segments),
    said.HealthChanged: (interventions.look_again, campaigns.mark_segments, alerts.mark_changed, metrics.mark_stale, dashboards.hint),
    said.HealthBandChanged: (interventions.start_plays, campaigns.start_campaigns, campaigns.mark_segments, community.look_again, dashboards.hint),
    said.RiskRaised: (
        # First what people wait for on their pages.
        *(alerts.raise_risk, milestones.note_risk, interventions.start_plays, campaigns.start_campaigns, campaigns.mark_segments),
        *(community.look_again, integrations.offer, metrics.count),
        dashboards.hint,
    ),
    said.RiskLowered: (
        *(milestones.note_risk, interventions.start_plays, campaigns.start_campaigns, alerts.settle_risk, campaigns.mark_segments),
        *(community.look_again, integrations.offer),
        dashboards.hint,
    ),
    said.ModelPutToWork: (alerts.settle_model, dashboards.hint),
    said.ModelBroken: (alerts.raise_broken_model, dashboards.hint),
    said.ModelJudged: (alerts.judge_model, dashboards.hint),
    said.TrainingEnded: (alerts.note_training, dashboards.hint),
    said.MilestoneChanged: (dashboards.hint,),
    said.MilestoneOffered: (milestones.tell_customers, dashboards.hint),
    said.MilestoneAchieved: (
        *(milestones.reward, milestones.offer_next, alerts.settle_milestone, health.mark_stale, interventions.start_plays),
        *(campaigns.start_campaigns, campaigns.mark_segments, community.look_again, community.look_at_referrals, integrations.offer),
        *(milestones.tell_customers, metrics.count, metrics.mark_stale),
        dashboards.hint,
    ),
    said.MilestoneTakenBack: (
        *(milestones.take_back_rewards, health.mark_stale, interventions.start_plays, campaigns.mark_segments, integrations.offer),
        *(milestones.tell_customers, metrics.mark_stale),
        dashboards.hint,
    ),
    said.MilestonePaceChanged: (
        *(alerts.note_pace, health.mark_stale, interventions.start_plays, campaigns.mark_segments, integrations.offer),
        dashboards.hint,
    ),
    said.RewardGranted: (integrations.offer, milestones.tell_customers, dashboards.hint),
    said.RewardReversed: (integrations.offer, milestones.tell_customers, dashboards.hint),
    said.RewardHeld: (dashboards.hint,),
    said.TierReached: (
        *(interventions.start_plays, campaigns.start_campaigns, campaigns.mark_segments, integrations.offer, milestones.tell_customers),
        dashboards.hint,
    ),
    said.BadgeEarned: (campaigns.start_campaigns, milestones.tell_customers, dashboards.hint),
    said.RewardRedeemed: (integrations.offer, milestones.tell_customers, dashboards.hint),
    said.RecognitionChanged: (dashboards.hint,),
    said.PlayChanged: (dashboards.hint,),
    said.PlayEntered: (churn.note_care, interventions.start_plays, campaigns.mark_segments, community.look_again, metrics.count, dashboards.hint),
    said.PlayEnded: (churn.note_end_of_care, interventions.start_plays, campaigns.mark_segments, community.look_again, dashboards.hint),
    said.PlayCalled: (interventions.start_plays, integrations.offer, dashboards.hint),
    said.PlayStuck: (alerts.note_stuck_play, dashboards.hint),
    said.TaskOpened: (interventions.start_plays, metrics.count, metrics.mark_stale, dashboards.hint),
    said.TaskClosed: (
        interventions.note_task_closed,
        interventions.start_plays,
        campaigns.note_answered,
        metrics.count,
        metrics.mark_stale,
        dashboards.hint,
    ),
    said.TaskSnoozed: (interventions.start_plays, dashboards.hint),
    said.TaskAcknowledged: (interventions.start_plays, dashboards.hint),
    said.TaskAssigned: (interventions.start_plays, dashboards.hint),
    said.TaskEscalated: (interventions.start_plays, integrations.offer, dashboards.hint),
    said.TipsRecommended: (dashboards.hint,),
    said.TipAnswered: (integrations.offer, dashboards.hint),
    said.CoachingChanged: (dashboards.hint,),
    said.CoachingHeld: (interventions.start_plays, campaigns.start_campaigns, integrations.offer, metrics.count, dashboards.hint),
    said.CoachingOutcome: (interventions.start_plays, campaigns.start_campaigns, campaigns.mark_segments, integrations.offer, dashboards.hint),
    said.MessageSent: (churn.note_message, interventions.start_plays, alerts.settle_message, metrics.count, dashboards.hint),
    said.MessageNotSent: (
        *(interventions.start_plays, interventions.note_not_sent, campaigns.note_campaign_not_sent, alerts.raise_unknown_message),
        *(community.note_not_sent, metrics.count),
        dashboards.hint,
    ),
    said.MessageReplied: (
        *(health.mark_stale, churn.mark_answered_stale, interventions.note_reply, campaigns.note_campaign_reply, interventions.start_plays),
        *(community.look_again, alerts.mark_changed, metrics.count),
        dashboards.hint,
    ),
    said.ConsentChanged: (interventions.start_plays, campaigns.mark_segments, integrations.offer),
    said.ContactsMerged: (interventions.start_plays, campaigns.mark_segments, community.carry_choices_over),
    said.SegmentChanged: (dashboards.hint,),
    said.SegmentEntered: (interventions.start_plays, campaigns.welcome, campaigns.start_campaigns, integrations.offer),
    said.SegmentLeft: (interventions.start_plays, campaigns.start_campaigns, integrations.offer),
    said.CampaignChanged: (integrations.offer, dashboards.hint),
    said.CampaignFrozen: (integrations.offer, dashboards.hint),
    said.SurveyAnswered: (
        *(interventions.start_plays, campaigns.start_campaigns, campaigns.mark_segments, community.look_again, alerts.mark_changed),
        *(integrations.offer, metrics.mark_stale),
        dashboards.hint,
    ),
    said.LoopOverdue: (interventions.start_plays, integrations.offer, dashboards.hint),
    said.SharingChosen: (community.take_back_invites, integrations.offer, dashboards.hint),
    said.MomentFound: (interventions.start_plays, integrations.offer, dashboards.hint),
    said.AskChanged: (integrations.offer, dashboards.hint),
    said.ReferralChanged: (community.note_referral, integrations.offer, dashboards.hint),
    said.ReferralRewarded: (integrations.offer, dashboards.hint),
    said.ChallengeChanged: (integrations.offer, dashboards.hint),
    said.ChallengeJoined: (integrations.offer, dashboards.hint),
    said.MetricsMoved: (dashboards.hint,),
    # The alert stands already: open pages need not wait for whom else it concerns.
    said.AlertOpened: (dashboards.hint, metrics.count, metrics.look_at_alerts, escalation.begin_climb, escalation.respond, escalation.tell_listeners),
    said.AlertChanged: (escalation.follow_alert, metrics.look_at_alerts, dashboards.hint),
    said.AlertTold: (dashboards.hint,),
    said.AlertAnswered: (dashboards.hint,),
    said.AlertCalled: (integrations.offer,),
    said.AlertCommented: (dashboards.hint,),
    said.AlertJudged: (alerts.tune, dashboards.hint),
    said.AlertRuleChanged: (dashboards.hint,),
    said.AlertRuleTold: (dashboards.hint,),
    said.ProviderChanged: (alerts.note_provider,),
    said.WebhookChanged: (alerts.note_webhook,),
    said.AccountsChanged: (
        *(milestones.mark_stale, health.mark_stale, churn.mark_changed_stale, interventions.look_again, campaigns.mark_segments),
        *(community.look_at_changed, community.take_referrals, alerts.mark_changed, metrics.mark_stale),
        dashboards.hint,
    ),
    said.AccountChurned: (
        *(health.mark_stale, interventions.stop_for_leavers, interventions.start_plays, alerts.settle_leavers, campaigns.mark_segments),
        *(community.look_again, community.void_referrals, metrics.count, metrics.mark_stale),
        dashboards.hint,
    ),
    said.RiskScored: (campaigns.mark_segments, alerts.mark_changed, metrics.mark_stale),
    said.ProgressMoved: (campaigns.mark_segments, metrics.mark_stale),
    said.PersonErased: (campaigns.mark_segments,),
    said.AccountErased: (campaigns.mark_segments, metrics.mark_stale),
    said.NamingAnswered: (dashboards.hint, integrations.offer),
    said.RightsChanged: (dashboards.look_at_sockets,),
}

# Announced for the record; nobody reacts.
HISTORY_ONLY: frozenset[type[said.DomainEvent]] = frozenset(
    {said.HealthModelPublished, said.ApiKeyChanged}
    | {said.ExperimentStarted, said.ExperimentStopped, said.ExperimentDecided, said.AssignmentOverridden, said.HoldoutDrawn, said.HoldoutEnded}
)

# What webhooks are told, where it is more than the event's plain facts. Webhooks may want any event that has `integrations.offer` in its line.
TELLERS: Mapping[type[said.DomainEvent], offers.Teller] = {
    said.RiskRaised: churn_said.risk_told,
    said.RiskLowered: churn_said.risk_told,
    said.SegmentEntered: campaigns_said.membership_told,
    said.SegmentLeft: campaigns_said.membership_told,
}
