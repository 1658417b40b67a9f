"""Words of the plays that come with the product: short, plain, from a person, and worth an answer. They stand in shipped/PLAY/CHANNEL.txt,
those of other languages in CHANNEL.LOCALE.txt.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import Any

from .types import Channel

LOCALE = "en"
SAVE_FADING_KEY = "save-fading"
_SHIPPED = Path(__file__).parent / "shipped"
# What a play passes besides, where it knows it: "Example-what_changed: Logins fell" shows it in previews; a group of values is written as JSON.
_EXAMPLE = "Example-"


@dataclass(frozen=True)
class Words:
    key: str
    channel: Channel
    subject: str
    body: str
    examples: dict[str, Any]
    locale: str = LOCALE
    topic: str = "success"


def shipped() -> Iterator[Words]:
    """Every template that comes with the product. A file is a subject, a topic, examples, an empty line, and the body."""
    for path in sorted(_SHIPPED.glob("*/*.txt")):
        said = Parser().parsestr(path.read_text(encoding="utf-8"))
        examples = {name.removeprefix(_EXAMPLE).strip(): _value(str(value)) for name, value in said.items() if name.startswith(_EXAMPLE)}
        body = str(said.get_payload()).rstrip("\n")
        channel, _, locale = path.stem.partition(".")
        # A header beyond ASCII comes as an object of its own, and with it its bytes.
        topic = str(said["Topic"] or "success")
        yield Words(path.parent.name, Channel(channel), str(said["Subject"]), body, examples, locale or LOCALE, topic)


def _value(words: str) -> Any:
    return json.loads(words) if words.startswith("{") else words
