"""Carrying out what a step asks for: a message, a task, a trait, a call. Rows only; nothing leaves the house from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts import services as accounts
from apps.accounts.models import Contact
from apps.accounts.types import AccountFacts, ContactRole
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import PlayCalled
from apps.messaging import services as messaging
from apps.messaging.types import Channel

from . import choice, entering, tasks_for_people
from .definition import AUTO, MessageStep, TaskStep, UpdateStep, WebhookStep
from .models import Enrolment
from .types import Priority

ACTOR = Actor.job("interventions.advance")
MESSAGE_LIFETIME = timedelta(hours=72)


@dataclass(frozen=True)
class Done:
    """What was done in words, the message it made, and why this and nothing else."""

    what: str
    message_id: int | None = None
    because: str = ""
    decision_id: int | None = None


def do(run: Enrolment, step: MessageStep | TaskStep | UpdateStep | WebhookStep, now: datetime, way: choice.Way) -> Done:
    """Do it for a run whose play, version, account with owner, contact, prediction and cause are loaded."""
    return _message(run, step, now, way) if isinstance(step, MessageStep) else _DO[type(step)](run, step, now)


@dataclass(frozen=True)
class Addressed:
    """To whom and on which channel a message step goes; `words` say why it goes nowhere."""

    words: str
    contact: Contact | None = None
    channel: str = ""
    why: str = ""
    due_at: datetime | None = None
    decision_id: int | None = None


def addressed(run: Enrolment, step: MessageStep, now: datetime, way: choice.Way) -> Addressed:
    """The person, channel and moment of a message step; the same for a run that is only rehearsed."""
    contact = run.contact
    label = "message" if step.channel == AUTO else f"{Channel(step.channel).label} message"
    if step.to:
        contact = entering.in_role(Contact.objects.filter(account=run.account_id), step.to, now)
        if contact is None:
            return Addressed(f"No {label}: nobody there is a {_role(step.to)} whom we can reach.")
        contact.account = run.account
    if contact is None:
        return Addressed(f"No {label}: the account has no reachable contact.")
    run_to = run
    if contact.pk != run.contact_id:
        run_to = Enrolment(
            pk=run.pk, play=run.play, account=run.account, contact=contact, version=run.version, arm=run.arm, entered_at=run.entered_at
        )
    chosen = choice.choose(run_to, step, now, way)
    if not chosen.channel:
        return Addressed(f"No message: {chosen.why}.", contact)
    return Addressed("", contact, chosen.channel, chosen.why, chosen.due_at, chosen.decision_id)


def _role(role: str) -> str:
    return str(ContactRole(role).label).lower() if role in ContactRole.values else role


def context_of(run: Enrolment) -> dict[str, Any]:
    """The play's own values for its words."""
    owner = run.account.owner
    return {"csm": {"name": str(owner) if owner else "your success team"}, "play": {"name": run.play.name}}


def due_of(run: Enrolment, step: MessageStep, due_at: datetime) -> datetime:
    """With `review_minutes` its owner may stop it before it leaves."""
    return due_at + timedelta(minutes=step.review_minutes if run.account.owner else 0)


def queued_words(channel: str, subject: str, contact: Contact) -> str:
    return f"Queued the {Channel(channel).label} “{subject}” to {contact}."[:250]


def refused_words(channel: str, refusal: Refused) -> str:
    return f"No {Channel(channel).label} message: {refusal.message}"[:250]


def _message(run: Enrolment, step: MessageStep, now: datetime, way: choice.Way) -> Done:
    to = addressed(run, step, now, way)
    if to.contact is None or not to.channel:
        return Done(to.words)
    try:
        message = messaging.compose(
            contact=to.contact,
            channel=to.channel,
            template_key=step.template,
            lane=run.says.lane,
            idem_key=f"enrolment:{run.pk}:step:{run.position}",
            context=context_of(run),
            due_at=due_of(run, step, to.due_at or now),
            expires_at=(to.due_at or now) + MESSAGE_LIFETIME,
            actor=ACTOR,
            now=now,
            cause=run.cause,
            approver=run.account.owner,
            promotion=run.says.promotion,
        )
    except Refused as refusal:
        choice.drop([to.decision_id] if to.decision_id else [])
        return Done(refused_words(to.channel, refusal), because=to.why[:250])
    return Done(queued_words(to.channel, message.subject, to.contact), message.pk, to.why[:250], to.decision_id)


def task_words(owner: object, title: str) -> str:
    """`owner` of the account; where it has none the task goes to whose turn it is."""
    return f"Gave {owner or 'whose turn it is'} the task “{title}”."[:250]


def _task(run: Enrolment, step: TaskStep, now: datetime) -> Done:
    reasons = [reason["words"] for reason in (run.prediction.reasons if run.prediction else []) if reason["contribution"] > 0]
    task = tasks_for_people.open_task(
        account=run.account,
        enrolment=run,
        title=step.title,
        why=" · ".join([*reasons[:3], f"The play “{run.play.name}” asks for it."]),
        minutes=step.minutes_needed,
        reason=step.reason,
        task_type=step.type,
        priority=step.priority if step.priority != Priority.NORMAL else None,
        escalate=True if step.escalate else None,
        due_at=now + timedelta(hours=step.due_in_hours),
        actor=ACTOR,
        now=now,
        cause=run.cause,
    )
    return Done(task_words(run.account.owner, task.title))


def update_words(step: UpdateStep) -> str:
    return f"Set {step.trait} to {step.value}."[:250]


def _update(run: Enrolment, step: UpdateStep, now: datetime) -> Done:
    source = f"play:{run.play.key}"[:60]
    said = AccountFacts(run.account.external_id, traits={step.trait: step.value}, at=now)
    brought = accounts.bring_accounts([said], source=source, actor=ACTOR, now=now)
    if brought.left:
        return Done(f"Did not set {step.trait}: {brought.left[0].reason}"[:250])
    return Done(update_words(step))


def call_words(step: WebhookStep) -> str:
    return f"Told webhooks “{step.name}”."


def _call(run: Enrolment, step: WebhookStep, now: datetime) -> Done:
    event = PlayCalled(account_id=run.account_id, enrolment_id=run.pk, play_key=run.play.key, name=step.name)
    events.publish(event, actor=ACTOR, now=now, cause=run.cause)
    return Done(call_words(step))


_DO: Mapping[type[Any], Callable[[Enrolment, Any, datetime], Done]] = {
    TaskStep: _task,
    UpdateStep: _update,
    WebhookStep: _call,
}
