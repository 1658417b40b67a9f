"""What becomes of every text and JSON column when a person or an account is erased. A column that is missing here fails a test.

`forget`: the person's words; emptied in every row that leads to the person, and cleaned of the person's name and addresses in all other rows.
`mask`: a key that must stay unique; replaced by a number in the rows that lead to the person.
`clean`: our words, in which a person may be named; cleaned wherever the person is named.
`keep`: codes, numbers and words of the platform's own, which hold nothing of a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model


@dataclass(frozen=True)
class Policy:
    forget: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    clean: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    @property
    def columns(self) -> set[str]:
        return {*self.forget, *self.mask, *self.clean, *self.keep}


POLICIES: Mapping[str, Policy] = {
    "events.Event": Policy(clean=("payload",), keep=("type", "subject", "actor")),
    "events.Delivery": Policy(clean=("last_error",), keep=("handler", "state")),
    "events.JobRun": Policy(clean=("last_error", "last_result"), keep=("name",)),
    # The history empties its values by itself (events.erase_values), so that its seals still hold.
    "events.Change": Policy(keep=("subject", "field", "before", "after", "actor", "source", "batch", "salt", "digest")),
    "events.Seal": Policy(keep=("digest",)),
    "accounts.Field": Policy(keep=("name", "kind", "truth", "words", "first_source")),
    "accounts.Team": Policy(keep=("name",)),
    # Staff are not customers: their accounts are closed, and what they did stays signed.
    "accounts.User": Policy(keep=("password", "email", "full_name", "time_zone")),
    "accounts.Account": Policy(
        forget=("traits",),
        mask=("external_id",),
        keep=("domain", "domains", "tags", "name", "tier", "segment", "plan", "stage", "time_zone", "locale", "currency"),
    ),
    "accounts.AccountRole": Policy(keep=("role",)),
    "accounts.Contact": Policy(forget=("name", "title", "email", "phone", "time_zone", "locale", "traits"), mask=("external_id",), keep=("role",)),
    "accounts.EventName": Policy(keep=("name", "meaning")),
    "accounts.ActivityEvent": Policy(forget=("properties",), mask=("message_id",), keep=("source", "name")),
    "accounts.DailyRollup": Policy(keep=("name",)),
    "accounts.ImportRun": Policy(clean=("file_name", "options", "told", "upload"), keep=("kind", "sha256", "state", "actor")),
    "accounts.ImportMapping": Policy(clean=("options",), keep=("kind", "signature")),
    "accounts.ImportProblem": Policy(clean=("problem", "raw", "column")),
    "accounts.Subscription": Policy(mask=("external_id",), clean=("plan",), keep=("state", "currency")),
    "accounts.Invoice": Policy(mask=("external_id",), clean=("number",), keep=("state", "currency")),
    "accounts.ArrMovement": Policy(clean=("reason",), keep=("kind", "currency", "source", "actor", "idem_key")),
    "accounts.ExchangeRate": Policy(keep=("actor", "currency", "into", "source")),
    "accounts.Identity": Policy(forget=("moved",), mask=("external_id",), keep=("source",)),
    "accounts.Renewal": Policy(keep=("currency", "booking_type", "state", "decided_by")),
    "accounts.RenewalCall": Policy(keep=("by", "call", "source")),
    "accounts.Ticket": Policy(forget=("subject",), mask=("external_id",), keep=("source", "priority", "state")),
    "accounts.SurveyResponse": Policy(forget=("comment", "topic", "language"), mask=("external_id",), keep=("source", "kind")),
    "accounts.Note": Policy(forget=("body",), keep=("kind",)),
    "accounts.Promise": Policy(forget=("text",), keep=("state",)),
    "accounts.Pulse": Policy(clean=("reason",)),
    "messaging.Template": Policy(keep=("key", "channel", "subject", "body", "topic")),
    "messaging.Message": Policy(
        forget=("address", "subject", "body", "reason", "owner", "reply", "provider_message_id"),
        mask=("idem_key", "reply_token"),
        keep=("channel", "lane", "topic", "state"),
    ),
    "messaging.MessageAttempt": Policy(forget=("detail", "code", "owner"), keep=("outcome",)),
    "messaging.Consent": Policy(forget=("source",), keep=("channel", "topic")),
    # Addresses stand here as fingerprints once their owner is erased.
    "messaging.Suppression": Policy(clean=("reason",), keep=("channel", "address")),
    "integrations.Source": Policy(keep=("name", "key_start", "key_hash")),
    "integrations.Rejection": Policy(clean=("message_id", "field", "reason", "raw", "waits_for")),
    "integrations.ApiKey": Policy(keep=("name", "scopes", "prefix", "secret_hash", "old_prefix", "old_hash")),
    "integrations.ApiCall": Policy(clean=("body", "headers"), keep=("caller", "key", "fingerprint")),
    "health.HealthModel": Policy(keep=("name", "state", "whom_field", "whom_value", "tree", "note", "backtest", "created_by", "published_by")),
    "health.HealthScore": Policy(clean=("parts",), keep=("band",)),
    "health.AccountHealth": Policy(clean=("parts",), keep=("band",)),
    "health.Feed": Policy(keep=("name",)),
    "churn.ChurnDefinition": Policy(keep=("name", "kind")),
    "churn.ModelVersion": Policy(keep=("kind", "parameters", "metrics", "decision")),
    "churn.Prediction": Policy(clean=("reasons",), keep=("band",)),
    "churn.AccountRisk": Policy(clean=("reasons",), keep=("band", "source")),
    "interventions.Play": Policy(keep=("key", "name", "why", "state", "steps")),
    "interventions.Enrolment": Policy(keep=("arm", "steps", "state", "exit_reason")),
    "interventions.StepRecord": Policy(forget=("what",), keep=("kind",)),
    "interventions.Task": Policy(clean=("title", "why", "outcome"), keep=("state", "dedup_key", "closed_by")),
    "alerts.Alert": Policy(clean=("title", "why"), keep=("kind", "severity", "dedup_key", "state", "acknowledged_by", "resolved_by")),
    "dashboards.SavedView": Policy(clean=("name", "filters"), keep=("sort", "columns")),
    "admin.LogEntry": Policy(clean=("object_repr", "change_message"), keep=("object_id",)),
}


def policy_of(model: type[Model]) -> Policy:
    """A table without words needs none."""
    return POLICIES.get(model._meta.label, Policy())
