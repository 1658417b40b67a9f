"""Whether words fit their channel: as long as it carries, with links that readers may trust."""

import re
from collections.abc import Iterator

from . import texts
from .types import Channel, Draft, Trouble

# What Twilio takes: 1,600 letters of a text or WhatsApp, 4,096 to be spoken.
_MOST = {Channel.SMS: 1_600, Channel.WHATSAPP: 1_600, Channel.VOICE: 3_500}
_SEEN = {Channel.PUSH: 178, Channel.IN_APP: 1_200, Channel.VOICE: 900}
_LONG_SUBJECT = 78
_SHOWN_LETTERS = 5
_LINK = re.compile(r"\b(http://|ftp://|(?:javascript|vbscript):(?=\S)|data:(?=\w+/))", re.IGNORECASE)
_MARKUP = re.compile(r"</?(?:p|br|b|i|a|div|span|table|tr|td|img|h\d|strong|em|ul|li|style|script)\b[^>]*>", re.IGNORECASE)
_SID = re.compile(r"HX[0-9a-fA-F]{32}")


def written(name: str, source: str) -> Iterator[Trouble]:
    """Of one text as it was written."""
    for number, line in enumerate(source.splitlines(), 1):
        for link in _LINK.finditer(line):
            yield Trouble(name, number, "unsafe_link", f"The link begins with {link[1]}; write https://.")
    if name == "body" and (found := _MARKUP.search(source)):
        told = f"{found[0][:30]} is shown as these letters: write plain text, blank lines part paragraphs, - begins an item of a list."
        yield Trouble(name, source.count("\n", 0, found.start()) + 1, "markup", told, error=False)


def shown(draft: Draft, name: str, source: str, shown: str) -> Iterator[Trouble]:
    """Of one text and how it looks with its examples."""
    if not shown.strip():
        yield Trouble(name, 1, f"empty_{name.split('.')[0]}", "It is empty. Write what the reader should see.")
    elif name == "subject" and draft.channel in (Channel.EMAIL, Channel.PUSH) and len(shown) > _LONG_SUBJECT:
        yield Trouble(name, 1, "long_subject", f"{len(shown)} letters; many readers see only the first {_LONG_SUBJECT}.", error=False)
    elif name == "body":
        yield from _body(Channel(draft.channel), source, shown)


def whole(draft: Draft) -> Iterator[Trouble]:
    """Of what is no text: what the channel needs besides."""
    sid = draft.content_sid
    if draft.channel == Channel.WHATSAPP:
        if not sid:
            told = "Without an approved template at the provider it reaches only those who wrote within 24 hours. Add its content SID (HX...)."
            yield Trouble("content_sid", 1, "no_alternative", told, error=False)
        elif not _SID.fullmatch(sid):
            yield Trouble("content_sid", 1, "odd_content_sid", "Twilio's content SIDs are HX and 32 hexadecimal digits.", error=False)
    elif sid or draft.content_variables:
        yield Trouble("content_sid", 1, "unused", "Only WhatsApp uses a content SID and its variables.", error=False)


def _body(channel: Channel, source: str, shown: str) -> Iterator[Trouble]:
    if len(shown) > _MOST.get(channel, len(shown)):
        yield Trouble("body", 1, "too_long_for_channel", f"{len(shown):,} letters; {channel.label} carries {_MOST[channel]:,} at most. Shorten it.")
    elif len(shown) > _SEEN.get(channel, len(shown)):
        told = "takes more than a minute to hear" if channel == Channel.VOICE else f"is more than the {_SEEN[channel]:,} that are seen at a glance"
        yield Trouble("body", 1, "long", f"{len(shown):,} letters: that {told}.", error=False)
    if channel == Channel.SMS:
        yield from _as_text(source, shown)


def _as_text(source: str, shown: str) -> Iterator[Trouble]:
    size = texts.size(shown.strip())
    if size.outside:
        letters = " ".join(size.outside[:_SHOWN_LETTERS])
        line = next((number for number, line in enumerate(source.splitlines(), 1) if any(letter in line for letter in size.outside)), 1)
        told = f"{letters} is not in the alphabet of texts (GSM-7), so that a text holds 70 letters instead of 160."
        yield Trouble("body", line, "ucs2", told, error=False)
    if size.parts > 1:
        told = f"{size.places} places in {size.encoding}: the carrier counts {size.parts} texts with these examples."
        yield Trouble("body", 1, "several_texts", told, error=False)
