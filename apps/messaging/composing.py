"""Many messages at once, with the same guarantees as one: the same cause never makes a second, each has its first decision, digests gather.

A batch costs a fixed number of statements, whatever its size.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.events.models import Event

from . import costs, digests, locales, policy, rendering, templates
from .addresses import address_of
from .models import Message, Template
from .states import begin_all
from .types import LANE_RANKS, Channel, Lane, MessageState


@dataclass(frozen=True)
class Letter:
    """One message to be; the contact's account and its owner are loaded."""

    contact: Contact
    channel: str
    template_key: str
    idem_key: str
    due_at: datetime
    expires_at: datetime
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Composed:
    """By idem_key: the messages (ids) that stand now, and why others could not be written; `too_dear` those that the money did not
    last for.."""

    messages: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    too_dear: set[str] = field(default_factory=set)


def compose_many(
    letters: Collection[Letter],
    *,
    lane: str,
    actor: Actor,
    now: datetime,
    cause: Event | None = None,
    digest: str = "",
    promotion: bool = False,
    series: str = "",
    money: Decimal | None = None,
) -> Composed:
    """Write and queue them all; what was written before for the same `idem_key` stays as it is. A letter that cannot be written stops no other.

    `money`: no more than this may be spent on them by the policy's prices; those it does not last for are not written.
    """
    made = Composed()
    rules, words = policy.current(), _words(letters)
    drafts: dict[str, Message] = {}
    for letter in letters:
        try:
            message = _draft(letter, _template(letter, words), lane, cause, promotion, series, rules, now)
        except Refused as refusal:
            made.refused[letter.idem_key] = refusal.message
            continue
        if money is not None and (message.cost_estimate or 0) > money:
            made.too_dear.add(letter.idem_key)
            continue
        money = money - (message.cost_estimate or 0) if money is not None else None
        drafts[letter.idem_key] = message
    if not drafts:
        return made
    with transaction.atomic():
        known = dict(Message.objects.filter(idem_key__in=drafts).values_list("idem_key", "pk"))
        fresh = [message for key, message in drafts.items() if key not in known]
        _gather(fresh, digest, rules, now)
        # Another worker may write the same meanwhile: whose token stands in the row has written it.
        Message.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=1_000)
        ours = {message.reply_token for message in fresh}
        rows = Message.objects.filter(idem_key__in=[message.idem_key for message in fresh])
        stand = list(rows.values_list("idem_key", "pk", "reply_token"))
        made.messages = known | {key: pk for key, pk, _ in stand}
        begin_all([(pk, drafts[key]) for key, pk, token in stand if token in ours], now=now, actor=actor)
        for channel in sorted({message.channel for message in fresh if message.state == MessageState.QUEUED and message.due_at <= now}):
            after_commit("messaging.send", channel)
    return made


def _words(letters: Iterable[Letter]) -> dict[tuple[str, str], dict[str, Template]]:
    found: dict[tuple[str, str], dict[str, Template]] = {}
    for template in templates.newest().filter(key__in={letter.template_key for letter in letters}):
        found.setdefault((template.key, template.channel), {})[template.locale] = template
    return found


def _template(letter: Letter, words: Mapping[tuple[str, str], Mapping[str, Template]]) -> Template:
    there = words.get((letter.template_key, letter.channel), {})
    for tag in locales.chain(letter.contact.locale, letter.contact.account.locale):
        if tag in there:
            return there[tag]
    known = f" It is there in {', '.join(sorted(there))} only." if there else ""
    raise Refused("no_template", f"There is no {Channel(letter.channel).label} template {letter.template_key!r} in their language.{known}")


def _draft(
    letter: Letter, template: Template, lane: str, cause: Event | None, promotion: bool, series: str, rules: policy.Policy, now: datetime
) -> Message:
    values = rendering.merged(rendering.values_of(letter.contact), letter.context)
    subject, body = rendering.render(template, values)
    message = Message(
        account_id=letter.contact.account_id,
        contact=letter.contact,
        channel=letter.channel,
        lane=lane,
        lane_rank=LANE_RANKS[Lane(lane)],
        topic=template.topic,
        template=template,
        locale=template.locale,
        address=address_of(letter.contact, letter.channel),
        subject=subject,
        body=body,
        content_variables=rendering.render_variables(template, values) if template.content_variables else {},
        idem_key=letter.idem_key,
        state=MessageState.QUEUED,
        due_at=letter.due_at,
        expires_at=letter.expires_at,
        reply_token=secrets.token_hex(16),
        cause=cause,
        promotion=promotion,
        series=series,
        created_at=now,
    )
    message.cost_estimate = costs.estimate(message, rules)
    message.currency = rules.currency if message.cost_estimate is not None else ""
    return message


def _gather(fresh: Collection[Message], digest: str, rules: policy.Policy, now: datetime) -> None:
    """Those that wait for others get the columns of their digest."""
    places: dict[digests.Place, list[Message]] = {}
    for message in fresh:
        if policy.may_gather(message.channel, message.lane) and (digest or rules.gathers(message.channel, message.lane)):
            place = (message.contact_id, message.channel, digests.key_of(message.topic, digest, message.promotion))
            places.setdefault(place, []).append(message)
    closing = {place: min(digests.closing(rules, message.expires_at, now) for message in group) for place, group in places.items()}
    for place, columns in digests.gathered(closing, now=now).items():
        for message in places[place]:
            for name, value in columns.items():
                setattr(message, name, value)
