from apps.churn.models import ChurnDefinition
from apps.churn.types import RunState
from apps.core import clock
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import (
    AccountChurned,
    AccountEvent,
    AlertJudged,
    DomainEvent,
    ImportFinished,
    MessageNotSent,
    MessageSent,
    MilestoneAchieved,
    MilestonePaceChanged,
    ModelBroken,
    ModelJudged,
    ModelPutToWork,
    PlayStuck,
    ProviderChanged,
    RiskLowered,
    RiskRaised,
    TrainingEnded,
    WebhookChanged,
)
from apps.messaging.types import MessageState
from apps.milestones.models import Progress
from apps.milestones.types import Pace, ProgressState

from . import matters, services
from .models import Alert
from .rules import early, writing

_ACTOR = Actor.job("alerts.handlers")


def raise_risk(event: RiskRaised, row: Event) -> None:
    services.raise_risk(account_id=event.account_id, prediction_id=event.prediction_id, actor=_ACTOR, now=clock.now(), cause=row)


def settle_risk(event: RiskLowered, row: Event) -> None:
    services.settle(matters.RISK, event.account_id, actor=_ACTOR, now=clock.now(), cause=row)


def raise_unknown_message(event: MessageNotSent, row: Event) -> None:
    if event.state == MessageState.UNKNOWN:
        services.raise_unknown_message(account_id=event.account_id, message_id=event.message_id, actor=_ACTOR, now=clock.now(), cause=row)


def settle_message(event: MessageSent, row: Event) -> None:
    """It did arrive: the provider said so later, or a person found out."""
    services.settle(matters.UNKNOWN_MESSAGE, event.message_id, actor=_ACTOR, now=clock.now(), cause=row)


def note_provider(event: ProviderChanged, row: Event) -> None:
    if event.ill:
        services.open_alert(matters.provider(event.provider, event.matter, words=event.words), actor=_ACTOR, now=clock.now(), cause=row)
    else:
        services.settle(matters.PROVIDER, matters.provider_about(event.provider, event.matter), actor=_ACTOR, now=clock.now(), cause=row)


def settle_leavers(event: AccountChurned | ImportFinished, row: Event) -> None:
    services.settle_leavers(actor=_ACTOR, now=clock.now(), cause=row)


def raise_broken_model(event: ModelBroken, row: Event) -> None:
    matter = matters.broken_model(event.version_id, name=event.name, problem=event.problem)
    services.open_alert(matter, actor=_ACTOR, now=clock.now(), cause=row)


def judge_model(event: ModelJudged, row: Event) -> None:
    """A look at a model found something off, or a later one found nothing off any more."""
    if event.alarm:
        matter = matters.doubted_model(event.version_id, event.kind, name=event.name, found=event.found)
        services.open_alert(matter, actor=_ACTOR, now=clock.now(), cause=row)
    else:
        services.settle(matters.DOUBTED_MODEL, matters.doubt(event.version_id, event.kind), actor=_ACTOR, now=clock.now(), cause=row)


def settle_model(event: ModelPutToWork, row: Event) -> None:
    """Another version is at work, so nobody needs to look at the one before."""
    services.settle_every(matters.BROKEN_MODEL, matters.DOUBTED_MODEL, actor=_ACTOR, now=clock.now(), cause=row)


def note_training(event: TrainingEnded, row: Event) -> None:
    """A failed training needs eyes; one that came to its end makes the failed one history."""
    if event.state == RunState.FAILED:
        definition = ChurnDefinition.objects.get(pk=event.definition_id)
        services.open_alert(matters.failed_training(definition, result=event.result), actor=_ACTOR, now=clock.now(), cause=row)
    elif event.state in (RunState.DONE, RunState.REFUSED):
        services.settle(matters.FAILED_TRAINING, event.definition_id, actor=_ACTOR, now=clock.now(), cause=row)


def note_webhook(event: WebhookChanged, row: Event) -> None:
    """The platform gave a receiver up: somebody should know. Whoever switches it, or changes it, knows."""
    if event.change == "given up":
        matter = matters.webhook(event.webhook_id, name=event.name, reason=event.reason)
        services.open_alert(matter, actor=_ACTOR, now=clock.now(), cause=row)
    elif event.change in {"switched on", "switched off"}:
        services.settle(matters.WEBHOOK, event.webhook_id, actor=_ACTOR, now=clock.now(), cause=row)


def note_stuck_play(event: PlayStuck, row: Event) -> None:
    """Runs that should have moved need eyes until they move."""
    if event.stuck:
        services.open_alert(matters.stuck_play(event.play_id, name=event.key, words=event.words), actor=_ACTOR, now=clock.now(), cause=row)
    else:
        services.settle(matters.STUCK_PLAY, event.play_id, actor=_ACTOR, now=clock.now(), cause=row)


def note_pace(event: MilestonePaceChanged, row: Event) -> None:
    """Behind and stuck are one matter per account and milestone; whoever moved on needs nobody's eyes. The present state counts, not the event's."""
    progress = Progress.objects.select_related("account", "milestone").filter(pk=event.progress_id).first()
    if progress is not None and progress.state == ProgressState.OPEN and progress.pace != Pace.ON_TRACK:
        services.open_alert(matters.milestone(progress), actor=_ACTOR, now=clock.now(), cause=row)
    else:
        _settle_milestone(event.milestone_id, event.account_id, row)


def settle_milestone(event: MilestoneAchieved, row: Event) -> None:
    _settle_milestone(event.milestone_id, event.account_id, row)


def _settle_milestone(milestone_id: int, account_id: int, row: Event) -> None:
    services.settle(matters.MILESTONE, matters.milestone_about(milestone_id, account_id), actor=_ACTOR, now=clock.now(), cause=row)


def mark_changed(event: DomainEvent, row: Event) -> None:
    """Something new is known of these accounts: every rule that may care looks at them at once."""
    accounts = [event.account_id] if isinstance(event, AccountEvent) else list(getattr(event, "account_ids", ()))
    early.mark(accounts, now=clock.now())


def tune(event: AlertJudged, row: Event) -> None:
    """A rule that tunes itself hears what people say of its alerts."""
    alert = Alert.objects.select_related("rule").filter(pk=event.alert_id, rule__isnull=False).first()
    if alert is not None and alert.rule is not None and event.useful is not None:
        writing.tuned(alert.rule, useful=event.useful, now=clock.now())
