"""What the house may do with messages. Sending itself is dispatch.py."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import ConsentChanged, MessageNotSent, MessageReplied, MessageSent

from . import library, maildir, rendering, selectors
from .models import Consent, Message, MessageAttempt, Suppression, Template
from .states import move, move_one
from .types import BY_PHONE, WAITING, Channel, Lane, MessageState, Outcome

from .maildir import reply as answer_stored_mail  # noqa: F401  isort:skip  (part of this module's face)

_RANKS = {Lane.TRANSACTIONAL: 0, Lane.SAVE: 1, Lane.NURTURE: 2}
_SECOND_LIFE = timedelta(hours=72)
_BETWEEN_REPLIES = "\n\n----\n\n"


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
) -> Message:
    """Write the message with the newest version of its template and queue it; the same `idem_key` gives the first message again."""
    if found := Message.objects.filter(idem_key=idem_key).first():
        return found
    template = Template.objects.filter(key=template_key, channel=channel).order_by("-version").first()
    if template is None:
        raise Refused("no_template", f"There is no {Channel(channel).label} template {template_key!r}. Create it first.")
    values = rendering.merged(rendering.values_of(contact), context)
    subject, body = rendering.render(template, values)
    variables = rendering.render_variables(template, values)
    with transaction.atomic():
        message, created = Message.objects.get_or_create(
            idem_key=idem_key,
            defaults={
                "account_id": contact.account_id,
                "contact": contact,
                "channel": channel,
                "lane": lane,
                "lane_rank": _RANKS[Lane(lane)],
                "topic": template.topic,
                "template": template,
                "address": _address(contact, channel),
                "subject": subject,
                "body": body,
                "content_variables": variables,
                "due_at": due_at,
                "expires_at": expires_at,
                "reply_token": secrets.token_hex(16),
                "cause": cause,
                "created_at": now,
            },
        )
        if created and due_at <= now:
            after_commit("messaging.send", channel)
    return message


def _address(contact: Contact, channel: str) -> str:
    """Where the channel reaches a contact; push and inbox belong to the contact itself. Numbers lose the blanks and dashes that people write."""
    if channel == Channel.EMAIL:
        return contact.email
    return "".join(letter for letter in contact.phone if letter not in " -()./\u00a0") if channel in BY_PHONE else ""


def topics() -> list[str]:
    """What a contact can say no to."""
    return sorted({"success", *Template.objects.order_by().values_list("topic", flat=True).distinct()})


def cancel_waiting(*, message_ids: Collection[int], reason: str, actor: Actor, now: datetime) -> int:
    """Take back what has not been claimed yet; returns how many were taken back."""
    with transaction.atomic():
        waiting = list(Message.objects.filter(pk__in=message_ids, state__in=WAITING).order_by("pk").select_for_update(of=("self",)))
        reason = reason[:250]
        move(Message.objects.filter(pk__in=[row.pk for row in waiting]), MessageState.CANCELLED, reason=reason)
        said = [
            MessageNotSent(account_id=row.account_id, message_id=row.pk, channel=row.channel, state=MessageState.CANCELLED.value, reason=reason)
            for row in waiting
        ]
        events.publish_all(said, actor=actor, now=now)
    return len(waiting)


def suppress_for_good(addresses: Iterable[str], *, now: datetime) -> int:
    """Never write to these addresses again, and forget them: only their fingerprints stay. Returns how many are newly barred."""
    named = {address.strip().lower() for address in addresses if address.strip()}
    with transaction.atomic():
        Suppression.objects.filter(address__in=named).delete()
        rows = [
            Suppression(channel=channel, address=selectors.fingerprint(address), reason="The person was erased.", at=now)
            for address in sorted(named)
            for channel in Channel.values
        ]
        return len(Suppression.objects.bulk_create(rows, ignore_conflicts=True))


def forget_mails(words: Collection[str]) -> int:
    """Delete the mails of the demo's mailbox that are to, from or about somebody."""
    return maildir.forget(words)


def record_reply(*, token: str, text: str, actor: Actor | None = None, now: datetime) -> Message:
    """The customer answered. The same words to the same message count once, however often the mail comes; other words are added."""
    words = rendering.clean(text).strip()
    if not words:
        raise Refused("empty_reply", "The reply has no text. Write a few words and send it again.")
    with transaction.atomic():
        message = Message.objects.select_for_update(of=("self",)).filter(reply_token=token).first()
        if message is None:
            raise Refused("unknown_token", "This reply address belongs to no message. Write to your contact person directly.")
        said = message.reply.split(_BETWEEN_REPLIES) if message.reply else []
        if words in said:
            return message
        message.reply = _BETWEEN_REPLIES.join([*said, words])
        message.replied_at = message.replied_at or now
        Message.objects.filter(pk=message.pk).update(reply=message.reply, replied_at=message.replied_at)
        # Not yet `sent`: the sender records that in a moment and moves it on to `replied` itself.
        move_one(message, MessageState.REPLIED)
        events.publish(
            MessageReplied(account_id=message.account_id, message_id=message.pk, contact_id=message.contact_id, channel=message.channel),
            actor=actor or Actor.contact(message.contact_id),
            now=now,
            cause=message.cause,
        )
    return message


def mark_read(*, message: Message, now: datetime) -> None:
    """The recipient opened it; only the first time counts."""
    if Message.objects.filter(pk=message.pk, read_at=None).update(read_at=now):
        message.read_at = now


def unsubscribe(*, token_or_contact: str | Contact, channel: str = "", topic: str = "success", source: str, now: datetime) -> None:
    """No more messages on this topic and channel; a signed token brings both with it. Doing it twice changes nothing more."""
    if isinstance(token_or_contact, str):
        meaning = selectors.meaning_of_unsubscribe(token_or_contact)
        if meaning is None:
            raise Refused("bad_token", "This link is not complete. Use the link exactly as it stands in the email.")
        contact_id, channel, topic = meaning
        contact = Contact.objects.filter(pk=contact_id).first()
        if contact is None:
            raise Refused("bad_token", "This link belongs to nobody we know any more. You get no messages from us.")
    else:
        contact = token_or_contact
    record_consent(contact=contact, channel=channel, topic=topic, allowed=False, source=source, now=now)


def record_consent(*, contact: Contact, channel: str, topic: str, allowed: bool, source: str, now: datetime) -> bool:
    """Write down the contact's word; a no takes back what waits. True when it changed anything."""
    with transaction.atomic():
        waiting = Message.objects.filter(contact=contact, channel=channel, topic=topic, state__in=WAITING).order_by("pk")
        # Messages first, then the contact, as the claim does.
        ids = [] if allowed else [row.pk for row in waiting.select_for_update(of=("self",))]
        Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
        newest = Consent.objects.filter(contact=contact, channel=channel, topic=topic).order_by("-at", "-id").first()
        changed = (newest.allowed if newest else True) != allowed
        if changed:
            Consent.objects.create(contact=contact, channel=channel, topic=topic, allowed=allowed, source=source[:120], at=now)
            word = ConsentChanged(account_id=contact.account_id, contact_id=contact.pk, channel=Channel(channel).value, allowed=allowed)
            events.publish(word, actor=Actor.contact(contact.pk), now=now)
        cancel_waiting(
            message_ids=ids, reason=f"{contact} does not want “{topic}” by {Channel(channel).label}.", actor=Actor.contact(contact.pk), now=now
        )
    return changed


def settle_unknown(*, message: Message, was_sent: bool, actor: Actor, now: datetime) -> None:
    """A person found out: it arrived, or it did not and is queued again with the same Message-ID and key."""
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        if row.state != MessageState.UNKNOWN:
            raise Refused("not_unknown", f"“{row.subject}” is {row.get_state_display()}; only a message nobody knows about can be settled.")
        verdict = "did" if was_sent else "did not"
        MessageAttempt.objects.filter(message=row, number=row.attempt, outcome=Outcome.AMBIGUOUS).update(
            detail=f"{actor} found that it {verdict} arrive."[:500]
        )
        if was_sent:
            move_one(row, MessageState.SENT, sent_at=row.claimed_at, reason="")
            events.publish(MessageSent(account_id=row.account_id, message_id=row.pk, channel=row.channel), actor=actor, now=now, cause=row.cause)
        else:
            move_one(row, MessageState.QUEUED, due_at=now, expires_at=max(row.expires_at, now + _SECOND_LIFE), reason="Sent again by a person.")
            after_commit("messaging.send", row.channel)


def write_template(
    *,
    key: str,
    channel: str,
    subject: str,
    body: str,
    topic: str = "success",
    content_sid: str = "",
    content_variables: Mapping[str, str] | None = None,
    actor: Actor,
    now: datetime,
) -> Template:
    """Save the words as the next version; messages already written keep theirs."""
    variables = dict(content_variables or {})
    for source in (subject, body, *variables.values()):
        rendering.check(source)
    with transaction.atomic():
        # Two writers at once: the unique constraint refuses the second.
        newest = Template.objects.filter(key=key, channel=channel).order_by("-version").first()
        version = newest.version + 1 if newest else 1
        words = {"subject": subject, "body": body, "topic": topic, "content_sid": content_sid, "content_variables": variables}
        return Template.objects.create(key=key, channel=channel, version=version, **words)


def ensure_templates(now: datetime) -> list[str]:
    """Create the templates of the shipped plays that are missing; staff's own versions stay. Returns what was created."""
    made = []
    for channel, subject, body in library.SAVE_FADING:
        _, created = Template.objects.get_or_create(
            key=library.SAVE_FADING_KEY, channel=channel, version=1, defaults={"subject": subject, "body": body}
        )
        if created:
            made.append(f"{library.SAVE_FADING_KEY} {channel}")
    return made
