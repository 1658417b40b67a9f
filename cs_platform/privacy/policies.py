"""What becomes of every text and JSON column when a person or an account is erased. A column that is missing here fails a test.

`forget`: the person's words; emptied in every row that leads to the person, and cleaned of the person's name and addresses in all other rows.
`mask`: a key that must stay unique; replaced by a number in the rows that lead to the person, and wherever it holds an address of theirs.
`clean`: what sources sent, in tables that lead to nobody; cleaned of the person's name, addresses and ids.
`ours`: what staff and the platform wrote; cleaned of full names, addresses and long ids. A short id or a first name there is a code of ours.
`own`: the same, but only in the person's own account: another customer may be called alike.
`keep`: codes, numbers and words of the platform's own, which hold nothing of a person; tests/structure/test_privacy.py says of each why.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model


@dataclass(frozen=True)
class Policy:
    forget: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    clean: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        return [*self.forget, *self.mask, *self.clean, *self.ours, *self.own, *self.keep]


POLICIES: Mapping[str, Policy] = {
    "events.Event": Policy(ours=("payload",), keep=("type", "subject", "actor")),
    "events.Delivery": Policy(ours=("last_error",), keep=("handler", "state")),
    "events.JobRun": Policy(ours=("last_error", "last_result"), keep=("name", "recent")),
    "events.Heartbeat": Policy(keep=("name", "kind", "host", "queues", "says")),
    # The history empties its values and names of traits by itself (events.forget), so that its seals still hold.
    "events.Change": Policy(keep=("subject", "field", "before", "after", "actor", "source", "batch", "salt", "digest")),
    "events.Seal": Policy(keep=("digest",)),
    "accounts.Field": Policy(ours=("words",), keep=("name", "kind", "truth", "first_source")),
    "accounts.Team": Policy(keep=("name",)),
    # Staff are not customers: their accounts are closed, and what they did stays signed.
    "accounts.User": Policy(keep=("password", "email", "full_name", "time_zone")),
    "accounts.Account": Policy(
        forget=("traits",),
        mask=("external_id",),
        ours=("domain", "domains", "tags", "tier", "segment", "plan", "time_zone", "locale"),
        own=("name",),
        keep=("stage", "currency"),
    ),
    "accounts.AccountRole": Policy(keep=("role",)),
    "accounts.Contact": Policy(forget=("name", "title", "email", "phone", "time_zone", "locale", "traits"), mask=("external_id",), keep=("role",)),
    # Names of activity are renamed everywhere at once (accounts.forget_names), so that figures still find each other.
    "accounts.EventName": Policy(keep=("name", "meaning")),
    "accounts.ActivityEvent": Policy(forget=("properties",), mask=("message_id",), ours=("source",), keep=("name",)),
    "accounts.DailyRollup": Policy(keep=("name",)),
    "accounts.ImportRun": Policy(ours=("file_name", "options", "told", "upload"), keep=("kind", "sha256", "state", "actor")),
    "accounts.ImportMapping": Policy(ours=("options",), keep=("kind", "signature")),
    "accounts.ImportProblem": Policy(clean=("problem", "raw", "column")),
    "accounts.Subscription": Policy(mask=("external_id",), ours=("plan",), keep=("state", "currency")),
    "accounts.Invoice": Policy(mask=("external_id",), ours=("number",), keep=("state", "currency")),
    "accounts.ArrMovement": Policy(ours=("reason",), keep=("kind", "currency", "source", "actor", "idem_key")),
    "accounts.ExchangeRate": Policy(keep=("actor", "currency", "into", "source")),
    "accounts.Identity": Policy(forget=("moved",), mask=("external_id",), keep=("source",)),
    "accounts.Renewal": Policy(keep=("currency", "booking_type", "state", "decided_by")),
    "accounts.RenewalCall": Policy(keep=("by", "call", "source")),
    "accounts.Ticket": Policy(forget=("subject",), mask=("external_id",), keep=("source", "priority", "state")),
    "accounts.SurveyResponse": Policy(forget=("comment", "topic", "language"), mask=("external_id",), keep=("source", "kind")),
    "accounts.Note": Policy(forget=("body",), keep=("kind",)),
    "accounts.Promise": Policy(forget=("text",), keep=("state",)),
    "accounts.Pulse": Policy(ours=("reason",)),
    "messaging.Template": Policy(
        keep=("key", "channel", "subject", "body", "topic", "content_sid", "content_variables", "locale", "examples", "created_by")
    ),
    "messaging.Message": Policy(
        forget=("address", "subject", "body", "reason", "owner", "reply", "provider_message_id", "content_variables"),
        mask=("idem_key", "reply_token"),
        # Of strangers a keyed hash stands here: by it their no is known to everybody's invitations.
        keep=("guest", "channel", "lane", "topic", "state", "provider", "locale", "approved_by", "currency", "series"),
    ),
    "messaging.MessageAttempt": Policy(forget=("detail", "code", "owner"), keep=("outcome", "provider")),
    "messaging.Decision": Policy(forget=("reason",), keep=("state", "provider", "actor")),
    "messaging.ProviderEvent": Policy(forget=("detail", "raw"), mask=("event_id",), keep=("provider", "kind", "channel", "told")),
    "messaging.ProviderHealth": Policy(ours=("last_trouble",), keep=("provider",)),
    "messaging.PushSubscription": Policy(forget=("p256dh", "auth"), mask=("endpoint",)),
    "messaging.ContactPolicy": Policy(
        ours=("note",),
        keep=("caps", "hours", "when_capped", "currency", "budgets", "prices", "digest_lanes", "confirmed_topics", "actor"),
    ),
    "messaging.Hold": Policy(ours=("reason",), keep=("source", "series")),
    "messaging.Digest": Policy(keep=("channel", "key")),
    "messaging.Consent": Policy(forget=("source", "wording"), keep=("channel", "topic", "actor")),
    # Addresses stand here as fingerprints once their owner is erased.
    "messaging.Suppression": Policy(ours=("reason",), keep=("channel", "address", "actor")),
    "integrations.Source": Policy(keep=("name", "key_start", "key_hash")),
    "integrations.Rejection": Policy(mask=("message_id",), clean=("field", "reason", "raw", "waits_for")),
    "integrations.ApiKey": Policy(keep=("name", "scopes", "prefix", "secret_hash", "old_prefix", "old_hash")),
    # What a receiver was told already is the receiver's; what waits is not sent any more, because there is nothing left to send.
    "integrations.Webhook": Policy(
        ours=("description", "off_reason"),
        keep=("url", "events", "bands", "definitions", "segments", "salt", "secret_hash", "old_salt", "old_hash", "created_by"),
    ),
    "integrations.WebhookDelivery": Policy(forget=("data", "answer"), keep=("message_id", "type", "state")),
    "integrations.ApiCall": Policy(mask=("key",), clean=("body", "headers"), keep=("caller", "fingerprint")),
    "experiments.Experiment": Policy(
        ours=("stop_reason",),
        keep=(
            *("key", "name", "hypothesis", "state", "variants", "metric", "metric_words", "metric_kind", "rule"),
            *("created_by", "started_by", "stopped_by"),
        ),
    ),
    "experiments.Assignment": Policy(keep=("variant",)),
    "experiments.OutcomeRow": Policy(mask=("key",), keep=("metric",)),
    "experiments.Look": Policy(keep=("strongest", "verdict", "figures", "actor")),
    "experiments.Override": Policy(ours=("reason",), keep=("variant", "actor")),
    "experiments.Holdout": Policy(ours=("reason",), keep=("key", "salt", "state", "actor")),
    "experiments.HoldoutMember": Policy(ours=("stratum",)),
    "experiments.PolicyDecision": Policy(
        forget=("reason",),
        mask=("key",),
        ours=("segment", "candidates"),
        keep=("policy", "version", "action", "how", "chosen", "context_hash"),
    ),
    "experiments.ArmCount": Policy(ours=("segment",), keep=("policy", "action", "arm")),
    "experiments.SegmentRhythm": Policy(ours=("segment",), keep=("hours",)),
    "milestones.Milestone": Policy(keep=("key", "name", "state")),
    "milestones.MilestoneVersion": Policy(ours=("definition", "note"), keep=("created_by",)),
    "milestones.Progress": Policy(ours=("proof",), keep=("variant", "state", "via", "source", "pace")),
    "milestones.Claim": Policy(ours=("proof", "withdrawn_why"), mask=("key",), keep=("kind", "source", "actor")),
    "milestones.Held": Policy(ours=("what",)),
    "milestones.Pacing": Policy(ours=("plan",)),
    "milestones.MilestoneDifficulty": Policy(keep=("variant",)),
    "milestones.DifficultyChoice": Policy(keep=("variant", "reason", "candidates", "beliefs")),
    "milestones.OrderReading": Policy(keep=("refused",)),
    "milestones.PathChoice": Policy(ours=("reasons",), keep=("rule", "arm", "candidates", "actor")),
    "milestones.RewardRule": Policy(keep=("key", "name", "on", "activity", "tier", "unit", "currency", "state")),
    "milestones.RewardBudget": Policy(keep=("unit", "currency")),
    "milestones.RewardClaim": Policy(ours=("reasons", "decision"), keep=("cause", "factors", "state", "decided_by")),
    "milestones.RewardMovement": Policy(ours=("reason",), keep=("kind", "source", "target", "unit", "currency", "actor", "idem_key")),
    "milestones.RewardBalance": Policy(keep=("book", "unit", "currency")),
    "milestones.Tier": Policy(keep=("key", "name", "words")),
    "milestones.TierStanding": Policy(keep=("tier",)),
    "milestones.Streak": Policy(keep=("step",)),
    "milestones.StreakPause": Policy(ours=("reason",), keep=("actor",)),
    "milestones.Badge": Policy(keep=("key", "name", "words", "given_for", "tier")),
    "milestones.CatalogueItem": Policy(keep=("key", "name", "words", "unit", "currency", "tier", "state")),
    "milestones.Redemption": Policy(mask=("idem_key",), ours=("note",), keep=("unit", "currency", "state", "decided_by")),
    "milestones.RecognitionChoice": Policy(keep=("level", "actor")),
    "milestones.Board": Policy(keep=("key", "name", "circle", "cohort", "salt")),
    "milestones.BoardPlace": Policy(ours=("group",)),
    "health.HealthModel": Policy(ours=("whom_value", "tree", "note", "backtest"), keep=("name", "state", "whom_field", "created_by", "published_by")),
    "health.HealthScore": Policy(ours=("parts",), keep=("band",)),
    "health.AccountHealth": Policy(ours=("parts",), keep=("band",)),
    "health.Feed": Policy(keep=("name",)),
    "churn.ChurnDefinition": Policy(keep=("name", "kind")),
    "churn.ModelVersion": Policy(ours=("parameters", "metrics", "golden", "decision"), keep=("kind", "checksum", "made")),
    "churn.TrainingRun": Policy(ours=("result",), keep=("state", "asked_by", "why", "step")),
    "churn.Check": Policy(keep=("kind", "figures", "verdict")),
    "churn.Care": Policy(keep=("kind",)),
    "churn.Prediction": Policy(ours=("reasons",), keep=("band",)),
    "churn.AccountRisk": Policy(ours=("reasons",), keep=("band", "source")),
    "coaching.Pattern": Policy(keep=("key", "name", "words")),
    "coaching.ProfileFit": Policy(keep=("kind", "stability", "scales", "centres")),
    "coaching.CoachingProfile": Policy(ours=("measures", "strengths", "gaps")),
    "coaching.Tip": Policy(keep=("key", "name", "state")),
    "coaching.TipVersion": Policy(ours=("definition", "note"), keep=("created_by",)),
    "coaching.Slate": Policy(keep=("key", "passed_over")),
    "coaching.Recommendation": Policy(ours=("candidates", "reason", "evidence"), keep=("state", "answered_by", "ended_because")),
    "coaching.TipAnswerRow": Policy(ours=("note",), keep=("answer", "by")),
    "interventions.Play": Policy(keep=("key", "name", "why", "state", "starts_on")),
    "interventions.PlayVersion": Policy(ours=("definition", "tests", "note"), keep=("created_by",)),
    "interventions.Rehearsal": Policy(ours=("definition", "result"), keep=("state", "asked_by", "error")),
    "interventions.Enrolment": Policy(keep=("arm", "state", "exit_reason", "trigger_key", "waits_for")),
    "interventions.StepRecord": Policy(forget=("what", "because"), keep=("kind", "step", "went")),
    "interventions.PassedOver": Policy(keep=("reason",)),
    "interventions.Task": Policy(
        ours=("title", "why", "evidence", "name", "snooze_reason", "outcome"),
        keep=("type", "reason", "priority", "state", "dedup_key", "acknowledged_by", "level", "closed_by", "result"),
    ),
    "interventions.TaskSource": Policy(ours=("words",), keep=("kind", "key")),
    "interventions.TaskAssignee": Policy(ours=("why",), keep=("level",)),
    "interventions.Ladder": Policy(keep=("levels", "created_by")),
    "interventions.Escalation": Policy(keep=("levels", "silence", "state", "ended_by")),
    "interventions.EscalationStep": Policy(ours=("what",), keep=("level",)),
    "interventions.WorkingTime": Policy(keep=("days", "region")),
    "interventions.Holiday": Policy(keep=("name",)),
    "coaching.Strategy": Policy(keep=("key", "name", "words")),
    "coaching.Session": Policy(
        forget=("topic", "agenda", "notes", "place", "ended_because"),
        keep=("state", "mode", "tip"),
    ),
    "coaching.Goal": Policy(forget=("action",), ours=("name",), keep=("measure",)),
    "community.SharingChoice": Policy(keep=("surface", "source", "actor")),
    "community.ReferralProgram": Policy(keep=("key", "name", "state")),
    "community.ReferralProgramVersion": Policy(ours=("note",), keep=("definition", "created_by")),
    "community.Advocate": Policy(keep=("code", "state", "actor")),
    # Of people who were invited or signed up only keyed hashes stand here.
    "community.Invite": Policy(keep=("addressee", "domain", "locale")),
    "community.ReferralClick": Policy(keep=("network",)),
    "community.Referral": Policy(
        forget=("friend_external_id",),
        mask=("key",),
        ours=("reason", "signs"),
        keep=("via", "friend", "payer", "coupon", "network", "state"),
    ),
    "community.ReferralReward": Policy(ours=("reason",), keep=("side", "unit", "currency", "state")),
    "community.ReferralDecision": Policy(ours=("reason", "signs"), keep=("state", "actor")),
    "community.Moment": Policy(ours=("reasons", "closed_why"), keep=("kind", "state")),
    "community.Ask": Policy(ours=("purpose", "closed_why"), keep=("kind", "state", "asked_by")),
    "community.AskRules": Policy(keep=("review_url",)),
    "community.Favour": Policy(mask=("key",), keep=("kind", "source")),
    "community.Challenge": Policy(keep=("key", "name", "words", "state", "counts", "activity", "cohort", "cohort_value", "zone", "salt")),
    "community.ChallengeCount": Policy(mask=("key",)),
    "community.Statement": Policy(keep=("key", "words", "deed", "activity", "cohort", "cohort_value")),
    "community.Published": Policy(keep=("verdict", "why", "behind")),
    "community.NamedConsent": Policy(forget=("words",), mask=("item",), keep=("source", "asked_by")),
    "campaigns.Segment": Policy(keep=("key", "name", "why", "state")),
    "campaigns.SegmentVersion": Policy(ours=("rule", "leaves", "note"), keep=("created_by",)),
    "campaigns.ListedAccount": Policy(keep=("source", "actor")),
    "campaigns.SegmentRebuild": Policy(keep=("examples",)),
    "campaigns.Campaign": Policy(keep=("key", "name", "why", "kind", "state", "state_why", "starts_on")),
    "campaigns.CampaignVersion": Policy(ours=("definition", "note"), keep=("created_by",)),
    "campaigns.Occurrence": Policy(keep=("key", "state")),
    "campaigns.Recipient": Policy(keep=("state", "left", "variant")),
    "campaigns.WeightsVersion": Policy(keep=("weights", "figures", "why", "created_by")),
    "campaigns.FrozenReadout": Policy(keep=("verdict", "words", "figures")),
    "campaigns.Invitation": Policy(keep=("kind", "state")),
    "campaigns.OutsideTouch": Policy(
        mask=("external_id",),
        ours=("channel", "campaign_name", "utm_source", "utm_medium", "utm_campaign", "utm_content"),
        keep=("source", "kind", "currency"),
    ),
    "alerts.EscalationPolicy": Policy(keep=("key", "name", "why", "steps", "least_severity", "changed_by")),
    "alerts.Climb": Policy(keep=("steps", "state", "ended_by")),
    "alerts.ClimbStep": Policy(ours=("what",), keep=("kind",)),
    "alerts.DutyRota": Policy(keep=("key", "name", "zone")),
    "alerts.DutyOverride": Policy(keep=("why", "written_by")),
    "alerts.NoticeRoad": Policy(keep=("road", "pace", "number")),
    "alerts.OutsideChannel": Policy(keep=("key", "name", "kind", "sealed", "shown", "last_error", "created_by")),
    "alerts.StaffBrowser": Policy(keep=("endpoint", "p256dh", "auth")),
    "alerts.Notice": Policy(ours=("words",), keep=("key",)),
    "alerts.NoticeSending": Policy(ours=("answer",), keep=("road", "state")),
    "alerts.Response": Policy(ours=("says",), keep=("deed", "mode", "changed_by")),
    "alerts.ResponseRun": Policy(ours=("says", "what"), keep=("deed", "state", "made")),
    "alerts.AlertMoment": Policy(ours=("words",), keep=("deed", "actor")),
    "alerts.AlertSubscription": Policy(keep=("severity", "whose", "email", "push", "sms", "chat")),
    "alerts.RuleTold": Policy(keep=("actor",)),
    "alerts.AlertRule": Policy(ours=("name", "why"), keep=("key", "kind", "state", "severity")),
    "alerts.RuleVersion": Policy(ours=("says", "note")),
    "alerts.RuleTrial": Policy(ours=("says", "result"), keep=("state", "asked_by", "error")),
    "alerts.Watched": Policy(keep=("pattern", "facts", "early")),
    "alerts.Alert": Policy(
        ours=("title", "why", "facts", "snooze_reason"), keep=("kind", "severity", "dedup_key", "state", "acknowledged_by", "resolved_by")
    ),
    # Sums by plan and segment follow the accounts' own columns, which are cleaned.
    "metrics.AccountTally": Policy(keep=("cells", "holds")),
    "metrics.Tally": Policy(keep=("measure", "dimension", "value", "currency")),
    "metrics.HourTally": Policy(keep=("measure",)),
    "metrics.DayTally": Policy(keep=("measure", "dimension", "value", "currency")),
    "metrics.ToldDay": Policy(keep=("measure",)),
    "metrics.Reckoned": Policy(keep=("key", "words")),
    "metrics.Moved": Policy(keep=("measure",)),
    "metrics.Recount": Policy(keep=("examples",)),
    "dashboards.SavedView": Policy(ours=("name", "filters", "columns"), keep=("sort",)),
    "dashboards.Dashboard": Policy(ours=("name", "why"), keep=("key", "sees", "edits")),
    "dashboards.DashboardVersion": Policy(ours=("says", "note")),
    "dashboards.DashboardDraft": Policy(ours=("says",)),
    "dashboards.PathDraft": Policy(ours=("name", "says", "note"), keep=("key",)),
    "admin.LogEntry": Policy(ours=("object_repr", "change_message"), keep=("object_id",)),
}


def policy_of(model: type[Model]) -> Policy:
    """A table without words needs none."""
    return POLICIES.get(model._meta.label, Policy())
