"""Mails, texts and pushes to people of ours: by the providers that carry customers' messages, past the governor, which protects customers only."""

import hashlib
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from . import mail as mails
from .providers import chain, email, mail_service, push, twilio
from .types import Channel, Outcome, Result


def mail(address: str, *, subject: str, body: str, link: str, link_words: str, key: str) -> Result:
    """One mail. The same `key` has the same Message-ID, and is no second mail where the mail service keeps keys."""
    known_as = f"<s.{hashlib.sha256(key.encode()).hexdigest()[:32]}@{settings.REPLY_DOMAIN}>"
    try:
        words = mails.header("The subject", subject)
        made = EmailMultiAlternatives(
            subject=words,
            body=f"{body}\n\n{link_words}: {link}\n",
            from_email=formataddr(mails.sender(None)),
            to=[mails.header("The address", address)],
            headers={"Message-ID": known_as, "Auto-Submitted": "auto-generated"},
        )
        told = {"subject": words, "blocks": mails.blocks(body), "link": link, "link_words": link_words, "locale": "en", "language": "en"}
        made.attach_alternative(render_to_string("messages/to_staff.html", told), "text/html")
        made.message()
    except (ValueError, UnicodeError) as error:
        return Result(Outcome.REFUSED, code="bad_header", detail=f"The mail could not be written: {error}")
    if chain(Channel.EMAIL)[:1] == ["anymail"]:
        return mail_service.hand_over(made, key=key)
    return email.hand_over(made, known_as=known_as)


def text(number: str, *, body: str) -> Result:
    """One SMS. Carriers keep no keys: what was not answered is in doubt, and sending it again could reach the person twice."""
    if chain(Channel.SMS)[:1] == ["console"]:
        return Result(Outcome.OK, provider_message_id="console")
    return twilio.text(number, body)


def texts_are_set_up() -> bool:
    return bool(chain(Channel.SMS)) and (chain(Channel.SMS)[0] == "console" or not twilio.Twilio().missing(Channel.SMS))


def push_to(endpoint: str, p256dh: str, auth: str, *, title: str, body: str, link: str, key: str) -> Result:
    """One browser. The same `key` replaces what the browser shows."""
    topic = push.topic_of(key)
    return push.push(endpoint, p256dh, auth, data=push.written(title, body, link=link, topic=topic), topic=topic)


def is_gone(result: Result) -> bool:
    """Whether the push service says that the browser is not subscribed any more."""
    return result.code in push.GONE
