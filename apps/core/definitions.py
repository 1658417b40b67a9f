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
        words, _, place = str(error).partition(" - at `$")
        raise flaws([in_words(place.rstrip("`").lstrip("."), words)]) from error


# What the reader of types says -> what a person reads.
_SAYINGS = (
    (r"Object missing required field `kind`", "Choose what kind it is."),
    (r"Invalid (?:enum )?value '(.*)'", r"“\1” is not one of the possible words."),
    (r"Expected `(?:int|float)`, got `str`|Expected `(?:int|float).*`, got `(?:null|bool)`", "This needs a number."),
    (r"Expected `int`, got `float`", "This needs a whole number."),
    (r"Expected `(?:int|float)` >= ([\d.]+?)(?:\.0)?", r"At least \1."),
    (r"Expected `(?:int|float)` <= ([\d.]+?)(?:\.0)?", r"At most \1."),
    (r"Expected `(?:int|float)` > ([\d.]+?)(?:\.0)?", r"More than \1."),
    (r"Expected `(?:int|float)` < ([\d.]+?)(?:\.0)?", r"Less than \1."),
    (r"Expected `str` of length >= 1", "Write something here."),
    (r"Expected `str` of length <= (\d+)", r"At most \1 letters."),
    (r"Expected `array` of length >= 1", "At least one is needed."),
    (r"Expected `array` of length >= (\d+)", r"At least \1 are needed."),
    (r"Expected `array` of length <= (\d+)", r"At most \1."),
    (r"Expected `str` matching regex '\^\[a-z0-9\].*'", "Lower-case letters, digits, - and _, at most 40."),
    (r"Expected `str` matching regex '\^\[a-z\]\[a-z0-9_\].*'", "Lower-case letters, digits and _, beginning with a letter."),
    (r"Expected `str` matching regex '\^\(reply\|.*", "reply, goal, task_closed, or activity: and the name of an activity."),
    (r"Expected `str` matching regex '\^\(\[01\].*", "An hour such as 09:00."),
    (r"Expected `str` matching regex '\^\((.*)\)\$'", r"One of \1."),
    (r"Object contains unknown field `(.*)`", r"“\1” is not known here."),
)


def in_words(place: str, words: str) -> tuple[str, str]:
    """A flaw as a person reads it, at the place of what is missing; what is in words already stays."""
    if missing := re.fullmatch(r"Object missing required field `(.*)`", words):
        where = f"{place}.{missing[1]}".lstrip(".")
        return where, "Choose what kind it is." if missing[1] == "kind" else "This is missing."
    for pattern, saying in _SAYINGS:
        if found := re.fullmatch(pattern, words):
            return place, found.expand(saying).replace("|", ", ")
    return place, words
