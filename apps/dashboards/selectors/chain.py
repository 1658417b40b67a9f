"""Why did, or didn't, they get it: a message as a chain of causes, oldest first, each with the record behind it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from apps.accounts.models import Contact, User
from apps.core.reading import Reading
from apps.interventions.models import StepRecord
from apps.messaging.models import Consent, Decision, Message, MessageAttempt, ProviderEvent, Suppression
from apps.messaging.types import DEAD, WAITING, Channel, HookKind, MessageState, Outcome

from .feed import event_words

TONES: dict[str, str] = {
    MessageState.SENT: "good",
    MessageState.DELIVERED: "good",
    MessageState.REPLIED: "good",
    MessageState.SENDING: "info",
    MessageState.QUEUED: "info",
    MessageState.HELD: "warn",
    MessageState.SUPPRESSED: "warn",
    MessageState.EXPIRED: "warn",
    MessageState.RETURNED: "bad",
    MessageState.FAILED: "bad",
    MessageState.UNKNOWN: "bad",
}
ICONS: dict[str, str] = {
    Channel.EMAIL: "mail",
    Channel.IN_APP: "chat_bubble",
    Channel.SMS: "sms",
    Channel.WHATSAPP: "forum",
    Channel.VOICE: "call",
    Channel.PUSH: "notifications",
}
_STEPS: dict[str, tuple[str, str]] = {
    MessageState.QUEUED: ("Planned", "event"),
    MessageState.HELD: ("Held by the governor", "pause_circle"),
    MessageState.SENDING: ("Chosen to leave now", "outbox"),
    MessageState.SENT: ("Sent", "send"),
    MessageState.DELIVERED: ("Arrived", "check_circle"),
    MessageState.REPLIED: ("Answered", "reply"),
    MessageState.RETURNED: ("Came back", "undo"),
    MessageState.SUPPRESSED: ("Not sent", "block"),
    MessageState.FAILED: ("Given up", "error"),
    MessageState.UNKNOWN: ("Nobody knows whether it arrived", "help"),
    MessageState.EXPIRED: ("Too late to send", "timer_off"),
    MessageState.CANCELLED: ("Taken back", "cancel"),
}
_JOBS = {
    "messaging.dispatch": "the governor",
    "messaging.reconcile": "the reconciler",
    "messaging.statuses": "the provider's word",
    "interventions.advance": "the play",
}
# More than this of one page's messages is no story any more; the newest are kept.
_MOST = 800


@dataclass(frozen=True)
class Step:
    """One cause or consequence. `gap` is how many seconds after the step before it; `again` how often the same was decided in a row."""

    at: datetime
    title: str
    icon: str
    tone: str = "calm"
    detail: str = ""
    url: str = ""
    who: str = ""
    again: int = 1
    last_at: datetime | None = None
    rank: int = 0
    ahead: bool = False
    gap: float = 0.0


@dataclass(frozen=True)
class Story:
    """One message with its verdict in a sentence and its chain."""

    message: Message
    tone: str
    icon: str
    verdict: str
    steps: tuple[Step, ...]
    opened: bool = False

    @property
    def waits(self) -> bool:
        return self.message.state in WAITING

    @property
    def dead(self) -> bool:
        return self.message.state in DEAD

    @property
    def doubtful(self) -> bool:
        return self.message.state == MessageState.UNKNOWN


@dataclass
class _Found:
    """Everything known of one message."""

    decisions: list[Decision] = field(default_factory=list)
    attempts: list[MessageAttempt] = field(default_factory=list)
    told: list[ProviderEvent] = field(default_factory=list)
    plays: list[StepRecord] = field(default_factory=list)


def stories(contact: Contact, messages: Sequence[Message], *, now: datetime, opened: int) -> Reading[list[Story]]:
    """The chains of these messages of one contact (template and cause loaded), in two statements."""
    ids = [message.pk for message in messages]
    decisions = Decision.objects.filter(message__in=ids).order_by("-id")[:_MOST]
    attempts = MessageAttempt.objects.filter(message__in=ids).order_by("-id")[:_MOST]
    told = ProviderEvent.objects.filter(message__in=ids).defer("raw").order_by("-id")[:_MOST]
    plays = StepRecord.objects.filter(message__in=ids).select_related("enrolment__play", "enrolment__version").order_by("id")
    words = Consent.objects.filter(contact=contact, allowed=False).order_by("-at", "-id")[:_MOST]
    addresses = {message.address.lower() for message in messages if message.address} | {contact.email.lower(), contact.phone} - {""}
    barred = Suppression.objects.filter(address__in=addresses)
    yield decisions, attempts, told, plays, words, barred
    numbers = {int(row.actor.removeprefix("user:")) for row in decisions if row.actor.startswith("user:") and row.actor[5:].isdigit()}
    people = User.objects.filter(pk__in=numbers)
    yield people
    names = {f"user:{person.pk}": str(person) for person in people}
    found: dict[int, _Found] = defaultdict(_Found)
    for row in reversed(list(decisions)):
        found[row.message_id].decisions.append(row)
    for attempt in reversed(list(attempts)):
        found[attempt.message_id].attempts.append(attempt)
    for event in reversed(list(told)):
        found[event.message_id or 0].told.append(event)
    for record in plays:
        found[record.message_id or 0].plays.append(record)

    def who(actor: str) -> str:
        kind, _, key = actor.partition(":")
        if kind == "job":
            return _JOBS.get(key, key)
        return names.get(actor) or (str(contact) if actor == f"contact:{contact.pk}" else key if kind in {"source", "key"} else actor)

    return [_story(message, found[message.pk], list(words), list(barred), who, now, opened) for message in messages]


def _story(
    message: Message, found: _Found, words: list[Consent], barred: list[Suppression], who: Callable[[str], str], now: datetime, opened: int
) -> Story:
    steps = [*_causes(message, found, who), *_log(message, found, who), *_tries(found), *_answers(found), *_noes(message, words, barred)]
    if message.read_at:
        steps.append(Step(message.read_at, "Read", "visibility", "good", rank=6))
    if message.state in WAITING and message.due_at > now:
        last = "asked again" if message.state == MessageState.HELD else "planned to leave"
        steps.append(
            Step(message.due_at, f"Next: {last}", "schedule", ahead=True, detail=f"Worth sending until {message.expires_at:%-d %b %H:%M} UTC.")
        )
    steps.sort(key=lambda step: (step.ahead, step.at, step.rank))
    told = [replace(step, gap=(step.at - before.at).total_seconds()) for before, step in zip(steps, steps[1:], strict=False)]
    tone = TONES.get(message.state, "calm")
    return Story(message, tone, ICONS.get(message.channel, "mail"), _verdict(message), (*steps[:1], *told), message.pk == opened)


def _causes(message: Message, found: _Found, who: Callable[[str], str]) -> list[Step]:
    steps = []
    if cause := message.cause:
        icon, tone, words = event_words(cause, {record.enrolment.play.key: record.enrolment.play.name for record in found.plays})
        steps.append(Step(cause.at, words, icon, tone, url=f"/admin/events/event/{cause.pk}/change/", who=who(cause.actor), rank=-4))
    for record in found.plays:
        run = record.enrolment
        detail = f"Step {record.position + 1} of {len(run.says.steps)}: {record.what}"
        url = f"/admin/interventions/enrolment/{run.pk}/change/"
        steps.append(
            Step(min(record.at, message.created_at), f"The play “{run.play.name}” wrote it", "account_tree", detail=detail, url=url, rank=-3)
        )
    return steps


def _log(message: Message, found: _Found, who: Callable[[str], str]) -> list[Step]:
    """The decisions; what an attempt tells in more detail is left to it."""
    tried = {attempt.number for attempt in found.attempts}
    taken = {attempt.number for attempt in found.attempts if attempt.outcome == Outcome.OK}
    steps = []
    if not found.decisions or found.decisions[0].state != MessageState.QUEUED or found.decisions[0].attempt:
        steps.append(_written(message, message.created_at, ""))
        if not found.decisions:
            steps += _before_the_log(message, taken)
    for row in found.decisions:
        if row.state == MessageState.SENDING and row.attempt in tried:
            continue
        if row.state == MessageState.SENT and row.attempt in taken and not row.reason:
            continue
        if row is found.decisions[0] and row.state == MessageState.QUEUED and not row.attempt:
            steps.append(_written(message, row.at, who(row.actor)))
            continue
        title, icon = _STEPS[MessageState(row.state)]
        if row.state == MessageState.QUEUED:
            title, icon = "Put back into the queue", "restart_alt"
        tone, again = TONES.get(row.state, "calm"), row.times
        steps.append(Step(row.at, title, icon, tone, row.reason, "", who(row.actor), again, row.last_at if again > 1 else None, rank=_rank(row)))
    return steps


def _rank(row: Decision) -> int:
    """Among what happened at the same moment: planned, chosen, tried, told, decided."""
    return 0 if row.state == MessageState.QUEUED and not row.attempt else 1 if row.state in {MessageState.HELD, MessageState.SENDING} else 5


def _written(message: Message, at: datetime, by: str) -> Step:
    due = (
        f", to leave {message.due_at:%-d %b %H:%M} UTC"
        if message.due_at > at and not message.claimed_at and message.state == MessageState.QUEUED
        else ""
    )
    template = message.template
    detail = f"“{template.key}” {template.get_channel_display()} version {template.version}" if template else "Written without a template"
    url = f"/admin/messaging/template/{template.pk}/change/" if template else ""
    return Step(at, f"Written for the {message.get_lane_display()} lane{due}", "edit_note", detail=detail, url=url, who=by, rank=-2)


def _before_the_log(message: Message, taken: set[int]) -> list[Step]:
    """Messages from before decisions were written down tell what their own row still knows."""
    title, icon = _STEPS[MessageState(message.state)]
    at = message.delivered_at or message.replied_at or message.sent_at or message.claimed_at or message.created_at
    if message.state == MessageState.QUEUED or (message.state == MessageState.SENT and taken):
        return []
    return [Step(at, title, icon, TONES.get(message.state, "calm"), message.reason or "Decided before decisions were written down.", rank=5)]


def _tries(found: _Found) -> list[Step]:
    steps, before = [], ""
    for attempt in found.attempts:
        moved = f"Moved to another provider. {attempt.provider}" if before and attempt.provider != before else f"{attempt.provider or 'The provider'}"
        words = {
            Outcome.OK: ("took it", "send", "good"),
            Outcome.REFUSED: ("refused it", "error", "bad"),
            Outcome.AMBIGUOUS: ("gave no clear answer", "help", "bad"),
        }.get(Outcome(attempt.outcome) if attempt.outcome else Outcome.AMBIGUOUS, ("", "help", "bad"))
        said = words if attempt.outcome else ("is being asked", "outbox", "info")
        took = f"{(attempt.ended_at - attempt.started_at).total_seconds():.1f} s" if attempt.ended_at else ""
        detail = " · ".join(part for part in (attempt.code, attempt.detail[:400], took) if part)
        url = f"/admin/messaging/messageattempt/{attempt.pk}/change/"
        steps.append(Step(attempt.started_at, f"{moved} {said[0]}", said[1], said[2], detail, url, f"attempt {attempt.number}", rank=2))
        before = attempt.provider or before
    return steps


def _answers(found: _Found) -> list[Step]:
    steps = []
    for event in found.told:
        url = f"/admin/messaging/providerevent/{event.pk}/change/"
        if event.kind == HookKind.STATUS:
            steps.append(
                Step(event.received_at, f"{event.provider} told: {event.get_told_display()}", "cell_tower", "calm", event.detail, url, rank=3)
            )
        else:
            title = "They wrote" if event.kind == HookKind.INBOUND else "They pressed a key"
            steps.append(Step(event.received_at, title, "reply", "good", event.detail, url, rank=3))
    return steps


def _noes(message: Message, words: list[Consent], barred: list[Suppression]) -> list[Step]:
    """The no behind a message that was not sent."""
    if message.state != MessageState.SUPPRESSED:
        return []
    steps = []
    said = next((row for row in words if (row.channel, row.topic) == (message.channel, message.topic)), None)
    if said:
        title = f"They said no to “{said.topic}” by {said.get_channel_display()}"
        steps.append(Step(said.at, title, "do_not_disturb_on", "warn", said.source, f"/admin/messaging/consent/{said.pk}/change/", rank=-5))
    for bar in barred:
        if (bar.channel, bar.address) == (message.channel, message.address.lower()):
            url = f"/admin/messaging/suppression/{bar.pk}/change/"
            steps.append(Step(bar.at, "The address was barred", "block", "warn", bar.reason, url, rank=-5))
    return steps


def _verdict(message: Message) -> str:
    reason = message.reason.rstrip(".")
    match MessageState(message.state):
        case MessageState.QUEUED:
            return f"Not yet: it waits to leave. {message.reason}".strip()
        case MessageState.HELD:
            return f"Not yet: {reason}."
        case MessageState.SENDING:
            return "It is leaving right now."
        case MessageState.SENT:
            return "Yes, as far as anybody can tell: it was taken, and nothing came back."
        case MessageState.DELIVERED:
            return "Yes: it arrived" + (" and was read." if message.read_at else ".")
        case MessageState.REPLIED:
            return "Yes: they answered."
        case MessageState.RETURNED:
            return f"No: {reason[:1].lower()}{reason[1:]}." if reason else "No: it came back."
        case MessageState.UNKNOWN:
            return f"Nobody knows. {message.reason}".strip()
        case MessageState.CANCELLED:
            return f"No: it was taken back. {message.reason}".strip()
        case _:
            return f"No: {reason}." if reason else f"No: {message.get_state_display()}."
