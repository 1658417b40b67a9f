"""Mail that comes in: which message it answers, and the new words in it."""

import re
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from html.parser import HTMLParser

from django.conf import settings

from apps.core.errors import Refused

from . import maildir, services

_ADDRESS = re.compile(r"reply\+([0-9a-f]{32})@(.+)", re.IGNORECASE)
# Where the new words end: the quoted mail of the usual programs, or a signature.
_END = re.compile(r"^(>|-- ?$|On .{4,200} wrote:\s*$|-{2,} ?(Original|Forwarded) [Mm]essage|_{10,}$|From: .+@)", re.MULTILINE)
_WRAPPED = re.compile(r"^On [^\n]{4,120}\n[^\n]{0,120} wrote:\s*$", re.MULTILINE)


def receive(content: bytes, *, recipients: Sequence[str], now: datetime) -> str:
    """Take one mail: answers to our messages are recorded, everything else goes to the demo's mailbox. Returns the SMTP answer."""
    try:
        answered = record_answers(message_from_bytes(content, policy=modern), recipients=recipients, now=now)
    except Refused as refusal:
        return f"550 5.1.1 {refusal.message}"
    if answered < len(recipients):
        maildir.store(content)
    return "250 2.0.0 taken"


def record_answers(mail: EmailMessage, *, recipients: Sequence[str], now: datetime) -> int:
    """Thread a mail to each of our messages that it answers by its recipients; returns how many. Refused where a token is nobody's."""
    tokens = [token for address in recipients if (token := token_of(address))]
    for token in tokens:
        services.record_reply(token=token, text=new_words(text_of(mail)), now=now)
    return len(tokens)


def token_of(address: str) -> str:
    """The reply token of `reply+TOKEN@REPLY_DOMAIN`, or nothing."""
    found = _ADDRESS.fullmatch(address.strip("<> "))
    return found.group(1).lower() if found and found.group(2).lower() == settings.REPLY_DOMAIN.lower() else ""


def text_of(mail: EmailMessage) -> str:
    """The readable text of a mail; HTML is stripped to its words where there is no plain part."""
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, UnicodeError):
        # An unknown charset: keep what can be read.
        raw = body.get_payload(decode=True)
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    return words_of_html(text) if body.get_content_subtype() == "html" else text


def new_words(text: str) -> str:
    """What the person wrote, without the quoted mail below it and without the signature."""
    text = text.replace("\r\n", "\n")
    ends = [found.start() for found in (_END.search(text), _WRAPPED.search(text)) if found]
    return text[: min(ends)].strip() if ends else text.strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "script", "blockquote", "title"}:
            self._silent += 1
        elif tag in {"br", "p", "div", "li", "tr"}:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "script", "blockquote", "title"}:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def words_of_html(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)
