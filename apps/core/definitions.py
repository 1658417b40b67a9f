"""What staff write as plain data (plays, milestones, tips): read strictly, or refused with every flaw at its place."""

import re
from typing import Any, TypeVar

import msgspec

from .errors import Refused

T = TypeVar("T")


class Flaws(Refused):
    """What is wrong with a definition, as (place, words) pairs; places are paths such as steps[2].minutes. Each app says its own `kind`."""

    kind = "definition"

    def __init__(self, flaws: list[tuple[str, str]]) -> None:
        self.flaws = flaws
        super().__init__(f"{self.kind}_flawed", "; ".join(f"{place}: {words}" if place else words for place, words in flaws))


def typed(said: Any, definition: type[T], flaws: type[Flaws]) -> T:
    """Plain data as this type. Raises the app's `flaws`, with the place that msgspec names."""
    try:
        return msgspec.convert(said, definition)
    except (msgspec.ValidationError, ValueError) as error:
        raise flaws([flaw_of(error)]) from error


# What the reader of types says -> what a person reads.
_SAYINGS = (
    (r"Invalid (?:enum )?value '(.*)'", r"“\1” is not one of the possible words."),
    (r"Expected `(?:int|float)` >= ([\d.]+?)(?:\.0)?", r"At least \1."),
    (r"Expected `(?:int|float)` <= ([\d.]+?)(?:\.0)?", r"At most \1."),
    (r"Expected `(?:int|float)` > ([\d.]+?)(?:\.0)?", r"More than \1."),
    (r"Expected `(?:int|float)` < ([\d.]+?)(?:\.0)?", r"Less than \1."),
    (r"Expected `str` of length >= 1", "Write something here."),
    (r"Expected `str` of length <= (\d+)", r"At most \1 letters."),
    (r"Expected `(?:array|object)` of length >= 1", "At least one is needed."),
    (r"Expected `(?:array|object)` of length >= (\d+)", r"At least \1 are needed."),
    (r"Expected `(?:array|object)` of length <= (\d+)", r"At most \1."),
    (r"Expected `str` matching regex '\^\(?\[a-z0-9\].*'", "Lower-case letters, digits, - and _, beginning with a letter or digit."),
    (r"Expected `str` matching regex '\^\[a-z\]\[a-z0-9_\].*'", "Lower-case letters, digits and _, beginning with a letter."),
    (r"Expected `str` matching regex '\^\[a-z\]\{2.*'", "A language, such as en or de."),
    (r"Expected `str` matching regex '\^\(reply\|.*", "reply, goal, task_closed, or activity: and the name of an activity."),
    (r"Expected `str` matching regex '\^\(\[01\].*", "An hour such as 09:00."),
    (r"Expected `str` matching regex '\^\\+d\{4\}.*T.*'", "A day and an hour, such as 2026-03-11T09:00."),
    (r"Expected `str` matching regex '\^https.*'", "An address that begins with https://."),
    (r"Expected `str` matching regex '(.*)'", r"It is not written as it should be: \1"),
    (r"Invalid RFC3339 encoded date", "A day, such as 2026-03-11."),
    (r"Object contains unknown field `(.*)`", r"“\1” is not known here."),
)
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "yes or no",
    "array": "a list",
    "object": "named parts",
    "date": "a day",
}


def flaw_of(error: Exception, within: str = "") -> tuple[str, str]:
    """What msgspec refused as (place, words for a person); `within`: the place of what it was given. What is missing is told at its own place."""
    words, _, inner = str(error).partition(" - at `")
    place = f"{within}{inner[inner.find('$') + 1 :].rstrip('`')}".lstrip(".")
    if missing := re.fullmatch(r"Object missing required field `(.*)`", words):
        return f"{place}.{missing[1]}".lstrip("."), "Choose what kind it is." if missing[1] == "kind" else "This is missing."
    if choice := re.fullmatch(r"Expected `str` matching regex '\^\(([\w|]+)\)\$'", words):
        return place, f"One of {choice[1].replace('|', ', ')}."
    if wanted := re.fullmatch(r"Expected `([^`]*)`, got `\w+`", words):
        kinds = [_TYPES[kind] for kind in wanted[1].split(" | ") if kind in _TYPES]
        return place, f"This needs {' or '.join(kinds)}." if kinds else "This stays empty."
    for pattern, saying in _SAYINGS:
        if found := re.fullmatch(pattern, words, re.S):
            return place, found.expand(saying)
    return place, words
