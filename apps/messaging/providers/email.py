"""Email by SMTP. The protocol has no idempotency key, so the one thing that matters is to know when the mail was handed over."""

import hashlib
import logging
import smtplib
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.urls import reverse

from apps.messaging import guests, languages, locales, mail, selectors
from apps.messaging.models import Message
from apps.messaging.rendering import one_line
from apps.messaging.types import Ability, Channel, Outcome, Result

log = logging.getLogger(__name__)


class _WatchedSMTP(smtplib.SMTP):
    """Remembers that DATA began: a line lost before it is a refusal, a line lost after it is anybody's guess."""

    handing_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.handing_over = True
        return super().data(msg)


class _Backend(EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _WatchedSMTP


class Email:
    channels = (Channel.EMAIL,)
    can = Ability()

    def missing(self, channel: str) -> str:
        return ""

    def look_up(self, message: Message) -> Result | None:
        return None

    def deliver(self, message: Message) -> Result:
        made = written(message)
        if isinstance(made, Result):
            return made
        return hand_over(made, known_as=message_id(message))


def hand_over(made: EmailMultiAlternatives, *, known_as: str) -> Result:
    """Give a written mail to the mail server; `known_as` is its Message-ID."""
    backend = _Backend()
    try:
        backend.open()
    except (OSError, smtplib.SMTPException) as error:
        return Result(Outcome.REFUSED, code="connect", detail=f"The mail server does not answer: {error}", retry=True, trouble=True)
    line = backend.connection
    assert isinstance(line, _WatchedSMTP)
    try:
        backend.send_messages([made])
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return classify(error, handed_over=line.handing_over)
    finally:
        _hang_up(backend)
    return Result(Outcome.OK, provider_message_id=known_as)


def written(message: Message) -> EmailMultiAlternatives | Result:
    """The mail of a message, or why it cannot be written; nothing was handed over then."""
    try:
        made = compose(message)
        made.message()
    except (ValueError, UnicodeError) as error:
        # BadHeader is a ValueError: a name or an address with a line break in it fails alone, not the batch.
        return Result(Outcome.REFUSED, code="bad_header", detail=f"The mail could not be written: {error}")
    except Exception as error:
        # Our own fault, but certainly before anything was handed over: it may heal with the next release.
        log.exception("mail of message %s could not be written", message.pk)
        return Result(Outcome.REFUSED, code="not_written", detail=f"The mail could not be written: {error!r}", retry=True)
    return made


def message_id(message: Message) -> str:
    """The same on every attempt, so that the recipient's side can tell a repeat."""
    digest = hashlib.sha256(message.idem_key.encode()).hexdigest()[:20]
    return f"<m{message.pk}.{digest}@{settings.REPLY_DOMAIN}>"


def compose(message: Message) -> EmailMultiAlternatives:
    """The mail of a message: text and HTML from the same words, and a way to answer and to leave."""
    if message.guest:
        return _to_guest(message)
    leave = f"{settings.BASE_URL.rstrip('/')}{reverse('unsubscribe', args=[selectors.unsubscribe_token(message)])}"
    preferences = f"{settings.BASE_URL.rstrip('/')}{reverse('preferences', args=[selectors.preferences_token(message.contact_id)])}"
    subject = mail.header("The subject", message.subject)
    locale, language = message.locale or locales.house(), languages.for_mail(message.contact)
    text, html = mail.both(subject, message.body, locale=locale, language=language, leave=leave, preferences=preferences)
    made = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=formataddr(mail.sender(message.account.owner)),
        to=[mail.header("The address", message.address)],
        reply_to=[f"reply+{message.reply_token}@{settings.REPLY_DOMAIN}"],
        headers={
            "Message-ID": message_id(message),
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Content-Language": locale,
        },
    )
    made.attach_alternative(html, "text/html")
    return made


def _to_guest(message: Message) -> EmailMultiAlternatives:
    """To somebody who is no contact: one way out, for good and from everybody, and nothing that leads to the sender's own preferences."""
    leave = f"{settings.BASE_URL.rstrip('/')}{reverse('never', args=[guests.never_token(message.guest)])}"
    subject = mail.header("The subject", message.subject)
    locale = message.locale or locales.house()
    text, html = mail.both(subject, message.body, locale=locale, language=languages.nearest(locale), leave=leave)
    made = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=formataddr(mail.sender(None)),
        to=[mail.header("The address", message.address)],
        headers={
            "Message-ID": message_id(message),
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Content-Language": locale,
        },
    )
    made.attach_alternative(html, "text/html")
    return made


def classify(error: Exception, *, handed_over: bool) -> Result:
    """What an SMTP error means for the mail. 451 and 550 come as the same exception, so the code decides."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return _by_code(code, words, suppress=code == 550)
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, error.smtp_error)
    if handed_over:
        return Result(Outcome.AMBIGUOUS, code="no_answer", detail=str(error), trouble=True)
    if isinstance(error, ValueError | smtplib.SMTPNotSupportedError):
        return Result(Outcome.REFUSED, code="bad_address", detail=f"The mail could not be written: {error}")
    return Result(Outcome.REFUSED, code="line_lost", detail=f"The line broke before the mail was handed over: {error}", retry=True, trouble=True)


def _by_code(code: int, words: bytes | str, *, suppress: bool = False) -> Result:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    # Below 400 or above 599 is no refusal that SMTP knows; -1 is what smtplib gives for a garbled answer.
    if not 400 <= code <= 599:
        return Result(Outcome.AMBIGUOUS, code=str(code), detail=one_line(text))
    # 421: the server closes for everybody; other codes speak of this mail.
    return Result(Outcome.REFUSED, code=str(code), detail=one_line(text), retry=code < 500, suppress=suppress, trouble=code == 421)


def _hang_up(backend: EmailBackend) -> None:
    """The answer is known already; an error of QUIT changes nothing."""
    try:
        backend.close()
    except (OSError, smtplib.SMTPException):
        backend.connection = None
