"""The life of an ask. One function moves its state; a message leaves only after everything was looked at once more."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AskChanged
from apps.messaging import selectors as messages
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import Channel, Lane, MessageState

from ..models import Ask, AskRules, Moment
from ..moments.stops import stops_of, tired_of
from ..types import ASK_MOVES, AskKind, AskState, MomentState
from .owing import owed_by, record_favour
from .tokens import ask_token

_BY = (Channel.EMAIL, Channel.IN_APP)
# An ask that did not leave in three days would arrive out of season.
_LIFE = timedelta(days=3)


def propose(*, moment: Moment, actor: Actor, now: datetime, rules: AskRules, event: Event | None = None) -> Ask | None:
    """Put a found moment before a person, or ask at once where rules say so. None where the person is being asked something already."""
    try:
        with transaction.atomic():
            ask = Ask.objects.create(
                account_id=moment.account_id,
                contact_id=moment.contact_id,
                moment=moment,
                kind=moment.kind,
                proposed_at=now,
                expires_at=moment.expires_at,
                cause=event,
            )
    except IntegrityError:
        return None
    _tell(ask, actor=actor, now=now, event=event)
    if rules.automatic:
        try:
            with transaction.atomic():
                send(ask=ask, actor=actor, now=now, rules=rules)
        except Refused as refusal:
            Ask.objects.filter(pk=ask.pk).update(closed_why=refusal.message[:250])
    return ask


def ask_by_hand(*, contact: Contact, kind: str, purpose: str, actor: Actor, now: datetime, rules: AskRules) -> Ask:
    """Staff ask without a moment; everything that speaks against it still does."""
    if kind not in AskKind.values:
        raise Refused("unknown_kind", f"Ask for one of {', '.join(AskKind.values)}.")
    if why := why_not(contact, kind, now=now, rules=rules):
        raise Refused("may_not_ask", why)
    try:
        with transaction.atomic():
            until = now + timedelta(days=rules.moment_days)
            ask = Ask.objects.create(
                account_id=contact.account_id, contact=contact, kind=kind, purpose=purpose[:250], proposed_at=now, expires_at=until
            )
            _tell(ask, actor=actor, now=now)
    except IntegrityError as error:
        raise Refused("ask_open", f"{contact} is being asked for something already.") from error
    return ask


def why_not(contact: Contact, kind: str, *, now: datetime, rules: AskRules, but: int | None = None) -> str:
    """What speaks against asking this person for this now, in words; empty where nothing does. Asked at the moment of sending."""
    stops = stops_of([contact.account_id], now=now, rules=rules).get(contact.account_id, [])
    if stops:
        return " ".join(stops)
    if kind == AskKind.REVIEW and not rules.review_url:
        return "Nobody said where reviews are written."
    owed = owed_by([contact.pk]).get(contact.pk, 0)
    if kind in (AskKind.REFERENCE, AskKind.CASE) and owed >= rules.most_owed:
        return f"We owe them thanks for {owed} favours; thank them first."
    if why := tired_of([contact.pk], now=now, rules=rules, but=but).get((contact.pk, kind), ""):
        return why
    today = Ask.objects.filter(asked_at__gt=now - timedelta(days=1)).count()
    return f"{today} asks left in the last day, and {rules.per_day} is the most." if today >= rules.per_day else ""


def send(*, ask: Ask, actor: Actor, now: datetime, rules: AskRules) -> Ask:
    """Let a proposed ask leave through the governor, on the first channel that reaches them. Refused where anything speaks against it by now."""
    with transaction.atomic():
        row = Ask.objects.select_for_update(of=("self",)).select_related("contact__account", "moment").get(pk=ask.pk)
        if row.state != AskState.PROPOSED or row.expires_at <= now:
            raise Refused("ask_over", f"This ask is {row.get_state_display()}; only a proposed one can leave.")
        if why := why_not(row.contact, row.kind, now=now, rules=rules, but=row.pk):
            raise Refused("may_not_ask", why)
        key = f"community-ask-{row.kind}"
        reached = messages.reaches(row.contact, template_key=key, now=now)
        channel = next((one for one in _BY if one in reached), None)
        if channel is None:
            raise Refused("unreachable", f"{row.contact} cannot be reached: no address, or a no to every channel.")
        link = f"{settings.BASE_URL.rstrip('/')}{reverse('ask', args=[ask_token(row)])}"
        row.message = messaging.compose(
            contact=row.contact,
            channel=channel,
            template_key=key,
            lane=Lane.NURTURE,
            idem_key=f"ask:{row.pk}",
            context={"ask": {"link": link, "purpose": row.purpose}},
            due_at=now,
            expires_at=now + _LIFE,
            actor=actor,
            now=now,
            cause=row.cause,
        )
        row.save(update_fields=["message"])
        move(row, AskState.ASKED, actor=actor, now=now, asked_at=now, asked_by=str(actor)[:120], expires_at=now + timedelta(days=rules.ask_days))
        if row.moment_id:
            Moment.objects.filter(pk=row.moment_id, closed_at=None).update(state=MomentState.ASKED, closed_at=now)
    return row


def answer(*, ask: Ask, agreed: bool, actor: Actor, now: datetime) -> bool:
    """Their word; a no after a yes counts too. True when it changed anything."""
    with transaction.atomic():
        row = Ask.objects.select_for_update(of=("self",)).get(pk=ask.pk)
        to = AskState.AGREED if agreed else AskState.DECLINED
        if row.state == to:
            return False
        return move(row, to, actor=actor, now=now, answered_at=now)


def finish(*, ask: Ask, actor: Actor, now: datetime) -> Ask:
    """They did it: that is a favour, for which we owe them thanks."""
    with transaction.atomic():
        row = Ask.objects.select_for_update(of=("self",)).select_related("account", "contact").get(pk=ask.pk)
        if not move(row, AskState.DONE, actor=actor, now=now, done_at=now, answered_at=row.answered_at or now):
            raise Refused("ask_over", f"This ask is {row.get_state_display()}.")
        record_favour(account=row.account, contact=row.contact, kind=row.kind, key=f"ask:{row.pk}", at=now, source="ask", actor=actor, now=now)
    return row


def call_off(*, ask: Ask, why: str, actor: Actor, now: datetime) -> bool:
    """Not now: what has not left is taken back; what has left runs on, since nobody can be un-asked."""
    with transaction.atomic():
        row = Ask.objects.select_for_update(of=("self",)).get(pk=ask.pk)
        if row.state == AskState.ASKED:
            messaging.cancel_waiting(message_ids=[row.message_id or 0], reason=why, actor=actor, now=now)
            if not Message.objects.filter(pk=row.message_id or 0, state=MessageState.CANCELLED).exists():
                return False
            # It never left, so nobody was asked: it does not count against the next time.
            return move(row, AskState.EXPIRED, actor=actor, now=now, closed_why=why[:250], asked_at=None, asked_by="")
        return row.state == AskState.PROPOSED and move(row, AskState.EXPIRED, actor=actor, now=now, closed_why=why[:250])


def note_not_sent(*, message_id: int, reason: str, actor: Actor, now: datetime) -> bool:
    """The governor kept the message, or nobody could carry it: nobody was asked."""
    with transaction.atomic():
        row = Ask.objects.select_for_update(of=("self",)).filter(message=message_id, state=AskState.ASKED).first()
        return row is not None and move(row, AskState.EXPIRED, actor=actor, now=now, closed_why=reason[:250], asked_at=None, asked_by="")


def expire(*, now: datetime, actor: Actor) -> int:
    """Asks that nobody sent, or nobody answered, in time."""
    over = Ask.objects.filter(state__in=[AskState.PROPOSED, AskState.ASKED], expires_at__lte=now)
    done = 0
    with transaction.atomic():
        for row in over.select_for_update(of=("self",), skip_locked=True)[:1000]:
            why = "Nobody sent it in time." if row.state == AskState.PROPOSED else "Nobody answered in time."
            done += move(row, AskState.EXPIRED, actor=actor, now=now, closed_why=why)
    return done


def move(ask: Ask, to: AskState, *, actor: Actor, now: datetime, **values: object) -> bool:
    """The one writer of an ask's state."""
    froms = [state for state, targets in ASK_MOVES.items() if to in targets]
    if not Ask.objects.filter(pk=ask.pk, state__in=froms).update(state=to, **values):
        return False
    for name, value in {"state": to, **values}.items():
        setattr(ask, name, value)
    _tell(ask, actor=actor, now=now, event=ask.cause)
    return True


def _tell(ask: Ask, *, actor: Actor, now: datetime, event: Event | None = None) -> None:
    said = AskChanged(account_id=ask.account_id, ask_id=ask.pk, contact_id=ask.contact_id, kind=ask.kind, state=ask.state)
    events.publish(said, actor=actor, now=now, cause=event)
