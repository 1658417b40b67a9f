"""The demo's mailbox: a Maildir with the mails that our SMTP server took, newest 2,000 kept."""

import mailbox
import smtplib
from collections.abc import Collection
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage as Outgoing
from django.core.mail.backends.smtp import EmailBackend

from apps.core.errors import Refused

from .types import StoredMail

KEPT = 2_000
# Looking at the whole folder for every mail would cost more than the mail: a few too many may stay for a while.
_SLACK = 100
_since_look = 0


def folder() -> Path:
    return Path(settings.VAR_DIR) / "mailbox"


def store(content: bytes) -> str:
    """Keep one mail and return its id; the oldest go when there are too many."""
    global _since_look
    key = _box().add(content)
    _since_look += 1
    if _since_look >= _SLACK:
        _since_look = 0
        prune(KEPT)
    return key


def prune(keep: int) -> int:
    """Delete all but the newest `keep`; returns how many went."""
    old = _paths()[keep:]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def forget(words: Collection[str]) -> int:
    """Delete the mails to, from or about somebody; returns how many."""
    wanted = [word.lower() for word in words if word]
    gone = [path for path in _paths() if (mail := _read(path)) is not None and any(word in _whole(mail) for word in wanted)]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _whole(mail: StoredMail) -> str:
    return "\n".join((mail.to, mail.sender, mail.subject, mail.text, mail.html, mail.reply_to)).lower()


def count() -> int:
    return len(_paths())


def newest(limit: int) -> list[StoredMail]:
    """The newest mails, newest first; only those are read from disk."""
    return [mail for path in _paths()[:limit] if (mail := _read(path)) is not None]


def get(mail_id: str) -> StoredMail | None:
    for path in _paths():
        if path.name.split(":")[0] == mail_id:
            return _read(path)
    return None


def reply(mail_id: str, text: str) -> None:
    """Answer a mail as its recipient would: by SMTP, to its Reply-To. Refused when it cannot be answered or the server does not take it."""
    mail = get(mail_id)
    if mail is None or not mail.reply_to:
        raise Refused("no_reply_address", "This mail is gone or has no address to answer to. Reload the mailbox.")
    answer = Outgoing(
        subject=f"Re: {mail.subject}",
        body=text,
        from_email=mail.to,
        to=[mail.reply_to],
        headers={"In-Reply-To": mail.message_id, "References": mail.message_id} if mail.message_id else {},
    )
    try:
        EmailBackend().send_messages([answer])
    except smtplib.SMTPRecipientsRefused as error:
        _, words = next(iter(error.recipients.values()))
        raise Refused("not_taken", f"The mail server did not take the answer: {words.decode(errors='replace')}") from error
    except smtplib.SMTPResponseException as error:
        raise Refused("not_taken", f"The mail server did not take the answer: {_decoded(error.smtp_error)}") from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Refused("not_taken", f"The answer could not be sent: {error}. Try again in a moment.") from error


def _decoded(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words


def _box() -> mailbox.Maildir:
    folder().parent.mkdir(parents=True, exist_ok=True)
    return mailbox.Maildir(str(folder()), create=True)


def _paths() -> list[Path]:
    """All mails, newest first. Maildir names begin with the second, then the microsecond, of delivery."""
    found = [path for part in ("new", "cur") if (folder() / part).is_dir() for path in (folder() / part).iterdir()]
    return sorted(found, key=_age_key, reverse=True)


def _age_key(path: Path) -> tuple[int, int, str]:
    seconds, _, rest = path.name.partition(".")
    micro = rest[1:].partition("P")[0] if rest.startswith("M") else ""
    return (int(seconds) if seconds.isdigit() else 0, int(micro) if micro.isdigit() else 0, path.name)


def _read(path: Path) -> StoredMail | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    mail = message_from_bytes(content, policy=modern)
    return StoredMail(
        id=path.name.split(":")[0],
        to=str(mail["To"] or ""),
        sender=str(mail["From"] or ""),
        subject=str(mail["Subject"] or ""),
        at=datetime.fromtimestamp(_age_key(path)[0], UTC),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        reply_to=str(mail["Reply-To"] or ""),
        message_id=str(mail["Message-ID"] or ""),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    try:
        return str(body.get_content()) if body is not None else ""
    except (LookupError, UnicodeError):
        return ""
