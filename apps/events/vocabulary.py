"""Everything that one app may announce to another: past tense, ids and plain facts.

Fields are added with defaults, never renamed. `subject` names what the event is about; account events make the account's history.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class DomainEvent:
    type: ClassVar[str]

    @property
    def subject(self) -> str:
        raise NotImplementedError

    @property
    def concerns(self) -> list[str]:
        """The subjects whose pages show something else now."""
        return [self.subject]

    @classmethod
    def revived(cls, payload: dict[str, Any]) -> Self:
        """The event of a stored row, also of an older version's: fields that are no longer known are left out."""
        return cls(**{name: value for name, value in payload.items() if name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class AccountEvent(DomainEvent):
    type: ClassVar[str] = ""
    account_id: int

    @property
    def subject(self) -> str:
        return f"account:{self.account_id}"


@dataclass(frozen=True)
class ActivityReceived(DomainEvent):
    """New activity was stored: one event per batch, however many accounts it touched and events it held."""

    type: ClassVar[str] = "activity.received"
    account_ids: list[int]
    count: int
    last_at: str
    source: str

    @property
    def subject(self) -> str:
        return f"activity:{self.source}"

    @property
    def concerns(self) -> list[str]:
        return [f"account:{account_id}" for account_id in self.account_ids] or [self.subject]

    @classmethod
    def revived(cls, payload: dict[str, Any]) -> Self:
        """Rows from before batches were told as one name one account each."""
        return super().revived({"account_ids": [payload["account_id"]], **payload} if "account_id" in payload else payload)


@dataclass(frozen=True)
class ImportFinished(DomainEvent):
    """A file was imported; accounts touched by it need fresh figures."""

    type: ClassVar[str] = "import.finished"
    run_id: int
    kind: str
    rows: int

    @property
    def subject(self) -> str:
        return f"import:{self.run_id}"


@dataclass(frozen=True)
class StoryChanged(DomainEvent):
    """Something was said or written about accounts: `what` is ticket, survey, note, pulse, promise, invoice, contract or contact."""

    type: ClassVar[str] = "story.changed"
    account_ids: list[int]
    what: str

    @property
    def subject(self) -> str:
        return f"story:{self.what}"

    @property
    def concerns(self) -> list[str]:
        return [f"account:{account}" for account in self.account_ids]


@dataclass(frozen=True)
class MeaningGiven(DomainEvent):
    """An activity name was given a meaning: figures that read meanings need to be made anew."""

    type: ClassVar[str] = "meaning.given"
    name: str
    meaning: str

    @property
    def subject(self) -> str:
        return "meanings"


@dataclass(frozen=True)
class HealthModelPublished(DomainEvent):
    """A version of the health model was put to work."""

    type: ClassVar[str] = "health.published"
    model_id: int
    name: str

    @property
    def subject(self) -> str:
        return f"health_model:{self.model_id}"


@dataclass(frozen=True)
class HealthChanged(DomainEvent):
    """The health score of accounts moved: one event per batch of scores and cause."""

    type: ClassVar[str] = "health.changed"
    account_ids: list[int]
    count: int

    @property
    def subject(self) -> str:
        return "health"

    @property
    def concerns(self) -> list[str]:
        return [f"account:{account}" for account in self.account_ids]


@dataclass(frozen=True)
class HealthBandChanged(AccountEvent):
    """The health of an account crossed an edge between poor, fair and good."""

    type: ClassVar[str] = "health.band_changed"
    score_id: int
    from_band: str
    to_band: str
    score: str


@dataclass(frozen=True)
class PersonErased(AccountEvent):
    """A person's words were erased everywhere; the counts stay."""

    type: ClassVar[str] = "person.erased"
    contact_id: int


@dataclass(frozen=True)
class AccountErased(AccountEvent):
    """An account's words and those of all its people were erased; its numbers stay."""

    type: ClassVar[str] = "account.erased"


@dataclass(frozen=True)
class RiskRaised(AccountEvent):
    """The churn risk of an account rose into a higher band."""

    type: ClassVar[str] = "risk.raised"
    prediction_id: int
    from_band: str
    to_band: str
    probability: float


@dataclass(frozen=True)
class RiskLowered(AccountEvent):
    """The churn risk of an account fell into a lower band."""

    type: ClassVar[str] = "risk.lowered"
    prediction_id: int
    from_band: str
    to_band: str
    probability: float


@dataclass(frozen=True)
class ModelEvent(DomainEvent):
    """About a version of a churn model (`name`: its kind and number)."""

    type: ClassVar[str] = ""
    version_id: int
    definition_id: int
    name: str

    @property
    def subject(self) -> str:
        return f"model:{self.version_id}"


@dataclass(frozen=True)
class ModelPutToWork(ModelEvent):
    """A version scores from now on, in place of another (`before`, empty where there was none)."""

    type: ClassVar[str] = "model.put_to_work"
    before: str
    reason: str


@dataclass(frozen=True)
class ModelBroken(ModelEvent):
    """A version at work cannot be trusted any more (`problem`); the weighted rule answers in its place."""

    type: ClassVar[str] = "model.broken"
    problem: str


@dataclass(frozen=True)
class ModelJudged(ModelEvent):
    """A look back at the version at work (`kind`: backtest or drift) raised an alarm, or the alarm is over (`alarm`); `found` says it in words."""

    type: ClassVar[str] = "model.judged"
    kind: str
    alarm: bool
    found: str


@dataclass(frozen=True)
class TrainingEnded(DomainEvent):
    """A training run is over: `state` is done, refused, failed or cancelled, `result` says it in words."""

    type: ClassVar[str] = "training.ended"
    run_id: int
    definition_id: int
    state: str
    result: str

    @property
    def subject(self) -> str:
        return f"training:{self.run_id}"


@dataclass(frozen=True)
class PlayChanged(DomainEvent):
    """A play was written anew or moved to another state (`change` says it in words)."""

    type: ClassVar[str] = "play.changed"
    play_id: int
    key: str
    change: str
    state: str

    @property
    def subject(self) -> str:
        return f"play:{self.play_id}"


@dataclass(frozen=True)
class PlayEntered(AccountEvent):
    """An account entered a play, or was held out of it for comparison (`arm`)."""

    type: ClassVar[str] = "play.entered"
    enrolment_id: int
    play_key: str
    arm: str


@dataclass(frozen=True)
class PlayEnded(AccountEvent):
    """A run of a play ended; `reason` says why, `outcome` what the customer did."""

    type: ClassVar[str] = "play.ended"
    enrolment_id: int
    play_key: str
    reason: str
    outcome: str


@dataclass(frozen=True)
class TaskOpened(AccountEvent):
    """A success manager has something to do for an account."""

    type: ClassVar[str] = "task.opened"
    task_id: int
    title: str


@dataclass(frozen=True)
class TaskClosed(AccountEvent):
    """A task was done or dropped."""

    type: ClassVar[str] = "task.closed"
    task_id: int
    outcome: str


@dataclass(frozen=True)
class MessageSent(AccountEvent):
    """A message left the platform."""

    type: ClassVar[str] = "message.sent"
    message_id: int
    channel: str


@dataclass(frozen=True)
class MessageNotSent(AccountEvent):
    """A message will not leave, or nobody knows whether it left (`state`); `reason` says why."""

    type: ClassVar[str] = "message.not_sent"
    message_id: int
    channel: str
    state: str
    reason: str


@dataclass(frozen=True)
class MessageReplied(AccountEvent):
    """The customer answered a message."""

    type: ClassVar[str] = "message.replied"
    message_id: int
    contact_id: int
    channel: str


@dataclass(frozen=True)
class ConsentChanged(AccountEvent):
    """A contact allowed or refused a topic on a channel."""

    type: ClassVar[str] = "consent.changed"
    contact_id: int
    channel: str
    allowed: bool


@dataclass(frozen=True)
class AlertEvent(DomainEvent):
    """About an alert; of no account where the platform itself needs eyes."""

    type: ClassVar[str] = ""
    account_id: int | None
    alert_id: int

    @property
    def subject(self) -> str:
        return f"alert:{self.alert_id}" if self.account_id is None else f"account:{self.account_id}"


@dataclass(frozen=True)
class AlertOpened(AlertEvent):
    """Something needs a person's eyes."""

    type: ClassVar[str] = "alert.opened"
    severity: str


@dataclass(frozen=True)
class AlertChanged(AlertEvent):
    """An alert was acknowledged or resolved (`state`)."""

    type: ClassVar[str] = "alert.changed"
    state: str


@dataclass(frozen=True)
class AccountsChanged(DomainEvent):
    """Facts of accounts, or of their people and papers, were created or changed; the history of fields says which and to what."""

    type: ClassVar[str] = "accounts.changed"
    account_ids: list[int]
    fields: list[str]
    source: str

    @property
    def subject(self) -> str:
        return f"account:{self.account_ids[0]}" if len(self.account_ids) == 1 else f"source:{self.source}"


@dataclass(frozen=True)
class AccountChurned(AccountEvent):
    """A customer left."""

    type: ClassVar[str] = "account.churned"
    on: str


@dataclass(frozen=True)
class ApiKeyChanged(DomainEvent):
    """A key to the API was made, rotated or revoked (`change`)."""

    type: ClassVar[str] = "api_key.changed"
    key: str
    change: str
    scopes: list[str]

    @property
    def subject(self) -> str:
        return f"api_key:{self.key}"


@dataclass(frozen=True)
class ProviderChanged(DomainEvent):
    """Something is the matter with a provider of messages, or it is over (`ill`). `matter`: rest, calls (wrongly signed), silence; `words` say it."""

    type: ClassVar[str] = "provider.changed"
    provider: str
    matter: str
    ill: bool
    words: str

    @property
    def subject(self) -> str:
        return f"provider:{self.provider}"


@dataclass(frozen=True)
class WebhookChanged(DomainEvent):
    """An outgoing webhook was made, changed, rotated, switched off, switched on, or given up by the platform for a `reason` (`change`)."""

    type: ClassVar[str] = "webhook.changed"
    webhook_id: int
    name: str
    change: str
    reason: str

    @property
    def subject(self) -> str:
        return f"webhook:{self.webhook_id}"


@dataclass(frozen=True)
class ContactsMerged(AccountEvent):
    """Two rows turned out to be one person, or that was taken back (`undone`)."""

    type: ClassVar[str] = "contacts.merged"
    contact_id: int
    identity_id: int
    undone: bool


@dataclass(frozen=True)
class ExperimentEvent(DomainEvent):
    type: ClassVar[str] = ""
    experiment_id: int
    key: str

    @property
    def subject(self) -> str:
        return f"experiment:{self.experiment_id}"


@dataclass(frozen=True)
class ExperimentStarted(ExperimentEvent):
    """Accounts are assigned to variants from now on."""

    type: ClassVar[str] = "experiment.started"
    variants: list[str]


@dataclass(frozen=True)
class ExperimentStopped(ExperimentEvent):
    """Nobody is assigned any more."""

    type: ClassVar[str] = "experiment.stopped"
    reason: str


@dataclass(frozen=True)
class ExperimentDecided(ExperimentEvent):
    """A planned look found a difference, or the last one found none (`verdict`); the experiment runs on until somebody stops it."""

    type: ClassVar[str] = "experiment.decided"
    verdict: str
    words: str


@dataclass(frozen=True)
class AssignmentOverridden(AccountEvent):
    """Against the plan of an experiment an account gets another variant; it is counted where it was assigned."""

    type: ClassVar[str] = "assignment.overridden"
    experiment_id: int
    key: str
    variant: str
    reason: str


@dataclass(frozen=True)
class HoldoutDrawn(DomainEvent):
    """Accounts were drawn that get nothing of a kind until the period is over."""

    type: ClassVar[str] = "holdout.drawn"
    holdout_id: int
    key: str
    share_percent: float
    accounts: int
    held_out: int

    @property
    def subject(self) -> str:
        return f"holdout:{self.holdout_id}"


@dataclass(frozen=True)
class HoldoutEnded(DomainEvent):
    """The period of a holdout is over."""

    type: ClassVar[str] = "holdout.ended"
    holdout_id: int
    key: str

    @property
    def subject(self) -> str:
        return f"holdout:{self.holdout_id}"


ALL: dict[str, type[DomainEvent]] = {
    kind.type: kind
    for kind in (
        ActivityReceived,
        ContactsMerged,
        ImportFinished,
        PersonErased,
        AccountErased,
        StoryChanged,
        MeaningGiven,
        HealthModelPublished,
        HealthChanged,
        HealthBandChanged,
        RiskRaised,
        RiskLowered,
        ModelPutToWork,
        ModelBroken,
        ModelJudged,
        TrainingEnded,
        PlayChanged,
        PlayEntered,
        PlayEnded,
        TaskOpened,
        TaskClosed,
        MessageSent,
        MessageNotSent,
        MessageReplied,
        ConsentChanged,
        AlertOpened,
        AlertChanged,
        AccountChurned,
        ApiKeyChanged,
        ProviderChanged,
        WebhookChanged,
        AccountsChanged,
        ExperimentStarted,
        ExperimentStopped,
        ExperimentDecided,
        AssignmentOverridden,
        HoldoutDrawn,
        HoldoutEnded,
    )
}
