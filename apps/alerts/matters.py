"""What can be the matter: each kind of alert in words, with what tells it from others of its kind. Pure; `services` raises and settles them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from apps.accounts.models import Account
from apps.churn.models import ChurnDefinition, Prediction
from apps.churn.types import CheckKind
from apps.messaging.models import Message
from apps.milestones.models import Progress
from apps.milestones.types import Pace

from .models import RuleVersion
from .types import Severity

RISK, UNKNOWN_MESSAGE = "risk", "unknown_message"
BROKEN_MODEL, DOUBTED_MODEL, FAILED_TRAINING = "broken_model", "doubted_model", "failed_training"
WEBHOOK = "webhook"
PROVIDER = "provider"
STUCK_PLAY = "stuck_play"
MILESTONE = "milestone"
STUCK_ESCALATION = "stuck_escalation"

_URGENT_ARR = 50_000
_URGENT_RENEWAL = timedelta(days=60)


@dataclass(frozen=True)
class Matter:
    """Something that needs a person's eyes. `about` tells it from others of its kind; without an account it is about the platform itself.

    Without a severity it has its rule's. `facts` are the figures behind it, for programs and pictures.
    """

    kind: str
    about: str
    severity: Severity | None
    title: str
    why: list[str]
    account: Account | None = None
    rule_key: str = ""
    version: RuleVersion | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The key of the rule that it belongs to; what the product raises by itself has its kind's."""
        return self.rule_key or self.kind.replace("_", "-")

    @property
    def key(self) -> str:
        return key(self.kind, self.about)


def key(kind: str, about: str | int) -> str:
    """By which the same matter is found again."""
    return f"{kind}:{about}"


def risk(prediction: Prediction, *, today: date) -> Matter:
    account = prediction.account
    why = [reason["words"] for reason in prediction.reasons if reason["contribution"] > 0][:3]
    return Matter(RISK, str(account.pk), _risk_severity(account, today), f"{account.name} is likely to leave", why, account)


def _risk_severity(account: Account, today: date) -> Severity:
    """Urgent where much money or little time is left: ARR of 50,000 or more, or a renewal within 60 days."""
    soon = account.renews_on is not None and today <= account.renews_on <= today + _URGENT_RENEWAL
    return Severity.URGENT if soon or account.arr >= _URGENT_ARR else Severity.WARNING


def unknown_message(message: Message) -> Matter:
    """Nobody knows whether it arrived: a person decides, because sending again could reach the customer twice."""
    why = [message.reason or "The mail server closed the line before it answered.", "Open the message and say whether it arrived."]
    title = f"Unclear whether {message.contact} got “{message.subject}”"
    return Matter(UNKNOWN_MESSAGE, str(message.pk), Severity.WARNING, title, why, message.account)


def broken_model(version_id: int, *, name: str, problem: str) -> Matter:
    """A churn model cannot be trusted any more: scores go on by the rule until somebody trains anew or puts another version to work."""
    title = f"The churn model {name} is broken; the weighted rule scores in its place"
    why = [problem, "Train anew, or put an earlier version to work, on the churn desk."]
    return Matter(BROKEN_MODEL, str(version_id), Severity.URGENT, title, why)


def doubt(version_id: int, kind: str) -> str:
    """What a doubt is about: a version, by one kind of look at it."""
    return f"{version_id}:{kind}"


def doubted_model(version_id: int, kind: str, *, name: str, found: str) -> Matter:
    """A look back at the churn model at work found more than chance explains. It goes on scoring until something better is trained."""
    data = kind == CheckKind.DRIFT
    title = f"The data behind the churn model {name} has changed" if data else f"What the churn model {name} told does not fit what happened"
    return Matter(DOUBTED_MODEL, doubt(version_id, kind), Severity.WARNING, title, [found, "A training was asked for. See the churn desk."])


def failed_training(definition: ChurnDefinition, *, result: str) -> Matter:
    """A churn model could not learn anew: what scored before goes on, and grows old until somebody looks."""
    title = f"The churn model of {definition} could not be trained"
    why = [result, "Train again on the churn desk when the cause is gone."]
    return Matter(FAILED_TRAINING, str(definition.pk), Severity.WARNING, title, why)


def webhook(webhook_id: int, *, name: str, reason: str) -> Matter:
    """A receiver was given up and hears nothing any more until somebody mends it and switches its webhook on."""
    title = f"The webhook {name} was switched off: its receiver does not answer"
    why = [reason, "Have the receiver mended, switch the webhook on, and send again what it missed, under Configure / Webhooks."]
    return Matter(WEBHOOK, str(webhook_id), Severity.WARNING, title, why)


_PROVIDER_TITLES = {
    "rest": (
        "{} does not take messages; they wait or go to another provider",
        "Its last trouble stands under Provider health. It is tried again by itself.",
    ),
    "calls": (
        "Calls in the name of {} have a wrong signature",
        "Compare BASE_URL and the token with what the provider has: docs/messaging.md tells how.",
    ),
    "silence": ("{} takes messages and tells nothing of what became of them", "Look whether it reaches BASE_URL from outside."),
}


def provider_about(provider: str, matter: str) -> str:
    """What is the matter with which provider."""
    return f"{provider}:{matter}"


def provider(name: str, matter: str, *, words: str) -> Matter:
    """A provider of messages is ill, mistrusted or silent."""
    title, advice = _PROVIDER_TITLES[matter]
    return Matter(PROVIDER, provider_about(name, matter), Severity.URGENT, title.format(name), [words, advice])


def stuck_play(play_id: int, *, name: str, words: str) -> Matter:
    """Runs of a play should have moved and did not."""
    title = f"Runs of the play {name} do not move"
    return Matter(STUCK_PLAY, str(play_id), Severity.URGENT, title, [words, "Look whether the workers run, and at the runs under Plays."])


def milestone_about(milestone_id: int, account_id: int) -> str:
    """Whose way to what."""
    return f"{milestone_id}:{account_id}"


def milestone(progress: Progress) -> Matter:
    """An account takes longer to a milestone than most of its cohort did."""
    stuck = progress.pace == Pace.STUCK
    since = progress.stuck_at if stuck else progress.behind_at
    share = "Nine in ten" if stuck else "Three in four"
    why = [f"{progress.get_pace_display().capitalize()}: {share.lower()} of its cohort were there by {since:%-d %B %Y}." if since else share]
    why.append(f"It has {progress.have:g} of {progress.target:g}." if progress.started_at else "It has not begun.")
    about = milestone_about(progress.milestone_id, progress.account_id)
    title = f"{progress.account.name} takes long to reach “{progress.milestone.name}”"
    return Matter(MILESTONE, about, Severity.WARNING if stuck else Severity.INFO, title, why, progress.account)


def stuck_escalation(*, words: list[str]) -> Matter:
    """People should have been told of alerts and were not, or late."""
    return Matter(STUCK_ESCALATION, "ladder", Severity.URGENT, "People are told of alerts late, or not at all", words)
