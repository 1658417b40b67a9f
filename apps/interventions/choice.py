"""On which channel a message goes, to the hour, with the reason in words: what works for this customer, among what the governor allows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.experiments import selectors as experiments
from apps.experiments import services
from apps.experiments.types import Ask, Candidate, Chosen
from apps.messaging import selectors as messaging
from apps.messaging import services as letters
from apps.messaging.models import Message
from apps.messaging.services import foresight
from apps.messaging.types import LEFT, Channel, MessageState, Ruling

from .definition import AUTO, MessageStep
from .models import Enrolment

POLICY = "channel"
_ACTOR = Actor.job("interventions.choice")
# What costs least and disturbs least comes first.
ORDER = (Channel.EMAIL, Channel.IN_APP, Channel.PUSH, Channel.WHATSAPP, Channel.SMS, Channel.VOICE)
# What an answer is worth, in the currency of the contact policy: enough that a telephone call may be tried, little enough that it is not the first.
ANSWER_WORTH = 20.0
# What each message of the last seven days on a channel takes away from the next one there.
_WEARINESS = 1.0
_A_WEEK = timedelta(days=7)
# A channel that may be used so soon only is no channel for now.
_SOON = timedelta(hours=24)
# So long the best hour may be waited for.
_PATIENCE = timedelta(hours=47)

Rulings = Callable[[Sequence[Message], datetime], Mapping[str, Ruling]]


@dataclass(frozen=True)
class Choice:
    """`channel` is empty where none reaches the person; `why` says so, and why this one."""

    channel: str
    why: str
    due_at: datetime
    decision_id: int | None = None


@dataclass(frozen=True)
class Way:
    """How to choose: `learned` by what worked, or in the fixed order; `rehearsed` stores nothing and asks another governor."""

    learned: bool = False
    rehearsed: Rulings | None = None


def choose(run: Enrolment, step: MessageStep, now: datetime, way: Way) -> Choice:
    """The named channel, or one of those that have words for this step and reach this person; and the best hour where the step wants it."""
    assert run.contact is not None
    if step.channel != AUTO:
        return _at_its_hour(Choice(step.channel, "", now), run.contact, step, now)
    candidates = _candidates(run, run.contact, step, now, way)
    chosen = _decided(run, run.contact, step, candidates, now, way)
    if not chosen.arm:
        return Choice("", "no channel with words for this step reaches them", now)
    return _at_its_hour(Choice(chosen.arm, chosen.words, now, None if way.rehearsed else chosen.decision_id), run.contact, step, now)


def _candidates(run: Enrolment, contact: Contact, step: MessageStep, now: datetime, way: Way) -> list[Candidate]:
    """Every channel of the step in the fixed order; those that cannot be used now say why."""
    open_ones = messaging.reaches(contact, template_key=step.template, now=now)
    named = step.channels or [channel.value for channel in ORDER]
    drafts = []
    for channel in named:
        if channel in open_ones:
            try:
                drafts.append(_draft(run, contact, channel, step, now))
            except Refused:
                open_ones.discard(channel)
    ruled = (way.rehearsed or _present)(drafts, now)
    drafted = {draft.channel: draft for draft in drafts}
    own = _own(contact, now)
    found = []
    for channel in named:
        why_not = _obstacle(ruled[channel], now) if channel in ruled else "no address, no consent or no words"
        tries, answers, lately = own.get(channel, (0, 0, 0))
        cost = float(drafted[channel].cost_estimate or 0) if channel in drafted else 0.0
        found.append(
            Candidate(
                arm=channel,
                allowed=not why_not,
                why_not=why_not,
                value=ANSWER_WORTH,
                cost=cost,
                fatigue=_WEARINESS * lately,
                own_successes=answers,
                own_tries=tries,
            )
        )
    return found


def _draft(run: Enrolment, contact: Contact, channel: str, step: MessageStep, now: datetime) -> Message:
    from . import effects  # noqa: PLC0415 (words of a message; effects choose by this module)

    return foresight.draft(
        contact=contact,
        channel=channel,
        template_key=step.template,
        lane=run.says.lane,
        context=effects.context_of(run),
        due_at=now,
        expires_at=now + effects.MESSAGE_LIFETIME,
        now=now,
    )


def _present(drafts: Sequence[Message], now: datetime) -> Mapping[str, Ruling]:
    return foresight.rulings(drafts, now=now)


def _obstacle(ruling: Ruling, now: datetime) -> str:
    """Why the governor would not let it leave within a day, or nothing."""
    if ruling.state in (MessageState.SUPPRESSED, MessageState.EXPIRED):
        return ruling.reason
    if ruling.hold_until is not None and ruling.hold_until > now + _SOON:
        return ruling.reason
    return ""


def _own(contact: Contact, now: datetime) -> dict[str, tuple[int, int, int]]:
    """By channel: messages that reached this person, how many they answered, and how many came in the last seven days."""
    sent = Message.objects.filter(contact=contact, guest="", state__in=LEFT, sent_at__lte=now).order_by().values("channel")
    rows = sent.annotate(
        tries=Count("pk"), answers=Count("pk", filter=Q(replied_at__lte=now)), lately=Count("pk", filter=Q(sent_at__gt=now - _A_WEEK))
    )
    return {row["channel"]: (row["tries"], row["answers"], row["lately"]) for row in rows}


def _decided(run: Enrolment, contact: Contact, step: MessageStep, candidates: Sequence[Candidate], now: datetime, way: Way) -> Chosen:
    """The key names the run by what a rehearsal knows of it too, so that both draw the same."""
    key = f"{run.play.key[:40]}:{run.account_id}:{int(run.entered_at.timestamp())}:{step.id}"
    ask = Ask(key, run.account_id, tuple(candidates), run.account.tier or run.account.segment, str(run.says.lane), contact.pk)
    if way.rehearsed:
        return experiments.foreseen_choice(POLICY, ask, now=now, fixed=not way.learned)
    return services.choose_many(POLICY, asks=[ask], now=now, actor=_ACTOR, fixed=not way.learned)[key]


def _at_its_hour(choice: Choice, contact: Contact, step: MessageStep, now: datetime) -> Choice:
    if step.hour != "best":
        return choice
    allowed = messaging.allowed_hours(choice.channel)
    found = experiments.best_moment(contact, earliest=now, latest=now + _PATIENCE, allowed=allowed, now=now)
    if found is None:
        return choice
    return Choice(choice.channel, " · ".join(filter(None, (choice.why, found.words))), found.at, choice.decision_id)


def choose_many(asked: Mapping[str, tuple[Contact, Sequence[str]]], *, lane: str, learned: bool, now: datetime) -> dict[str, str]:
    """By key the channel on which what is no play writes to a person, among those where it may: by what plays learned too."""
    tried = _own_of([contact.pk for contact, _ in asked.values()], now)
    asks, rules = [], letters.current_policy()
    for key, (contact, channels) in asked.items():
        prices = letters.prices_to(contact, channels, rules)
        found = []
        for channel in channels:
            tries, answers, lately = tried.get((contact.pk, channel), (0, 0, 0))
            found.append(
                Candidate(
                    arm=channel,
                    allowed=True,
                    value=ANSWER_WORTH,
                    cost=float(prices.get(channel, 0)),
                    fatigue=_WEARINESS * lately,
                    own_successes=answers,
                    own_tries=tries,
                )
            )
        asks.append(Ask(key, contact.account_id, tuple(found), contact.account.tier or contact.account.segment, lane, contact.pk))
    chosen = services.choose_many(POLICY, asks=asks, now=now, actor=_ACTOR, fixed=not learned)
    return {key: chosen[key].arm for key in asked}


def _own_of(people: Sequence[int], now: datetime) -> dict[tuple[int, str], tuple[int, int, int]]:
    sent = Message.objects.filter(contact__in=people, state__in=LEFT, sent_at__lte=now).order_by().values("contact_id", "channel")
    rows = sent.annotate(
        tries=Count("pk"), answers=Count("pk", filter=Q(replied_at__lte=now)), lately=Count("pk", filter=Q(sent_at__gt=now - _A_WEEK))
    )
    return {(row["contact_id"], row["channel"]): (row["tries"], row["answers"], row["lately"]) for row in rows}


def note_answer(decision_ids: Sequence[int], *, at: datetime) -> None:
    """The customer answered what was chosen: the policy learns from it."""
    for key in decision_ids:
        services.settle(key, success=True, at=at)


def drop(decision_ids: Sequence[int]) -> None:
    """What was chosen never reached anybody, so nothing is learned from it."""
    services.drop(decision_ids)
