"""What the house may do with messages. Sending itself is dispatch.py."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import Contact, User
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import MessageSent

from . import digests, drafts, library, locales, maildir, rendering, templates
from .addresses import address_of
from .models import Message, MessageAttempt, Template
from .states import begin, move_one
from .types import LANE_RANKS, Draft, Lane, MessageState, Outcome

from . import browsers, catalogue, channels, languages, pressure, preview, stored, to_staff, translations  # noqa: F401  isort:skip  (these are part of this module's face)
from .channels import ChannelState  # noqa: F401  isort:skip
from .asking import ask_consent  # noqa: F401  isort:skip
from .costs import prices_to  # noqa: F401  isort:skip
from .policy import current as current_policy  # noqa: F401  isort:skip
from .composing import Letter, compose_many  # noqa: F401  isort:skip
from .holding import hold_promotions, hold_series, lift_holds, lift_series  # noqa: F401  isort:skip
from .barring import bar, lift  # noqa: F401  isort:skip
from .consents import choices, choose, confirm_consent, record_consent, suppress_for_good, topics, unsubscribe  # noqa: F401  isort:skip
from . import foresight  # noqa: F401  isort:skip
from .inviting import NEVER, barred, compose_to_guest, forget_guests, never_again  # noqa: F401  isort:skip
from .digests import close_digests  # noqa: F401  isort:skip
from .policy import write as write_policy  # noqa: F401  isort:skip
from .recall import approve, cancel_waiting, recall  # noqa: F401  isort:skip
from .requeue import SECOND_LIFE, requeue  # noqa: F401  isort:skip
from .resting import DISTRUST  # noqa: F401  isort:skip
from .replies import mark_read, record_reply  # noqa: F401  isort:skip
from .writing import words_for  # noqa: F401  isort:skip
from .templates import NotWritten  # noqa: F401  isort:skip

_SHIPPED = Actor.job("messaging.library")


def compose(
    *,
    contact: Contact,
    channel: str,
    template_key: str,
    lane: str,
    idem_key: str,
    context: dict[str, Any],
    due_at: datetime,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
    cause: Event | None = None,
    approver: User | None = None,
    digest: str = "",
    promotion: bool = False,
    series: str = "",
) -> Message:
    """Write the message with the newest words in the reader's language and queue it; the same `idem_key` gives the first message again.

    With an `approver` it is a draft that leaves at `due_at` unless they stop it. With a `digest` (a word that names what is bundled), or where the
    policy gathers its lane, it waits for others of its kind and leaves with them as one message. A `promotion` never leaves while a save play runs;
    `series` names what it is one of many of.
    """
    if found := Message.objects.filter(idem_key=idem_key).first():
        return found
    template, subject, body, values = words_for(contact=contact, channel=channel, template_key=template_key, context=context)
    variables = rendering.render_variables(template, values)
    waits = drafts.waiting_for(approver, due_at, now) if approver else {}
    with transaction.atomic():
        if not waits:
            gathers: dict[str, Any] = {"lane": lane, "topic": template.topic, "key": digest, "promotion": promotion}
            waits = digests.waiting_in(contact=contact, channel=channel, **gathers, expires_at=expires_at, now=now)
        message, created = Message.objects.get_or_create(
            idem_key=idem_key,
            defaults={
                "account_id": contact.account_id,
                "contact": contact,
                "channel": channel,
                "lane": lane,
                "lane_rank": LANE_RANKS[Lane(lane)],
                "topic": template.topic,
                "template": template,
                "locale": template.locale,
                "address": address_of(contact, channel),
                "subject": subject,
                "body": body,
                "content_variables": variables,
                "due_at": due_at,
                "expires_at": expires_at,
                "reply_token": secrets.token_hex(16),
                "cause": cause,
                "promotion": promotion,
                "series": series,
                "created_at": now,
                **waits,
            },
        )
        if created:
            begin(message, now=now, actor=actor)
        if created and message.state == MessageState.QUEUED and due_at <= now:
            after_commit("messaging.send", channel)
    return message


def forget_mails(words: Collection[str]) -> int:
    """Delete the mails of the demo's mailbox that are to, from or about somebody."""
    return maildir.forget(words)


def settle_unknown(*, message: Message, was_sent: bool, actor: Actor, now: datetime) -> None:
    """A person found out: it arrived, or it did not and is queued again with the same Message-ID and key."""
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        if row.state != MessageState.UNKNOWN:
            raise Refused("not_unknown", f"“{row.subject}” is {row.get_state_display()}; only a message nobody knows about can be settled.")
        if row.guest and not row.address and not was_sent:
            raise Refused("guest_forgotten", "It went to somebody who is no contact, and their address is forgotten. It can only be settled as sent.")
        verdict = "did" if was_sent else "did not"
        MessageAttempt.objects.filter(message=row, outcome=Outcome.AMBIGUOUS).update(
            outcome=Outcome.OK if was_sent else Outcome.REFUSED, detail=f"{actor} found that it {verdict} arrive."[:500]
        )
        if was_sent:
            move_one(row, MessageState.SENT, sent_at=row.claimed_at, reason="", now=now, actor=actor, why="Somebody found out that it did arrive.")
            events.publish(MessageSent(account_id=row.account_id, message_id=row.pk, channel=row.channel), actor=actor, now=now, cause=row.cause)
        else:
            life = {"due_at": now, "expires_at": max(row.expires_at, now + SECOND_LIFE)}
            move_one(row, MessageState.QUEUED, reason="Sent again by a person.", now=now, actor=actor, **life)
            after_commit("messaging.send", row.channel)


def write_template(
    *,
    key: str,
    channel: str,
    subject: str,
    body: str,
    locale: str = "",
    topic: str = "success",
    content_sid: str = "",
    content_variables: Mapping[str, str] | None = None,
    examples: Mapping[str, Any] | None = None,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Template:
    """Save the words as the next version of their language; messages already written keep theirs. NotWritten tells every error by field and line."""
    draft = Draft(
        key=key,
        channel=channel,
        locale=locale or locales.house(),
        subject=subject,
        body=body,
        topic=topic,
        content_sid=content_sid,
        content_variables=content_variables or {},
        examples=examples or {},
    )
    return templates.write(draft, actor=actor, now=now, seen=seen)


def ensure_templates(now: datetime) -> list[str]:
    """Create the templates that come with the product and are missing; staff's own versions stay. Returns what was created."""
    held = set(Template.objects.values_list("key", "channel", "locale"))
    missing = [words for words in library.shipped() if (words.key, words.channel, words.locale) not in held]
    Template.objects.bulk_create(
        Template(
            key=words.key,
            channel=words.channel,
            locale=words.locale,
            version=1,
            subject=words.subject,
            body=words.body,
            topic=words.topic,
            examples=words.examples,
            created_at=now,
            created_by=str(_SHIPPED),
        )
        for words in missing
    )
    return [f"{words.key} {words.channel}{'' if words.locale == library.LOCALE else f' {words.locale}'}" for words in missing]
