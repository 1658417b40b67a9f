"""How a mail looks: text and HTML from the same words, and headers that no name can break."""

import re
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from apps.accounts.models import User

from . import languages
from .rendering import breaks_line, one_line


class BadHeader(ValueError):
    """What stands in a header goes on in another line, which a mail server would read as a header of its own."""


def header(what: str, text: str) -> str:
    """The text in one line. A line break in it is somebody's attempt or somebody's mistake: the mail is not written, and says why."""
    if breaks_line(text.strip()):
        raise BadHeader(f"{what} has a line break in it, which could add a header ({text.strip()[:80]!r}). Mend the name at its source.")
    return one_line(text)


def sender(owner: User | None) -> tuple[str, str]:
    """Who it is from: the success manager's name, and the house's address."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return (header("The sender's name", owner.full_name) if owner and owner.full_name else name, address)


def both(subject: str, body: str, *, locale: str, language: str, leave: str, preferences: str = "") -> tuple[str, str]:
    """(text, HTML) of a body in `locale`; the ways out below it are in `language`. Without `preferences` it goes to somebody who is no contact."""
    said = languages.words(language)
    foot = f"{said['no_more']}: {leave}\n{said['preferences']}: {preferences}" if preferences else f"{said['never']}: {leave}"
    text = f"{body}\n\n--\n{foot}\n"
    told = {"subject": subject, "blocks": blocks(body), "leave": leave, "preferences": preferences}
    return text, render_to_string("messages/email.html", {**told, "locale": locale, "language": language, "said": said})


# A number with a link to a page of ours, perhaps with words: "10 (Very likely): https://...".
_CHOICE = re.compile(r"(\d{1,2})(?: \(([^()]{1,60})\))?: (https?://\S+)")


def blocks(body: str) -> list[dict[str, Any]]:
    """Paragraphs of the plain text; one whose lines all begin with "- " is a list, one of numbers that link to pages of ours a row of buttons."""
    found: list[dict[str, Any]] = []
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        lines = [line.strip() for line in paragraph.splitlines()]
        choices = [choice for line in lines if (choice := _CHOICE.fullmatch(line)) and choice[3].startswith(settings.BASE_URL.rstrip("/") + "/")]
        if len(choices) == len(lines) > 1:
            found.append({"choices": [{"number": one[1], "words": one[2] or "", "link": one[3]} for one in choices]})
            continue
        is_list = all(line.startswith("- ") for line in lines)
        found.append({"items": [line[2:] for line in lines]} if is_list else {"lines": lines})
    return found
