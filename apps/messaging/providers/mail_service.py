"""Email by the HTTP API of a mail service, through django-anymail: Resend, Mailgun, Postmark, Brevo or MailerSend.

Resend keeps an idempotency key for a day, so there the same mail again is no second one. What the others did not answer is in doubt until their
call-back, which brings our own token along, clears it up.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings

from apps.messaging import selectors
from apps.messaging.models import Message
from apps.messaging.rendering import one_line
from apps.messaging.types import Ability, Channel, Outcome, Result

from . import email
from .lines import unanswered

# Shorter than the day for which Resend remembers a key.
_KEY_LIFE = timedelta(hours=20)


@dataclass(frozen=True)
class Service:
    """What a mail service needs of ANYMAIL_..., the beginning of its classes' names, and for how long it knows a repeat by its key."""

    needs: tuple[str, ...]
    name: str
    key_life: timedelta | None = None


SERVICES = {
    "resend": Service(("RESEND_API_KEY", "RESEND_SIGNING_SECRET"), "Resend", _KEY_LIFE),
    "mailgun": Service(("MAILGUN_API_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY"), "Mailgun"),
    "postmark": Service(("POSTMARK_SERVER_TOKEN", "WEBHOOK_SECRET"), "Postmark"),
    "brevo": Service(("BREVO_API_KEY", "WEBHOOK_SECRET"), "Brevo"),
    "mailersend": Service(("MAILERSEND_API_TOKEN", "MAILERSEND_SIGNING_SECRET"), "MailerSend"),
}


class MailService:
    channels = (Channel.EMAIL,)

    @property
    def can(self) -> Ability:
        service = SERVICES.get(settings.MAIL_SERVICE)
        return Ability(key_life=service.key_life if service else None, tells_status=True)

    def missing(self, channel: str) -> str:
        service = SERVICES.get(settings.MAIL_SERVICE)
        if service is None:
            return f"set ANYMAIL_SERVICE to one of {', '.join(SERVICES)}"
        lacking = [f"ANYMAIL_{name}" for name in service.needs if not settings.ANYMAIL.get(name)]
        return f"set {' and '.join(lacking)}" if lacking else ""

    def look_up(self, message: Message) -> Result | None:
        return None

    def deliver(self, message: Message) -> Result:
        mail = email.written(message)
        if isinstance(mail, Result):
            return mail
        try:
            return _sent(mail, message)
        except Exception as error:
            return classify(error)


def _sent(mail: Any, message: Message) -> Result:
    """Hand over one of Django's mails, which anymail reads its own attributes of and writes its answer into."""
    mail.metadata = {"message": selectors.hook_token(message)}
    return _handed(mail, message.idem_key)


def hand_over(mail: Any, *, key: str) -> Result:
    """Give a written mail to the mail service; the same key again is no second mail where the service keeps keys."""
    try:
        return _handed(mail, key)
    except Exception as error:
        return classify(error)


def _handed(mail: Any, key: str) -> Result:
    _backend(hashlib.sha256(key.encode()).hexdigest()).send_messages([mail])
    return Result(Outcome.OK, provider_message_id=str(mail.anymail_status.message_id or ""))


def _backend(key: str) -> Any:
    """Anymail's backend of the service, which says our key with every call: services without such keys ignore the header."""
    base = import_module(f"anymail.backends.{settings.MAIL_SERVICE}").EmailBackend

    class Backend(base):  # type: ignore[misc,valid-type]
        def create_session(self) -> Any:
            session = super().create_session()
            session.headers["Idempotency-Key"] = key
            return session

    return Backend(fail_silently=False)


def view(kind: str) -> Any | None:
    """Anymail's reader of the service's calls about mails sent ("Tracking") or come in ("Inbound"); None where no service is set up."""
    service = SERVICES.get(settings.MAIL_SERVICE)
    if service is None or MailService().missing(Channel.EMAIL):
        return None
    return getattr(import_module(f"anymail.webhooks.{settings.MAIL_SERVICE}"), f"{service.name}{kind}WebhookView")()


def classify(error: Exception) -> Result:
    """What an error of anymail means for the mail: with an answer of the service the answer decides, without one whether the line stood."""
    from anymail.exceptions import AnymailError, AnymailRecipientsRefused, AnymailRequestsAPIError
    from requests import RequestException

    if isinstance(error, AnymailRecipientsRefused):
        return Result(Outcome.REFUSED, code="recipient", detail=one_line(str(error.args[0] if error.args else error))[:500])
    if isinstance(error, AnymailRequestsAPIError) and error.response is not None:
        return _by_status(error)
    if isinstance(error, RequestException):
        return unanswered(error)
    if isinstance(error, AnymailError):
        # Said before anything was handed over: an address or a header that the service cannot take.
        return Result(Outcome.REFUSED, code="not_written", detail=f"The mail could not be written: {one_line(str(error))}"[:500])
    raise error


def _by_status(error: Any) -> Result:
    status, words = int(error.response.status_code), one_line(str(error))[:500]
    asked = str(error.response.headers.get("Retry-After", ""))
    wait = float(asked) if asked.isdigit() else 0.0
    if status in (429, 503):
        return Result(Outcome.REFUSED, code=str(status), detail=words, retry=True, trouble=True, wait=wait)
    # 409: an earlier call with the same key is still under way. An answer that cannot be read says nothing of the mail.
    if status >= 500 or status < 400 or status == 409:
        return Result(Outcome.AMBIGUOUS, code=str(status), detail=words, trouble=True)
    # 401 and 403 are our own set-up: everybody's messages wait until it is mended.
    ours = status in (401, 403)
    return Result(Outcome.REFUSED, code=str(status), detail=words, retry=ours, trouble=ours)
