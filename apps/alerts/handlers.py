from apps.churn.types import RunState
from apps.core import clock
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import (
    AccountChurned,
    ImportFinished,
    MessageNotSent,
    ModelBroken,
    ModelJudged,
    ModelPutToWork,
    RiskLowered,
    RiskRaised,
    TrainingEnded,
    WebhookChanged,
)
from apps.messaging.types import MessageState

from . import services

_ACTOR = Actor.job("alerts.handlers")


def raise_risk(event: RiskRaised, row: Event) -> None:
    services.raise_risk(account_id=event.account_id, prediction_id=event.prediction_id, actor=_ACTOR, now=clock.now(), cause=row)


def settle_risk(event: RiskLowered, row: Event) -> None:
    services.settle(account_id=event.account_id, kind="risk", actor=_ACTOR, now=clock.now(), cause=row)


def raise_unknown_message(event: MessageNotSent, row: Event) -> None:
    if event.state == MessageState.UNKNOWN:
        services.raise_unknown_message(account_id=event.account_id, message_id=event.message_id, actor=_ACTOR, now=clock.now(), cause=row)


def settle_leavers(event: AccountChurned | ImportFinished, row: Event) -> None:
    services.settle_leavers(actor=_ACTOR, now=clock.now(), cause=row)


def raise_broken_model(event: ModelBroken, row: Event) -> None:
    services.raise_broken_model(version_id=event.version_id, name=event.name, problem=event.problem, actor=_ACTOR, now=clock.now(), cause=row)


def judge_model(event: ModelJudged, row: Event) -> None:
    version, kind, now = event.version_id, event.kind, clock.now()
    if event.alarm:
        services.raise_doubted_model(version_id=version, kind=kind, name=event.name, found=event.found, actor=_ACTOR, now=now, cause=row)
    else:
        services.settle_doubt(version_id=version, kind=kind, actor=_ACTOR, now=now, cause=row)


def settle_model(event: ModelPutToWork, row: Event) -> None:
    services.settle_model(actor=_ACTOR, now=clock.now(), cause=row)


def note_training(event: TrainingEnded, row: Event) -> None:
    if event.state == RunState.FAILED:
        services.raise_failed_training(definition_id=event.definition_id, result=event.result, actor=_ACTOR, now=clock.now(), cause=row)
    elif event.state in (RunState.DONE, RunState.REFUSED):
        services.settle_training(definition_id=event.definition_id, actor=_ACTOR, now=clock.now(), cause=row)


def note_webhook(event: WebhookChanged, row: Event) -> None:
    """The platform gave a receiver up: somebody should know. Whoever switches it, or changes it, knows."""
    if event.change == "given up":
        services.raise_webhook(webhook_id=event.webhook_id, name=event.name, reason=event.reason, actor=_ACTOR, now=clock.now(), cause=row)
    elif event.change in {"switched on", "switched off"}:
        services.settle_webhook(webhook_id=event.webhook_id, actor=_ACTOR, now=clock.now(), cause=row)
