"""What the governor would say to messages that nobody wrote: for rehearsals over days that have passed. Writes nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Max

from apps.accounts.models import Contact

from . import costs, governor, policy, selectors
from .addresses import address_of
from .models import Consent, Message, ProviderEvent, Suppression
from .policy import Policy
from .types import CONTACTED, LANE_RANKS, Channel, History, HookKind, Lane, MessageState, Ruling
from .writing import words_for

_SLACK = timedelta(hours=1)
# What the reasons of the governor have in common, by how they begin or what they hold.
_KINDS = (
    ("Quiet hours", "quiet hours"),
    ("Already ", "frequency cap"),
    ("The budget", "message budget"),
    ("Too late", "too late to send"),
    ("does not want", "no consent"),
    ("must not be written to", "barred address"),
    ("has left", "the person has left"),
    ("has no ", "no address"),
    ("has not written by WhatsApp", "WhatsApp window closed"),
    ("The slot goes", "a more important message first"),
    ("Leaves in a digest", "waits for a digest"),
    ("There is no", "no words"),
    ("no reachable contact", "nobody to write to"),
    ("nobody there is", "nobody to write to"),
)


def kind_of(reason: str) -> str:
    """The reason without its names and moments, so that it can be counted."""
    return next((kind for mark, kind in _KINDS if mark in reason), reason[:80])


def draft(
    *, contact: Contact, channel: str, template_key: str, lane: str, context: dict[str, object], due_at: datetime, expires_at: datetime, now: datetime
) -> Message:
    """The message as `compose` would write it now, in no table. Refused where it could not be written."""
    template, subject, body, _ = words_for(contact=contact, channel=channel, template_key=template_key, context=context)
    return Message(
        account_id=contact.account_id,
        contact=contact,
        channel=channel,
        lane=lane,
        lane_rank=LANE_RANKS[Lane(lane)],
        topic=template.topic,
        template=template,
        locale=template.locale,
        address=address_of(contact, channel),
        subject=subject,
        body=body,
        state=MessageState.QUEUED,
        due_at=due_at,
        expires_at=expires_at,
        created_at=now,
    )


@dataclass
class Foresight:
    """The governor over days that have passed: what really reached people then counts, and what was foreseen to reach them.

    `leaving_out` are real messages that count as never written.
    """

    until: datetime
    leaving_out: Collection[int] = ()
    rules: Policy = field(default_factory=policy.current)
    _real: dict[int, list[tuple[str, datetime]]] = field(default_factory=dict)
    _foreseen: dict[int, list[tuple[str, datetime]]] = field(default_factory=lambda: defaultdict(list))
    _spent: dict[datetime, dict[str, Decimal]] = field(default_factory=dict)

    def gathers(self, message: Message) -> bool:
        return self.rules.gathers(message.channel, message.lane)

    def rule(self, message: Message, *, now: datetime) -> Ruling:
        """What would become of a message that is due; one that may leave has left, and counts from then on."""
        message.cost_estimate = costs.estimate(message, self.rules)
        spent = self._spent_before(now)
        ruling = governor.rule(message, now=now, contact=message.contact, recent=self._history(message, now), policy=self.rules, spent=spent)
        if ruling.send:
            message.state, message.sent_at, message.reason = MessageState.SENT, now, ""
            self._foreseen[message.contact_id].append((message.channel, now))
            costs.add(spent, message)
            return ruling
        message.state, message.reason = ruling.state, ruling.reason[:250]
        if ruling.move_to:
            message.channel, message.address = ruling.move_to, ""
        if ruling.hold_until is not None:
            message.due_at = ruling.hold_until
        return ruling

    def rulings(self, drafts: Collection[Message], now: datetime) -> dict[str, Ruling]:
        """What the governor would say then to drafts of one person on different channels, by channel; none of them leaves."""
        found = {}
        for message in drafts:
            message.cost_estimate = costs.estimate(message, self.rules)
            recent, spent = self._history(message, now), self._spent_before(now)
            found[message.channel] = governor.rule(message, now=now, contact=message.contact, recent=recent, policy=self.rules, spent=spent)
        return found

    def _history(self, message: Message, now: datetime) -> History:
        person = message.contact_id
        if person not in self._real:
            self._real[person] = self._reached(person)
        since = now - self.rules.longest_window - _SLACK
        contacted = [(where, at) for where, at in (*self._real[person], *self._foreseen[person]) if since < at <= now]
        words = Consent.objects.filter(contact=person, channel=message.channel, topic=message.topic, at__lte=now).order_by("-at", "-id")
        said = words.values_list("allowed", flat=True).first()
        heard = None
        if message.channel == Channel.WHATSAPP:
            inbound = ProviderEvent.objects.filter(contact=person, kind=HookKind.INBOUND, channel=Channel.WHATSAPP, received_at__lte=now)
            heard = inbound.aggregate(at=Max("received_at"))["at"]
        return History(
            allowed=said if said is not None else message.topic not in self.rules.confirmed_topics,
            suppressed=self._barred(message, now),
            contacted=tuple(contacted),
            heard_at=heard,
        )

    def _reached(self, person: int) -> list[tuple[str, datetime]]:
        rows = Message.objects.filter(contact=person, guest="", claimed_at__lte=self.until, state__in=CONTACTED).exclude(pk__in=self.leaving_out)
        return [(channel, sent_at or claimed_at) for channel, claimed_at, sent_at in rows.values_list("channel", "claimed_at", "sent_at")]

    @staticmethod
    def _barred(message: Message, now: datetime) -> str:
        if not message.address:
            return ""
        address = message.address.lower()
        known = Suppression.objects.filter(channel=message.channel, address__in=[address, selectors.fingerprint(address)], at__lte=now)
        return known.values_list("reason", flat=True).first() or ""

    def _spent_before(self, now: datetime) -> dict[str, Decimal]:
        """What the month had cost; what was really sent counts from the month's beginning, read once."""
        month = costs.month_of(now)
        if month not in self._spent:
            self._spent[month] = costs.spent_since(month, self.rules) if self.rules.budgets and month == costs.month_of(self.until) else {}
        return self._spent[month]


def in_order(messages: Iterable[Message]) -> Sequence[Message]:
    """As the claims of the channels would take what is due at one moment."""
    return sorted(messages, key=lambda message: (message.channel, message.lane_rank, message.due_at))


def rulings(drafts: Collection[Message], *, now: datetime) -> dict[str, Ruling]:
    """What the governor would say now to drafts of one person on different channels, by channel; each as if it were the only one."""
    rules = policy.current()
    found = {}
    for number, message in enumerate(drafts, 1):
        # The histories are told by key, which no draft has.
        message.pk = -number
        recent = selectors.histories([message], channel=message.channel, now=now, rules=rules)[message.pk]
        message.pk = None
        message.cost_estimate = costs.estimate(message, rules)
        found[message.channel] = governor.rule(message, now=now, contact=message.contact, recent=recent, policy=rules)
    return found
