"""Every column that can hold words says what becomes of it when its person is erased."""

import pytest
from django.apps import apps
from django.db import models

from apps.accounts.models import Account, Contact
from cs_platform.privacy.paths import our_models, paths_to, text_columns
from cs_platform.privacy.policies import POLICIES


def undeclared(model: type[models.Model]) -> set[str]:
    policy = POLICIES.get(model._meta.label)
    return {field.name for field in text_columns(model)} - set(policy.columns if policy else ())


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_text_and_json_column_has_a_policy_in_cs_platform_privacy_policies(model):
    assert undeclared(model) == set(), f"declare them for {model._meta.label}: forget, mask, clean, ours, own or keep"


def test_policies_name_only_what_exists():
    known = {model._meta.label: {field.name for field in text_columns(model)} for model in apps.get_models()}
    wrong = {label: set(policy.columns) - known.get(label, set()) for label, policy in POLICIES.items()}
    assert {label: names for label, names in wrong.items() if names} == {}


def test_a_column_has_one_policy():
    twice = {label for label, policy in POLICIES.items() if len(policy.columns) != len(set(policy.columns))}
    assert twice == set()


# Why nothing of a customer's person is in the columns that erasing leaves alone; those with choices need no word.
KEPT = {
    "who of the staff, which key or job did it, by number or by a name that staff gave": {
        *("events.Event.actor", "events.Change.actor", "accounts.ImportRun.actor", "accounts.ArrMovement.actor", "accounts.ExchangeRate.actor"),
        *("accounts.Renewal.decided_by", "health.HealthModel.created_by", "health.HealthModel.published_by", "interventions.Task.closed_by"),
        *(
            "interventions.PlayVersion.created_by",
            "coaching.TipVersion.created_by",
            "coaching.Recommendation.answered_by",
            "coaching.TipAnswerRow.by",
        ),
        *("alerts.EscalationPolicy.changed_by", "alerts.Climb.ended_by", "alerts.DutyOverride.written_by", "alerts.OutsideChannel.created_by"),
        "alerts.Response.changed_by",
        *("interventions.Task.acknowledged_by", "interventions.Ladder.created_by", "interventions.Escalation.ended_by"),
        "interventions.Rehearsal.asked_by",
        *("alerts.AlertMoment.actor", "alerts.RuleTold.actor", "alerts.RuleTrial.asked_by"),
        *("alerts.Alert.acknowledged_by", "alerts.Alert.resolved_by", "integrations.ApiCall.caller", "churn.TrainingRun.asked_by"),
        *("integrations.Webhook.created_by", "messaging.ContactPolicy.actor", "messaging.Message.approved_by", "messaging.Consent.actor"),
        "messaging.Suppression.actor",
        *("messaging.Decision.actor", "messaging.Template.created_by"),
        *("experiments.Experiment.created_by", "experiments.Experiment.started_by", "experiments.Experiment.stopped_by"),
        *("experiments.Look.actor", "experiments.Override.actor", "experiments.Holdout.actor"),
        *("milestones.MilestoneVersion.created_by", "milestones.Claim.actor", "milestones.PathChoice.actor"),
        *("milestones.RewardClaim.decided_by", "milestones.RewardMovement.actor", "milestones.StreakPause.actor"),
        *("milestones.Redemption.decided_by", "milestones.RecognitionChoice.actor"),
        "campaigns.WeightsVersion.created_by",
        *(
            "campaigns.SegmentVersion.created_by",
            "campaigns.ListedAccount.actor",
            "campaigns.CampaignVersion.created_by",
            "community.SharingChoice.actor",
        ),
        *("community.ReferralProgramVersion.created_by", "community.Advocate.actor", "community.ReferralDecision.actor"),
        *("community.NamedConsent.asked_by", "community.Ask.asked_by"),
    },
    "the name that staff gave to a source, or of our own model": {
        *("accounts.Field.truth", "accounts.Field.first_source", "accounts.Identity.source", "accounts.ArrMovement.source", "accounts.Ticket.source"),
        *("accounts.SurveyResponse.source", "accounts.ExchangeRate.source", "accounts.RenewalCall.source", "churn.AccountRisk.source"),
        *("events.Change.source", "integrations.Source.name", "integrations.ApiKey.name", "milestones.Progress.source", "milestones.Claim.source"),
        "campaigns.OutsideTouch.source",
    },
    "the name of a provider": {
        *("messaging.Message.provider", "messaging.MessageAttempt.provider", "messaging.ProviderEvent.provider", "messaging.ProviderHealth.provider"),
        "messaging.Decision.provider",
    },
    "a code, a key or a sentence that we make of numbers": {
        *(
            "events.Event.type",
            "events.Event.subject",
            "events.Delivery.handler",
            *("events.JobRun.name", "events.JobRun.recent"),
            *("events.Heartbeat.name", "events.Heartbeat.host", "events.Heartbeat.queues", "events.Heartbeat.says"),
            "events.Change.subject",
            "events.Change.batch",
        ),
        *("churn.Check.figures", "churn.Check.verdict", "churn.ModelVersion.made", "churn.TrainingRun.why", "churn.TrainingRun.step"),
        "community.Published.behind",
        *("community.Advocate.code", "community.ReferralReward.unit", "community.ReferralReward.currency"),
        *("milestones.RewardClaim.cause", "milestones.RewardClaim.factors", "milestones.RewardMovement.idem_key", "milestones.Board.salt"),
        "campaigns.SegmentRebuild.examples",
        *("accounts.ImportRun.kind", "accounts.ImportMapping.kind", "accounts.ArrMovement.idem_key", "interventions.Task.dedup_key"),
        *("interventions.Task.reason", "interventions.TaskSource.key"),
        *("interventions.Rehearsal.error", "coaching.Slate.key", "coaching.Slate.passed_over", "coaching.Recommendation.ended_because"),
        *("coaching.ProfileFit.stability", "coaching.ProfileFit.scales", "coaching.ProfileFit.centres"),
        *("alerts.Notice.key", "alerts.ResponseRun.made"),
        *("alerts.AlertRule.key", "alerts.RuleTrial.error", "alerts.Watched.pattern", "alerts.Watched.facts", "alerts.Watched.early"),
        *("alerts.Alert.dedup_key", "alerts.Alert.kind", "health.Feed.name", "dashboards.SavedView.sort", "admin.LogEntry.object_id"),
        *("dashboards.PathDraft.key", "dashboards.Dashboard.key"),
        *("integrations.ApiKey.scopes", "integrations.ApiKey.prefix", "integrations.ApiKey.old_prefix", "integrations.Source.key_start"),
        *(
            "integrations.Webhook.events",
            "integrations.Webhook.bands",
            "integrations.WebhookDelivery.type",
            "integrations.WebhookDelivery.message_id",
        ),
    },
    "what staff plan for everybody, and figures of it": {
        *("experiments.Experiment.key", "experiments.Experiment.name", "experiments.Experiment.hypothesis", "experiments.Experiment.variants"),
        *("experiments.Experiment.metric", "experiments.Experiment.metric_words", "experiments.Assignment.variant", "experiments.OutcomeRow.metric"),
        *("experiments.Look.strongest", "experiments.Look.figures", "experiments.Override.variant", "experiments.Holdout.key"),
        *("experiments.Holdout.salt", "experiments.PolicyDecision.policy", "experiments.PolicyDecision.version", "experiments.PolicyDecision.action"),
        *("experiments.PolicyDecision.chosen", "experiments.ArmCount.policy", "experiments.ArmCount.action", "experiments.ArmCount.arm"),
        "experiments.SegmentRhythm.hours",
        *("milestones.PathChoice.arm", "milestones.PathChoice.candidates", "milestones.OrderReading.refused", "milestones.DifficultyChoice.beliefs"),
    },
    "a fingerprint": {
        "experiments.PolicyDecision.context_hash",
        *("events.Change.salt", "events.Change.digest", "events.Seal.digest", "accounts.ImportRun.sha256", "accounts.ImportMapping.signature"),
        "messaging.Message.guest",
        *("community.Invite.addressee", "community.Invite.domain", "community.ReferralClick.network", "community.Referral.network"),
        *("community.Referral.friend", "community.Referral.payer", "community.Referral.coupon"),
        *("accounts.User.password", "messaging.Suppression.address", "integrations.Source.key_hash", "integrations.ApiKey.secret_hash"),
        *("integrations.ApiKey.old_hash", "integrations.ApiCall.fingerprint", "churn.ModelVersion.checksum"),
        *("integrations.Webhook.salt", "integrations.Webhook.old_salt", "integrations.Webhook.secret_hash", "integrations.Webhook.old_hash"),
    },
    "three letters": {
        *("accounts.Account.currency", "accounts.Subscription.currency", "accounts.Invoice.currency", "accounts.ArrMovement.currency"),
        *("accounts.Renewal.currency", "accounts.ExchangeRate.currency", "accounts.ExchangeRate.into"),
        *("messaging.Message.currency", "messaging.ContactPolicy.currency", "milestones.RewardRule.currency", "milestones.RewardBudget.currency"),
        *("milestones.RewardMovement.currency", "milestones.RewardBalance.currency", "milestones.CatalogueItem.currency"),
        *("milestones.Redemption.currency", "campaigns.OutsideTouch.currency"),
    },
    "the staff themselves": {
        *("accounts.Team.name", "accounts.User.email", "accounts.User.full_name", "accounts.User.time_zone", "alerts.NoticeRoad.number"),
        *("alerts.StaffBrowser.endpoint", "alerts.StaffBrowser.p256dh", "alerts.StaffBrowser.auth"),
    },
    "what staff write for everybody, and what runs keep of it": {
        *("messaging.Template.key", "messaging.Template.subject", "messaging.Template.body", "messaging.Template.topic", "messaging.Message.topic"),
        *("messaging.Template.content_sid", "messaging.Template.content_variables", "messaging.Template.examples", "messaging.Digest.key"),
        *("messaging.ContactPolicy.caps", "messaging.ContactPolicy.hours", "messaging.ContactPolicy.budgets", "messaging.ContactPolicy.prices"),
        *("messaging.ContactPolicy.digest_lanes", "messaging.ContactPolicy.confirmed_topics"),
        *("coaching.Pattern.key", "coaching.Pattern.name", "coaching.Pattern.words", "coaching.Tip.key", "coaching.Tip.name"),
        *("messaging.Consent.topic", "interventions.Play.key", "interventions.Play.name", "interventions.Play.why"),
        *("interventions.Play.starts_on", "interventions.StepRecord.step", "interventions.StepRecord.went"),
        *("interventions.Enrolment.trigger_key", "interventions.Enrolment.waits_for", "health.HealthModel.name", "churn.ChurnDefinition.name"),
        *("interventions.Ladder.levels", "interventions.Escalation.levels", "interventions.Holiday.name", "interventions.WorkingTime.days"),
        *("interventions.WorkingTime.region", "alerts.EscalationPolicy.key", "alerts.EscalationPolicy.name", "alerts.EscalationPolicy.why"),
        *("alerts.EscalationPolicy.steps", "alerts.Climb.steps", "alerts.DutyRota.key", "alerts.DutyRota.name", "alerts.DutyRota.zone"),
        *("alerts.DutyOverride.why", "alerts.OutsideChannel.key", "alerts.OutsideChannel.name", "alerts.OutsideChannel.shown"),
        *("alerts.OutsideChannel.sealed", "alerts.OutsideChannel.last_error"),
        *("integrations.Webhook.url", "integrations.Webhook.definitions", "integrations.Webhook.segments"),
        *("milestones.Milestone.key", "milestones.Milestone.name", "milestones.Progress.variant"),
        *("milestones.MilestoneDifficulty.variant", "milestones.DifficultyChoice.variant", "milestones.DifficultyChoice.candidates"),
        *("community.ReferralProgram.key", "community.ReferralProgram.name", "community.ReferralProgramVersion.definition"),
        *("milestones.RewardRule.key", "milestones.RewardRule.name", "milestones.RewardRule.activity", "milestones.RewardRule.tier"),
        *("milestones.Tier.key", "milestones.Tier.name", "milestones.Tier.words", "milestones.TierStanding.tier"),
        *("milestones.Badge.key", "milestones.Badge.name", "milestones.Badge.words", "milestones.Badge.tier"),
        *("milestones.CatalogueItem.key", "milestones.CatalogueItem.name", "milestones.CatalogueItem.words", "milestones.CatalogueItem.tier"),
        *("milestones.Board.key", "milestones.Board.name"),
        *("coaching.Strategy.key", "coaching.Strategy.name", "coaching.Strategy.words", "coaching.Session.tip"),
        *("campaigns.Segment.key", "campaigns.Segment.name", "campaigns.Segment.why", "campaigns.Occurrence.key", "campaigns.Recipient.variant"),
        *("messaging.Message.series", "messaging.Hold.source", "messaging.Hold.series", "campaigns.Campaign.starts_on"),
        *("campaigns.WeightsVersion.weights", "campaigns.WeightsVersion.figures", "campaigns.WeightsVersion.why"),
        *("campaigns.FrozenReadout.words", "campaigns.FrozenReadout.figures"),
        *("campaigns.Campaign.key", "campaigns.Campaign.name", "campaigns.Campaign.why", "campaigns.Campaign.state_why"),
        *("community.SharingChoice.source", "community.NamedConsent.source", "community.AskRules.review_url", "community.Favour.source"),
        *(f"community.Challenge.{name}" for name in ("key", "name", "words", "activity", "cohort_value", "zone", "salt")),
        *(f"community.Statement.{name}" for name in ("key", "words", "activity", "cohort_value")),
        *("community.Published.why", "community.Published.behind"),
    },
    "figures by their names, and sums by plan and segment as accounts have them": {
        *(
            "metrics.AccountTally.cells",
            "metrics.AccountTally.holds",
            "metrics.HourTally.measure",
            "metrics.ToldDay.measure",
            "metrics.Moved.measure",
        ),
        *(f"metrics.{table}.{name}" for table in ("Tally", "DayTally") for name in ("measure", "dimension", "value", "currency")),
        *("metrics.Reckoned.key", "metrics.Reckoned.words", "metrics.Recount.examples"),
    },
    "a language": {"messaging.Template.locale", "messaging.Message.locale", "community.Invite.locale"},
    "forgotten by a service of its app, which tests/privacy shows": {
        *("events.Change.field", "events.Change.before", "events.Change.after", "accounts.Field.name"),
        *("accounts.EventName.name", "accounts.ActivityEvent.name", "accounts.DailyRollup.name"),
    },
}


def test_every_kept_column_says_why():
    kept = set()
    for label, policy in POLICIES.items():
        model = apps.get_model(label)
        kept |= {f"{label}.{name}" for name in policy.keep if not model._meta.get_field(name).choices}
    assert kept == set().union(*KEPT.values())


def test_a_planted_model_without_a_policy_is_found():
    class Planted(models.Model):
        diary = models.TextField()

        class Meta:
            app_label = "planted"
            managed = False

    try:
        assert undeclared(Planted) == {"diary"}
    finally:
        from django.apps import apps

        apps.all_models.pop("planted", None)
        apps.clear_cache()


def test_paths_to_a_person_are_found_through_keys():
    paths = {model._meta.label: found for model, found in paths_to(Contact).items()}
    assert paths["messaging.MessageAttempt"] == ("message__contact",)
    assert paths["accounts.Note"] == ("contacts",)
    assert "accounts.Account" not in paths
    assert "accounts.DailyRollup" in {model._meta.label for model in paths_to(Account)}
