"""Every model has an admin in the house's look, and what happened cannot be typed over."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from unfold.admin import ModelAdmin

from apps.core.admin import FactAdmin

OURS = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
FACTS = {
    "accounts.ActivityEvent",
    "accounts.ArrMovement",
    "accounts.DailyRollup",
    "accounts.ExchangeRate",
    "accounts.Renewal",
    "accounts.Identity",
    "accounts.ImportRun",
    "accounts.ImportProblem",
    *(f"alerts.{name}" for name in ("Climb", "EscalationPolicy", "Notice", "OutsideChannel", "Response", "ResponseRun", "StaffBrowser")),
    *("alerts.Alert", "alerts.Incident", "alerts.RuleTold"),
    *(f"alerts.{name}" for name in ("AlertRule", "RuleDay", "RuleTrial", "RuleVersion", "WatchMark", "Watched")),
    *("campaigns.CampaignVersion", "campaigns.Occurrence", "campaigns.Recipient", "messaging.Hold"),
    *("campaigns.Invitation", "campaigns.OutsideTouch"),
    *("campaigns.FrozenReadout", "campaigns.GoalReached", "campaigns.WeightsVersion"),
    *(f"campaigns.{name}" for name in ("Segment", "SegmentVersion", "Membership", "ListedAccount", "SegmentMark", "SegmentWake", "SegmentRebuild")),
    "churn.AccountRisk",
    "churn.Care",
    "churn.Check",
    "churn.Prediction",
    "churn.ShadowScore",
    "churn.TrainingRun",
    *(f"coaching.{name}" for name in ("Goal", "GoalReading", "Session")),
    *(f"coaching.{name}" for name in ("CoachingProfile", "ProfileFit", "Recommendation", "Slate", "TipVersion")),
    *("dashboards.DashboardDraft", "dashboards.DashboardVersion"),
    "events.Change",
    "events.Delivery",
    "events.Event",
    "events.Heartbeat",
    "events.JobRun",
    *(f"experiments.{name}" for name in ("ArmCount", "Assignment", "Experiment", "Exposure", "Holdout", "HoldoutMember", "OutcomeRow", "Override")),
    *("experiments.PolicyDecision", "experiments.SegmentRhythm"),
    "health.AccountHealth",
    "health.Feed",
    "health.HealthScore",
    "integrations.ApiCall",
    "events.Seal",
    "integrations.Rejection",
    "integrations.WebhookDelivery",
    "interventions.Enrolment",
    "interventions.Escalation",
    "interventions.Fit",
    "interventions.PassedOver",
    "interventions.Play",
    "interventions.PlayVersion",
    "interventions.Rehearsal",
    "interventions.Task",
    "messaging.Consent",
    "messaging.Decision",
    "messaging.Digest",
    "messaging.Message",
    "messaging.MessageAttempt",
    *(f"metrics.{name}" for name in ("AccountTally", "DayTally", "HourTally", "Moved", "Reckoned", "Recount", "Tally", "ToldDay")),
    "messaging.ProviderEvent",
    "messaging.ProviderHealth",
    "messaging.PushSubscription",
    *(f"community.{name}" for name in ("NamedConsent", "SharingChoice")),
    *(f"community.{name}" for name in ("Advocate", "Invite", "Referral", "ReferralClick", "ReferralDecision", "ReferralProgram")),
    *(f"community.{name}" for name in ("ReferralProgramVersion", "ReferralReward")),
    *(f"community.{name}" for name in ("Ask", "ChallengeEntry", "Favour", "Published", "Moment", "MomentMark", "NamedConsent", "SharingChoice")),
    *(f"milestones.Reward{name}" for name in ("Balance", "Budget", "Claim", "Movement")),
    *(f"milestones.{name}" for name in ("BadgeAward", "BoardPlace", "RecognitionChoice", "Redemption", "Streak", "TierStanding")),
    *(f"milestones.{name}" for name in ("AccountAbility", "DifficultyChoice", "MilestoneDifficulty", "MilestoneValue", "OrderReading", "PathChoice")),
    *(f"milestones.{name}" for name in ("Claim", "Held", "Milestone", "MilestoneVersion", "Pacing", "PathMark", "Progress")),
}
# Shown inside their parents only.
INSIDE = (
    {f"alerts.{name}" for name in ("ClimbStep", "DutyMember", "DutyOverride", "NoticeSending", "PolicyOfRule")}
    | {"accounts.AccountRole", "accounts.RenewalCall", "alerts.AlertMoment", "interventions.StepRecord", "experiments.Look", "coaching.TipAnswerRow"}
    | {f"interventions.{name}" for name in ("EscalationStep", "TaskAssignee", "TaskSource")}
    | {"milestones.Need", "community.ChallengeCount"}
)


def test_every_model_has_an_admin():
    missing = {model._meta.label for model in OURS if not admin.site.is_registered(model)}
    assert missing == INSIDE


@pytest.mark.parametrize("model", [model for model in admin.site._registry if model is not ContentType], ids=lambda model: model._meta.label)
def test_every_admin_has_the_houses_look(model):
    assert isinstance(admin.site._registry[model], ModelAdmin)


def test_facts_are_read_only():
    registered = {model._meta.label: one for model, one in admin.site._registry.items()}
    assert {label for label in FACTS if not isinstance(registered[label], FactAdmin)} == set()
